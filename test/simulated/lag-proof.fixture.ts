/** For tests: what is promised of time lag, asserted on one world; short worlds at every change, long ones in the long tier. */

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { quantile, table } from "../../bench/table.ts";
import type { LagRow, LagTally } from "./lag-score.fixture.ts";
import { boundsOf, createLagTally, lagRowsOf } from "./lag-score.fixture.ts";
import { START_MS, WAY_MS_MAX, watchLags } from "./lag-watch.fixture.ts";
import { KINDS_OF_TRAFFIC, lagWorld } from "./lag-worlds.fixture.ts";

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;

export interface LagProof {
  readonly seed: number;
  readonly pollEveryMs: number;
  readonly lengthMs: number;
  readonly restartAfterMs?: number;
}

interface Widths {
  /** Of one kind of traffic. Widths, ms, at ages up to six polls. */
  readonly young: number[];
  /** Width over age, of older ones. */
  readonly old: number[];
}

const INSIDE_MIN = 0.995;
const AGE_PER_WIDTH = 6;

/** Asserts all of it, and tells what was counted. */
export function proveLags(context: TestContext, proof: LagProof): void {
  const { pollEveryMs, restartAfterMs } = proof;
  const tally = createLagTally();
  const widths = new Map(KINDS_OF_TRAFFIC.map((kind): [string, Widths] => [kind, { young: [], old: [] }]));
  const look = (row: LagRow): void => {
    tally.take(row);
    assertEstimable(row);
    noteWidth(widths.get(row.kind), row, pollEveryMs);
    if (restartAfterMs !== undefined && row.isRestarted && !row.isReplaced)
      assertNothingRemembered(row, START_MS + restartAfterMs);
  };
  watchLags({ scenario: lagWorld(), ...proof, onLook: (one) => void Array.from(lagRowsOf(one), look) });
  for (const line of reportOf(tally).split("\n")) context.diagnostic(line);
  for (const miss of tally.misses()) context.diagnostic(miss);
  assertInside(tally);
  assertKnown(tally, proof);
  for (const [kind, ofKind] of widths) context.diagnostic(assertNarrow(kind, ofKind, pollEveryMs));
}

function assertInside(tally: LagTally): void {
  assert.deepEqual([...tally.counts.keys()].toSorted(), [...KINDS_OF_TRAFFIC].toSorted(), "every kind was looked at");
  assert.equal(tally.shareOf("WRONG"), 0, `rows are wrong that nothing excuses:\n${tally.misses().join("\n")}`);
  const known = 1 - tally.shareOf("unknown");
  assert.ok(tally.shareOf("inside") / known >= INSIDE_MIN, "the truth lies inside, over all");
  for (const kind of tally.counts.keys()) {
    const inside = tally.shareOf("inside", kind) / (1 - tally.shareOf("unknown", kind));
    assert.ok(inside >= INSIDE_MIN, `the truth lies inside ${inside} of what is known of ${kind}`);
  }
}

/** Bounds that are right because there are none would prove nothing. */
function assertKnown(tally: LagTally, { restartAfterMs }: LagProof): void {
  assert.ok(tally.shareOfBasis("watermarks") > 0.3, "much is waiting, and bracketed");
  assert.ok(tally.shareOfBasis("caught_up") > 0.2, "much is read");
  assert.ok(tally.shareOfBasis("stale") < 0.01, "a leader is away, or has not answered yet");
  assert.ok(tally.shareOfBasis("no-commit") < 0.005, "offsets went with their topic");
  assert.ok(tally.shareOfBasis("unseen") < 0.005, "somebody committed where nobody had before");
  assert.equal(tally.shareOfBasis("warming"), 0);
  assert.ok(tally.shareOfBasis("timestamps") > 0.01, "what is older than all samples is asked for");
  const lowerBoundMax = restartAfterMs === undefined ? 0.02 : 0.05;
  assert.ok(tally.shareOfBasis("lower_bound") < lowerBoundMax, "and until then has a lower bound only");
}

function noteWidth(widths: Widths | undefined, { timeLag, truthMs }: LagRow, pollEveryMs: number): void {
  const bounds = timeLag.kind === "at-least" ? undefined : boundsOf(timeLag);
  if (bounds === undefined) return;
  const widthMs = bounds.upperMs - bounds.lowerMs;
  if (truthMs > AGE_PER_WIDTH * pollEveryMs) widths?.old.push(widthMs / truthMs);
  else widths?.young.push(widthMs);
}

/** A bracket reaches from one question to the next answer: a poll, and the ways there and back, which are short at the median. */
const WAYS_MS_MEDIAN = 50;

function assertNarrow(kind: string, widths: Widths, pollEveryMs: number): string {
  const [young, old] = [quantile(widths.young, 0.5) ?? Number.NaN, quantile(widths.old, 0.5) ?? Number.NaN];
  assert.ok(young <= pollEveryMs + WAYS_MS_MEDIAN, `${kind}: ${young} ms at ages of up to six polls`);
  assert.ok(old * AGE_PER_WIDTH <= 1, `${kind}: ${old} of the age beyond`);
  return `median width of ${kind}: ${young} ms at ages of up to six polls, ${old.toFixed(3)} of the age beyond`;
}

/** While leaders are still being asked, the middle of the whole log is no estimate. */
function assertEstimable({ timeLag }: LagRow): void {
  if (timeLag.kind !== "estimated" || timeLag.method !== "timestamps") return;
  const { lowerMs, upperMs } = timeLag;
  assert.ok(upperMs - lowerMs <= upperMs / 2, `an estimate between ${lowerMs} and ${upperMs} ms`);
}

/** Who begins anew knows of no time before. */
function assertNothingRemembered({ timeLag, recordMs, nowMs }: LagRow, restartMs: number): void {
  const isOlder = nowMs - recordMs < restartMs - WAY_MS_MAX;
  assert.ok(
    !(isOlder && timeLag.kind === "estimated" && timeLag.method === "watermarks"),
    "no sample outlives a restart",
  );
}

const BASES = ["caught_up", "watermarks", "timestamps", "lower_bound", "stale", "no-commit", "unseen"] as const;
const JUDGEMENTS = ["inside", "taken by retention", "another log", "markers only", "WRONG"] as const;

export function reportOf({ counts }: LagTally): string {
  const rows = [...counts].map(([kind, { rows: byBasis, judgements }]) => [
    kind,
    ...BASES.map((basis) => String(byBasis.get(basis) ?? 0)),
    ...JUDGEMENTS.map((judgement) => String(judgements.get(judgement) ?? 0)),
  ]);
  return table(["traffic", ...BASES, ...JUDGEMENTS], rows);
}

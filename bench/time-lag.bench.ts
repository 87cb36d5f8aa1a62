/**
 * # Benchmark: time lag, ours and three classic ways, against the true age of records
 *
 * The worlds of test/simulated/lag-worlds.fixture.ts, polled every 10 s, looked at on ticks and between: what each way says of
 * each group-partition that has something to read. Errors are seconds of the estimate: half of them are below the first, one in
 * a hundred above the second, none above the third. Widths of the bounds are seconds for records that are up to six polls old,
 * and a share of the age of older ones: at the median, and of the widest in a hundred.
 */

import type { LagRow } from "../test/simulated/lag-score.fixture.ts";
import { basisOf, boundsOf, judgementOf, lagRowsOf } from "../test/simulated/lag-score.fixture.ts";
import type { Look, PollLine } from "../test/simulated/lag-watch.fixture.ts";
import { watchLags } from "../test/simulated/lag-watch.fixture.ts";
import { KINDS_OF_TRAFFIC, lagWorld } from "../test/simulated/lag-worlds.fixture.ts";
import { quantile, table } from "./table.ts";
import type { AgeMethod } from "./time-lag/age-method.ts";
import { createLagByRate } from "./time-lag/lag-by-rate.ts";
import { createLineOverLog } from "./time-lag/line-over-log.ts";
import { createLookupTable } from "./time-lag/lookup-table.ts";

const POLL_MS = 10_000;
const LENGTH_MS = Number(process.env["BENCH_MINUTES"] ?? "180") * 60_000;
const SEEDS = [1, 2, 3];
const POLLS_YOUNG = 6;
const MS_PER_SECOND = 1_000;

const CLASSICS: Readonly<Record<string, () => AgeMethod>> = {
  "table, 10 s": () => createLookupTable(POLL_MS),
  "table, 30 s": () => createLookupTable(3 * POLL_MS),
  "lag / rate": createLagByRate,
  "line over log": createLineOverLog,
};

interface Scores {
  rows: number;
  /** With a lower bound at least. */
  known: number;
  inside: number;
  lowerOnly: number;
  /** Widths, ms, at ages of up to six polls; over the age beyond. */
  readonly young: number[];
  readonly old: number[];
  /** By way. */
  readonly errorsMs: Map<string, number[]>;
}

const OURS = "ours";
const ALL = "all";
const scores = new Map<string, Scores>();
for (const seed of SEEDS) score(seed);
const header = ["traffic", "rows", "inside", "lower only", "width, young", "old", OURS, ...Object.keys(CLASSICS)];
const kinds = [...KINDS_OF_TRAFFIC, ALL].flatMap((kind) => [...scores].filter(([name]) => name === kind));
console.log(
  table(
    header,
    kinds.map(([kind, one]) => cellsOf(kind, one)),
  ),
);

function score(seed: number): void {
  const methods = new Map<string, Readonly<Record<string, AgeMethod>>>();
  const methodsOf = (topic: string, partition: number): Readonly<Record<string, AgeMethod>> => {
    const key = `${partition} ${topic}`;
    const known =
      methods.get(key) ?? Object.fromEntries(Object.entries(CLASSICS).map(([name, make]) => [name, make()]));
    methods.set(key, known);
    return known;
  };
  const poll = (line: PollLine, { ledger }: Pick<Look, "ledger">): void => {
    if (!("end" in line)) return;
    const { t: atMs, topic, partition, start: startOffset, end: endOffset } = line;
    const timeOf = (offset: number): number => ledger.appendedAtMs(topic, partition, offset) ?? Number.NaN;
    const sample = { atMs, startOffset, endOffset, oldestMs: timeOf(startOffset), newestMs: timeOf(endOffset - 1) };
    for (const method of Object.values(methodsOf(topic, partition))) method.poll(sample);
  };
  watchLags({
    scenario: lagWorld(),
    seed,
    pollEveryMs: POLL_MS,
    lengthMs: LENGTH_MS,
    onPoll: (lines, look) => {
      for (const line of lines) poll(line, look);
    },
    onLook: (look) => {
      for (const row of lagRowsOf(look)) if (row.truthMs > 0) take(row, methodsOf(row.kind, row.partition));
    },
  });
}

function take(row: LagRow, methods: Readonly<Record<string, AgeMethod>>): void {
  const { timeLag, truthMs, committed, nowMs } = row;
  const bounds = boundsOf(timeLag);
  const estimateMs = timeLag.kind === "estimated" ? timeLag.timeLagMs : timeLag.kind === "caught-up" ? 0 : undefined;
  for (const kind of [row.kind, ALL]) {
    const one: Scores = scores.get(kind) ?? {
      rows: 0,
      known: 0,
      inside: 0,
      lowerOnly: 0,
      young: [],
      old: [],
      errorsMs: new Map(),
    };
    scores.set(kind, one);
    one.rows += 1;
    if (bounds !== undefined) one.known += 1;
    if (judgementOf(row) === "inside") one.inside += 1;
    if (basisOf(timeLag) === "lower_bound") one.lowerOnly += 1;
    else if (bounds !== undefined) noteWidth(one, bounds.upperMs - bounds.lowerMs, truthMs);
    note(one, OURS, { estimateMs, truthMs });
    for (const [name, method] of Object.entries(methods))
      note(one, name, { estimateMs: method.ageMs(committed, nowMs), truthMs });
  }
}

function noteWidth({ young, old }: Scores, widthMs: number, truthMs: number): void {
  if (truthMs <= POLLS_YOUNG * POLL_MS) young.push(widthMs);
  else old.push(widthMs / truthMs);
}

function note(
  { errorsMs }: Scores,
  name: string,
  { estimateMs, truthMs }: { readonly estimateMs: number | undefined; readonly truthMs: number },
): void {
  const errors = errorsMs.get(name) ?? [];
  errorsMs.set(name, errors);
  if (estimateMs !== undefined && Number.isFinite(estimateMs)) errors.push(Math.abs(estimateMs - truthMs));
}

function cellsOf(kind: string, { rows, known, inside, lowerOnly, young, old, errorsMs }: Scores): readonly string[] {
  const share = (count: number, of: number): string => `${((count / of) * 100).toFixed(2)} %`;
  const errors = [...errorsMs.values()].map((all) => errorsIn(all, rows));
  return [kind, String(rows), share(inside, known), share(lowerOnly, rows), ...widthsIn({ young, old }), ...errors];
}

/** At the median; beyond six polls, also of the widest of a hundred. */
function widthsIn({ young, old }: Pick<Scores, "young" | "old">): readonly string[] {
  const [half, most] = [0.5, 0.99].map((share) => (quantile(old, share) ?? Number.NaN).toFixed(2));
  return [secondsOf(quantile(young, 0.5)), `${half} / ${most}`];
}

/** Where one in a hundred or more have no answer, it says how many. */
function errorsIn(errorsMs: readonly number[], rows: number): string {
  const [half, most, worst] = [0.5, 0.99, 1].map((share) => secondsOf(quantile(errorsMs, share)));
  const missing = 1 - errorsMs.length / rows;
  return `${half} / ${most} / ${worst}${missing >= 0.01 ? ` (${(missing * 100).toFixed(0)} % none)` : ""}`;
}

function secondsOf(ms: number | undefined): string {
  if (ms === undefined) return "-";
  const seconds = ms / MS_PER_SECOND;
  return seconds >= 10 ? seconds.toFixed(0) : seconds.toFixed(1);
}

/** Seconds to data loss against the truth: never later than the deletion of the oldest unread record, and not far from it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { quantile } from "../../bench/table.ts";
import type { Cluster } from "../../simulator/cluster/cluster.ts";
import { fault, group, topic } from "../../simulator/scenario/spec.ts";
import type { Said, Watched } from "./loss-watch.fixture.ts";
import { START_MS, watchLosses } from "./loss-watch.fixture.ts";
import { CHECK_MS, KINDS, lossWorld, MINUTE_MS, SEGMENT_MS } from "./loss-worlds.fixture.ts";

const STOPS_MS = [240 * MINUTE_MS, 330 * MINUTE_MS] as const;
const LENGTH_MS = 480 * MINUTE_MS;

interface Judged extends Said {
  readonly lossAtMs: number;
  readonly deletedAtMs: number;
}

/** What was said of records that were unread, and still there. */
function judgedOf({ said, deletedAtMs }: Watched): readonly Judged[] {
  return said.flatMap((one) => {
    if (one.lag === 0 || one.lost > 0 || one.lossSeconds === undefined) return [];
    const truthMs = deletedAtMs(one.topic, one.partition, one.committedOffset);
    if (truthMs === undefined || truthMs <= one.atMs) return [];
    return [{ ...one, deletedAtMs: truthMs, lossAtMs: one.atMs + one.lossSeconds * 1_000 }];
  });
}

const tooLate = ({ lossAtMs, deletedAtMs }: Judged): boolean => lossAtMs > deletedAtMs;
const earlyMs = ({ lossAtMs, deletedAtMs }: Judged): number => deletedAtMs - lossAtMs;

/** Size says nothing of time: where production may be as fast as it was, the bound must be that much earlier. */
const earlyMsMax = (kind: string): number => {
  if (kind.startsWith("time")) return SEGMENT_MS;
  return kind.endsWith("waves") ? 2 * SEGMENT_MS : SEGMENT_MS + CHECK_MS;
};

for (const seed of [1, 2]) {
  test(`groups that stop at random moments: the bound is never too late, and near at the median, seed ${seed}`, (context) => {
    const scenario = lossWorld({ seed, stopsMs: STOPS_MS });
    const watched = watchLosses({ scenario, seed, lengthMs: LENGTH_MS, lookEveryMs: CHECK_MS });
    const settled = watched.said.filter(({ atMs, lag }) => atMs >= START_MS + STOPS_MS[0] && lag > 0);
    assert.deepEqual(
      settled.filter(({ lossSeconds }) => lossSeconds === undefined),
      [],
      "it is known of all",
    );
    const lost = settled.filter((one) => one.lost > 0);
    assert.ok(lost.length > 500 && lost.every(({ lossSeconds }) => lossSeconds === 0), "what is lost is lost now");
    const judged = judgedOf(watched).filter(({ atMs }) => atMs >= START_MS + STOPS_MS[0]);
    assert.deepEqual(judged.filter(tooLate), []);
    for (const kind of KINDS) {
      const early = judged.filter((one) => one.topic === kind).map(earlyMs);
      const medianMs = quantile(early, 0.5) ?? Number.NaN;
      context.diagnostic(`${kind}: ${early.length} bounds, ${Math.round(medianMs / 1_000)} s early at the median`);
      assert.ok(early.length > 100 && medianMs <= earlyMsMax(kind), `${kind}: ${medianMs} ms early at the median`);
    }
    const medianMs = quantile(judged.map(earlyMs), 0.5) ?? Number.NaN;
    assert.ok(medianMs <= SEGMENT_MS, `${medianMs} ms early at the median of all`);
  });
}

const HOUR_MS = 60 * MINUTE_MS;

test("a log of twelve hours under days and nights: what is said at night is not too late by day", () => {
  const groups = Array.from({ length: 8 }, (_, index) => group(`g${index}`, ["t"], 1_000));
  const scenario = {
    cluster: "days",
    brokers: 1,
    offsetsPartitions: 1,
    topics: [
      topic(
        "t",
        2,
        { kind: "diurnal", perSecond: 4, swing: 0.7, periodMs: 24 * HOUR_MS },
        { retention: BY_SIZE_OF_12_H },
      ),
    ],
    groups,
    faults: groups.map(({ group: name }, index) =>
      fault("stop-group", (26 + 5 * index) * HOUR_MS, { group: name, forMs: 1_000 * HOUR_MS }),
    ),
    pastPace: 1,
  };
  const watched = watchLosses({ scenario, seed: 1, lengthMs: 84 * HOUR_MS, lookEveryMs: HOUR_MS });
  // Of a day and a night everything has been seen once.
  const judged = judgedOf(watched).filter(({ atMs }) => atMs - START_MS >= 26 * HOUR_MS);
  assert.ok(judged.length > 300, String(judged.length));
  assert.deepEqual(judged.filter(tooLate), []);
});

/** Of two records a second, of 200 bytes, in the mean. */
const BY_SIZE_OF_12_H = {
  retentionMs: undefined,
  retentionBytes: 12 * 3_600 * 400,
  segmentBytes: 3_600 * 400,
  segmentMs: 1_000 * HOUR_MS,
  recordBytes: 200,
};

const PURGE_EVERY_MS = 10 * MINUTE_MS;
const PURGE_KEEPS = 6_000;

/** Somebody deletes all but the newest records, long before the limit. */
function purge(cluster: Cluster, nowMs: number): void {
  if ((nowMs - START_MS) % PURGE_EVERY_MS !== 0) return;
  const { startOffset = 0, endOffset = 0 } = cluster.partition("t", 0) ?? {};
  if (endOffset - PURGE_KEEPS > startOffset) cluster.advanceStart("t", 0, endOffset - PURGE_KEEPS);
}

test("records that somebody deletes by request: from the second time on the bound is not too late", () => {
  const scenario = {
    cluster: "purged",
    brokers: 1,
    offsetsPartitions: 1,
    topics: [topic("t", 1, { kind: "constant", perSecond: 10 })],
    groups: [group("g", ["t"], 1_000, { delayMs: 5 * MINUTE_MS })],
    faults: [],
    pastPace: 1,
  };
  const options = { scenario, seed: 3, lengthMs: 120 * MINUTE_MS, lookEveryMs: MINUTE_MS, onStep: purge };
  const judged = judgedOf(watchLosses(options));
  const late = judged.filter(tooLate).map(({ atMs }) => atMs - START_MS);
  // It begins when the log holds more than is kept; the second time is seen within a minute.
  const secondMs = PURGE_KEEPS * 100 + 2 * PURGE_EVERY_MS + MINUTE_MS;
  assert.deepEqual(
    late.filter((ms) => ms > secondMs),
    [],
  );
  assert.ok(late.length > 10, "before that nobody can know");
  assert.ok(judged.filter(({ atMs }) => atMs - START_MS > secondMs).length > 50);
});

/** A heartbeat each tick, whose counts add up, and one while the source is away. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../runtime/clock.ts";
import type { SpoolState } from "../spool/state.ts";
import { EMPTY_STATE } from "../spool/state.ts";
import type { StoreStats } from "../spool/store.ts";
import type { HeartbeatOptions } from "./heartbeat.ts";
import { createHeartbeat } from "./heartbeat.ts";

const AT_MS = 1_700_000_000_000;
const ACCOUNT = {
  seq: 4,
  point: 70,
  startPoint: 10,
  stored: 20,
  duplicate: 9,
  filtered: 8,
  rejected: 11,
  dropped: 5,
  quarantined: 7,
  droppedBy: { bytes: 5, age: 0, disk: 0 },
};
const STATE: SpoolState = {
  ...EMPTY_STATE,
  pointsIn: 100,
  ticksGone: 2,
  pointsTooLarge: 1,
  rowsDamaged: 3,
  sinks: [["es", ACCOUNT]],
};
const STATS: StoreStats = {
  health: { kind: "ok" },
  usedBytes: 1,
  fileBytes: 4_096,
  appends: { count: 1, ms: 2 },
  roomBytes: undefined,
  oldestMs: AT_MS - 60_000,
  state: STATE,
  deadLetters: new Map([["es", { letters: 6, bytes: 1, oldestMs: 0, overCap: 2, expired: 1, taken: 2 }]]),
};
const SINK = { condition: "held", why: "x", attempts: { written: 1, split: 2, kept: 3, held: 4 } } as const;
const PULLED = { ticks: 12, eventsDropped: 4 };

function heartbeatAt(nowMs: number, rest: Partial<HeartbeatOptions> = {}) {
  const clock: Clock = { nowMs: () => nowMs, monotonicMs: () => 0 };
  return createHeartbeat({
    instance: "i",
    clock,
    spool: { stats: async () => STATS },
    sinks: () => new Map([["es", SINK]]),
    isSourceUp: () => true,
    collector: () => undefined,
    ...rest,
  });
}

test("a tick brings a point of the source, whose sink is empty, and one of each sink", async () => {
  const collector = () => ({ skipped: 5, lastMs: 250 });
  const beat = await heartbeatAt(AT_MS + 1_500, { collector }).look(PULLED);
  const [source, sink, ...more] = beat({ atMs: AT_MS, groups: 40 });
  assert.equal(more.length, 0);
  assert.deepEqual(source, {
    kind: "self",
    atMs: AT_MS,
    dimensions: { instance: "i", sink: "" },
    fields: {
      source_up: 1,
      groups: 40,
      lateness_seconds: 1.5,
      ticks: 12,
      events_dropped: 4,
      uptime_seconds: 0,
      ticks_skipped: 5,
      tick_seconds: 0.25,
      ticks_gone: 2,
      points_too_large: 1,
      spool_rows_damaged: 3,
      spool_bytes: 4_096,
      spool_oldest_age_seconds: 61.5,
    },
  });
  assert.deepEqual(sink?.dimensions, { instance: "i", sink: "es" });
  assert.deepEqual(
    [sink?.fields.sink_state, sink?.fields.answers_held, sink?.fields.dead_letters, sink?.fields.dead_letters_dropped],
    ["held", 4, 6, 3],
  );
});

test("what came in is what became of it, and what waits", async () => {
  const [, sink] = (await heartbeatAt(AT_MS).look(PULLED))({ atMs: AT_MS, groups: 0 });
  const { points_in: pointsIn, ...fields } = sink?.fields ?? {};
  const parts = Object.entries(fields).flatMap(([name, value]) => (name.startsWith("points_") ? [Number(value)] : []));
  assert.equal(parts.length, 7);
  assert.equal(
    parts.reduce((sum, part) => sum + part),
    pointsIn,
  );
});

test("a spool that cannot be opened is no end of heartbeats", async () => {
  const stats = async (): Promise<StoreStats> => ({ ...STATS, state: undefined, oldestMs: undefined });
  const points = (await heartbeatAt(AT_MS, { spool: { stats } }).look(PULLED))({ atMs: AT_MS, groups: 3 });
  assert.deepEqual(
    points.map(({ fields }) => [fields.groups, fields.points_in, fields.sink_state]),
    [
      [3, undefined, undefined],
      [undefined, undefined, "held"],
    ],
  );
});

test("a source that is up and has no tick yet is no silence", async () => {
  assert.deepEqual(await heartbeatAt(AT_MS).silence(PULLED), []);
});

test("while the source is away there is one heartbeat in ten seconds, and none for the ticks of that time", async () => {
  const heartbeat = heartbeatAt(AT_MS + 4_000, { isSourceUp: () => false });
  const [source, sink] = await heartbeat.silence(PULLED);
  assert.deepEqual([source?.atMs, source?.fields.source_up, sink?.dimensions.sink], [AT_MS, 0, "es"]);
  assert.deepEqual(await heartbeat.silence(PULLED), []);
  const beat = await heartbeat.look(PULLED);
  assert.deepEqual(beat({ atMs: AT_MS, groups: 1 }), []);
  assert.equal(beat({ atMs: AT_MS + 10_000, groups: 1 }).length, 2);
});

/** What a replayed trace tells a recorder is the trace again, for the kinds that both know. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readLine } from "./read-line.ts";
import { recordedState } from "./recording.fixture.ts";
import { GRID_MS } from "./trace.fixture.ts";
import { createTraceSource } from "./trace-source.ts";

const LOGS = 3;
const PARTITIONS = 3;

const topic = fc.constantFrom("t", "u 🌊", '"\\');
const group = fc.constantFrom("g", "h\n", "");
const where = fc.record({ topic, partition: fc.nat(PARTITIONS - 1) });
const key = fc.record({ group, topic, partition: fc.nat(PARTITIONS - 1) });
const reason = fc.constantFrom("no-leader", "broker-unreachable", "error", "unauthorised");
/** By topic, as a member's assignment is kept. */
const owned = fc
  .array(fc.tuple(topic, fc.nat(2)))
  .map((pairs) => pairs.toSorted(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0)));
const members = fc.array(fc.record({ id: fc.string(), client: fc.string(), host: fc.string(), partitions: owned }), {
  maxLength: 2,
});

/** A line but for its `t`; `unique` numbers make it say something new. */
const step = fc.oneof(
  fc.record({ kind: fc.constant("watermark" as const), where, end: fc.nat(100), start: fc.nat(50) }),
  fc.record({ kind: fc.constant("no-answer" as const), where, reason }),
  fc.record({ kind: fc.constant("commit" as const), key, commit: fc.integer({ min: -2, max: 100 }) }),
  fc.record({ kind: fc.constant("tombstone" as const), key }),
  fc.record({
    kind: fc.constant("offsets" as const),
    group,
    offsets: fc.array(fc.tuple(topic, fc.nat(2), fc.nat(99))),
  }),
  fc.record({ kind: fc.constant("members" as const), group, members }),
  fc.record({ kind: fc.constant("listed" as const), group }),
  fc.record({ kind: fc.constant("dead" as const), group }),
  fc.record({ kind: fc.constant("group-tombstone" as const), group }),
  fc.record({ kind: fc.constant("topic" as const), partitions: fc.integer({ min: 0, max: 2 }) }),
  fc.record({ kind: fc.constant("log" as const), log: fc.nat(LOGS - 1), reason }),
);
type Step = typeof step extends fc.Arbitrary<infer Value> ? Value : never;

/** Lines in which something changes, as a recorder writes them. */
function createWriter() {
  const known = new Set<string>();
  const away = new Map<number, string>();
  let grown = PARTITIONS;
  let madeAgain = 0;
  return (one: Step, t: number, unique: number): readonly object[] => {
    switch (one.kind) {
      case "watermark":
        return [{ t, ...one.where, end: one.end, start: one.start }];
      case "no-answer":
        return [{ t, ...one.where, unavailable: one.reason }];
      case "commit":
        return [{ t, ...one.key, commit: one.commit, at: t - 5, order: unique }];
      case "tombstone":
        return [{ t, ...one.key, commit: null, order: unique }];
      case "offsets":
        return [{ t, group: one.group, offsets: one.offsets }];
      case "members": {
        known.add(`m${one.group}`);
        const facts = { state: "Stable", type: "classic", generation: unique };
        return [{ t, group: `m${one.group}`, ...facts, members: one.members }];
      }
      case "listed":
        known.add(`l${one.group}`);
        return [{ t, group: `l${one.group}`, state: `state ${unique}`, type: "classic", protocol: "connect" }];
      case "dead":
        // Where a coordinator may be away, a group that is not listed is not gone.
        if (away.size > 0) return [];
        return [...known]
          .filter((name) => name.endsWith(one.group) && known.delete(name))
          .slice(0, 1)
          .map((name) => {
            return { t, group: name, state: "Dead" };
          });
      case "group-tombstone":
        return [{ t, group: `m${one.group}`, state: null, order: unique }];
      case "topic":
        if (one.partitions === 2) return [{ t, topic: "t", id: `id ${madeAgain}`, partitions: ++grown }];
        if (one.partitions === 1) {
          grown = PARTITIONS;
          return [{ t, topic: "t", id: `id ${++madeAgain}`, partitions: PARTITIONS }];
        }
        return [
          { t, topic: "gone", id: "x", partitions: 1 },
          { t: t + 1, topic: "gone", partitions: 0 },
        ];
      case "log": {
        const isAway = away.get(one.log) === one.reason;
        if (isAway) away.delete(one.log);
        else away.set(one.log, one.reason);
        return [{ t, log: one.log, ...(isAway ? {} : { unavailable: one.reason }) }];
      }
    }
  };
}

function traceOf(steps: readonly Step[]): readonly object[] {
  const topics = ["t", "u 🌊", '"\\'].map((name, i) => ({
    t: GRID_MS + i,
    topic: name,
    id: name === "t" ? "id 0" : "",
    partitions: PARTITIONS,
  }));
  const write = createWriter();
  return [...topics, ...steps.flatMap((one, i) => write(one, GRID_MS + 10 * (i + 1), i + 1))];
}

test("recorded while it is replayed, a trace is itself", () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
      const trace: readonly object[] = JSON.parse(JSON.stringify(traceOf(steps)));
      const { recorder, clock, lines } = recordedState({ watermarksEveryMs: 1 });
      const source = createTraceSource({ observer: recorder.observer, logPartitions: LOGS });
      assert.ok(recorder.isReady());
      recorder.beginFile();
      assert.equal(recorder.advance(1e6), false);
      for (const line of trace) {
        const read = readLine(line);
        assert.ok(read.kind === "line" && "t" in read.line.line, JSON.stringify(line));
        if (read.line.line.t > clock.nowMs) source.flush();
        clock.nowMs = read.line.line.t;
        source.take(read.line);
      }
      source.flush();
      const [header, ...rest] = lines();
      assert.deepEqual(header, { trace: 1, cluster: "c", interval_ms: 10_000, log_partitions: LOGS });
      assert.deepEqual(rest, trace);
    }),
    { numRuns: 300 },
  );
});

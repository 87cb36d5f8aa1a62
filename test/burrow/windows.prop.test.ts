/** Whatever becomes of a window in Burrow between two rounds, ours is the same after the next one. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createToldWindows } from "../../collector/burrow/told-windows.ts";
import { fetchConsumer } from "../../collector/window/burrow-reads.ts";
import { BURROW_STORE_DEFAULTS } from "../../collector/window/burrow-store.ts";
import { type ClusterState, createClusterState } from "../../collector/window/cluster-state.ts";

const BEGAN_MS = 1_795_188_000_000;
const TOPIC = "t";
const END = 1_000;
const PARTITIONS = 2;

function stateWith(minDistanceMs: number): ClusterState {
  const burrow = { ...BURROW_STORE_DEFAULTS, minDistanceMs };
  const state = createClusterState({ cluster: "c", burrow, nowS: () => Math.floor(BEGAN_MS / 1_000) });
  state.observe({ kind: "topics", topics: [{ topic: TOPIC, topicId: undefined, partitions: PARTITIONS }] });
  state.observe({
    kind: "watermarks",
    which: "end",
    atMs: BEGAN_MS,
    answeredAtMs: BEGAN_MS,
    topics: [TOPIC],
    topicIndex: Int32Array.of(0, 0),
    partitions: Int32Array.of(0, 1),
    offsets: Float64Array.of(END, END),
    unavailable: new Map(),
  });
  state.observe({
    kind: "log-progress",
    logPartition: 0,
    logPartitions: 1,
    baselineOrder: 0,
    replayed: true,
    backfilled: true,
    progress: 1,
    atMs: BEGAN_MS,
  });
  return state;
}

/** As Burrow tells it: without the orders, which it tells nobody. */
function toldBy(state: ClusterState) {
  const topics = fetchConsumer(state.burrow, "g", Math.floor(BEGAN_MS / 1_000)) ?? [];
  return new Map(
    topics.map(({ topic, partitions }) => [
      topic,
      partitions.map(({ offsets, owner, clientId, currentLag }) => ({
        cells: offsets.length,
        commits: offsets.flatMap((cell) =>
          cell === undefined
            ? []
            : [
                {
                  committedOffset: cell.offset,
                  committedAtMs: cell.timestampMs,
                  observedAtMs: cell.observedAtMs,
                  lag: cell.lag,
                },
              ],
        ),
        owner,
        clientId,
        currentLag,
      })),
    ]),
  );
}

const commits = fc.array(
  fc.record({
    partition: fc.nat({ max: PARTITIONS - 1 }),
    offset: fc.nat({ max: END }),
    /** Some come late, and stand before others. */
    order: fc.nat({ max: 60 }),
    sinceMs: fc.nat({ max: 3_000 }),
  }),
  { maxLength: 12 },
);

test("windows are the same after each round, and the newest commit is the present", () => {
  fc.assert(
    fc.property(fc.array(commits, { maxLength: 8 }), fc.constantFrom(0, 1_000), (rounds, minDistanceMs) => {
      const [theirs, ours] = [stateWith(minDistanceMs), stateWith(0)];
      const windows = createToldWindows({ observer: ours });
      let atMs = BEGAN_MS;
      for (const [round, made] of rounds.entries()) {
        for (const { partition, offset, order, sinceMs } of made) {
          atMs += sinceMs;
          // Behind all of the rounds before, late ones within a round.
          theirs.commit(
            theirs.handleOf("g", TOPIC, partition),
            offset,
            atMs,
            round * 100 + order,
            0,
            round * 100 + order,
          );
        }
        const told = toldBy(theirs);
        if (told.size === 0) continue;
        windows.take("g", told, { nowMs: BEGAN_MS + round * 10_000, topics: new Set([TOPIC]) });
        const again = toldBy(ours);
        for (const partition of Array.from({ length: PARTITIONS }).keys()) {
          const [want, is] = [
            told.get(TOPIC)?.[partition]?.commits ?? [],
            again.get(TOPIC)?.[partition]?.commits ?? [],
          ];
          const newestMs = is.at(-1)?.committedAtMs ?? 0;
          // A window whose newest commit is older than the one that is known is left aside for a while.
          if ((want.at(-1)?.committedAtMs ?? 0) < newestMs) continue;
          assert.deepEqual(is, want);
          const slot = ours.findHandle("g", TOPIC, partition) ?? -1;
          if (want.length > 0) assert.equal(ours.offsets.committedOffset.get(slot), want.at(-1)?.committedOffset);
        }
      }
    }),
    { numRuns: 300 },
  );
});

/**
 * # Bench: commits into windows, and what a window costs
 *
 * 200,000 group-partitions (5,000 groups of 40 partitions, 10,000 topic partitions), windows of 10. Memory is heap plus
 * array buffers after a full collection, before and after everything is made and every window is full; it needs
 * `--expose-gc`.
 */

import { commit, createBurrowStore, setBrokerOffset } from "./burrow-store.ts";
import { createGroupPartitions } from "./group-partitions.ts";
import { createTopicPartitions } from "./topic-partitions.ts";

const GROUPS = 5_000;
const PARTITIONS_PER_GROUP = 40;
const TOPICS = 250;
const NOW_S = 1_700_000_000;

function bytesInUse(): number {
  globalThis.gc?.();
  globalThis.gc?.();
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
}

/** A store where each group commits all partitions of one topic. */
function populate() {
  const table = createGroupPartitions(createTopicPartitions());
  const store = createBurrowStore(table);
  for (let topic = 0; topic < TOPICS; topic++)
    for (let partition = 0; partition < PARTITIONS_PER_GROUP; partition++)
      for (let sample = 0; sample < 10; sample++)
        setBrokerOffset(store, {
          topic: `topic-of-some-length-${topic}`,
          partition,
          partitions: PARTITIONS_PER_GROUP,
          offset: 1_000_000 + sample,
        });
  const bytesBefore = bytesInUse();
  const slots = new Int32Array(GROUPS * PARTITIONS_PER_GROUP);
  for (let group = 0; group < GROUPS; group++)
    for (let partition = 0; partition < PARTITIONS_PER_GROUP; partition++)
      slots[group * PARTITIONS_PER_GROUP + partition] = table.hold(
        { group: `group-of-some-length-${group}`, topic: `topic-of-some-length-${group % TOPICS}`, partition },
        "live",
      );
  return { store, slots, bytesBefore };
}

/** One commit for each slot, in the order of `slots`; ms it took. */
function commitRound(store: ReturnType<typeof createBurrowStore>, slots: Int32Array, round: number): number {
  const startMs = performance.now();
  for (let i = 0; i < slots.length; i++)
    commit(store, slots[i] as number, 900_000 + round * 10, round * 1_000_000 + i, (NOW_S + round) * 1000 + 7, NOW_S);
  return performance.now() - startMs;
}

/** The slots in a fixed disorder, `together` neighbours kept together: a group commits its partitions in one batch. */
function disordered(slots: Int32Array, together: number): Int32Array {
  const blocks = Array.from({ length: slots.length / together }, (_, i) => i);
  let state = 12_345;
  for (let i = blocks.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    const j = state % (i + 1);
    [blocks[i], blocks[j]] = [blocks[j] ?? 0, blocks[i] ?? 0];
  }
  return Int32Array.from(slots, (_, i) => {
    const block = blocks[Math.floor(i / together)] ?? 0;
    return slots[block * together + (i % together)] ?? 0;
  });
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

const { store, slots, bytesBefore } = populate();
const bytesWithoutRings = bytesInUse() - bytesBefore;
for (let round = 0; round < 12; round++) commitRound(store, slots, round);
const bytesFull = bytesInUse() - bytesBefore;
let rounds = 12;
const medianMs = (order: Int32Array): number =>
  median(Array.from({ length: 21 }, () => commitRound(store, order, rounds++)));
const inOrderMs = medianMs(slots);
const groupsMixedMs = medianMs(disordered(slots, PARTITIONS_PER_GROUP));
const allMixedMs = medianMs(disordered(slots, 1));

const perSecond = (ms: number): string => `${(slots.length / ms / 1000).toFixed(1)} M/s`;
const perSlot = (bytes: number): string =>
  globalThis.gc === undefined ? "needs --expose-gc" : `${Math.round(bytes / slots.length)} B`;
console.table({
  "commits into full windows, group after group": { figure: perSecond(inOrderMs) },
  "commits into full windows, groups in disorder": { figure: perSecond(groupsMixedMs) },
  "commits into full windows, partitions in disorder": { figure: perSecond(allMixedMs) },
  "bytes per group-partition, 10 commits each": { figure: perSlot(bytesFull) },
  "bytes per group-partition, no commit yet": { figure: perSlot(bytesWithoutRings) },
});

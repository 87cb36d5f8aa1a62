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

/** A fixed permutation, so that neighbouring commits are of different groups, as in a real log. */
function shuffled(slots: Int32Array): Int32Array {
  const mixed = slots.slice();
  let state = 12_345;
  for (let i = mixed.length - 1; i > 0; i--) {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    const j = state % (i + 1);
    [mixed[i], mixed[j]] = [mixed[j] as number, mixed[i] as number];
  }
  return mixed;
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

const { store, slots, bytesBefore } = populate();
const bytesWithoutRings = bytesInUse() - bytesBefore;
const inOrder: number[] = [];
const mixed: number[] = [];
const mixedSlots = shuffled(slots);
for (let round = 0; round < 12; round++) commitRound(store, slots, round);
const bytesFull = bytesInUse() - bytesBefore - mixedSlots.byteLength;
for (let round = 12; round < 33; round++) inOrder.push(commitRound(store, slots, round));
for (let round = 33; round < 54; round++) mixed.push(commitRound(store, mixedSlots, round));

const perSecond = (ms: number): string => `${(slots.length / ms / 1000).toFixed(1)} M/s`;
const perSlot = (bytes: number): string =>
  globalThis.gc === undefined ? "needs --expose-gc" : `${Math.round(bytes / slots.length)} B`;
console.table({
  "commits into existing windows, group by group": { figure: perSecond(median(inOrder)) },
  "commits into existing windows, groups mixed": { figure: perSecond(median(mixed)) },
  "bytes per group-partition, 10 commits each": { figure: perSlot(bytesFull) },
  "bytes per group-partition, no commit yet": { figure: perSlot(bytesWithoutRings) },
});

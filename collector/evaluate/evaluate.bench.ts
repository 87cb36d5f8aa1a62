/**
 * # Bench: judging 100,000 group-partitions by the strict rules
 *
 * 2,500 groups of 40 partitions, full windows of 10. Nine of ten partitions are caught up; of the others a quarter each
 * is silent with lag, commits the same offset, went back, or falls behind. The median of 20 rounds over all groups, each
 * with the code of every partition written down.
 */

import { groupIds } from "../window/burrow-reads.ts";
import { type BurrowStore, commit, createBurrowStore, setBrokerOffset } from "../window/burrow-store.ts";
import { createUint8Column } from "../window/column.ts";
import { createGroupPartitions } from "../window/group-partitions.ts";
import { createTopicPartitions } from "../window/topic-partitions.ts";
import { createBurrowJudge } from "./burrow.ts";
import { judgeGroup } from "./burrow-group.ts";

const GROUPS = 2_500;
const PARTITIONS_PER_GROUP = 40;
const ROUNDS = 20;
const NOW_S = 1_700_000_000;
const END = 1_000_000;

/** Offset and age (s) of commit `i` of ten, by the tenth of the population a partition belongs to. */
function commitOf(kind: number, i: number): readonly [offset: number, ageS: number] {
  const ageS = (9 - i) * 10;
  switch (kind) {
    case 0:
      return [END - 1_000 + i, ageS + 1_000]; // silent
    case 10:
      return [END - 500, ageS]; // the same offset
    case 20:
      return [i < 8 ? END - 100 + i : END - 400, ageS]; // went back
    case 30:
      return [END - 10_000 + i, ageS]; // falls behind
    default:
      return [kind % 10 === 0 ? END - 10_000 + i : END - 9 + i, ageS];
  }
}

function populate(): BurrowStore {
  const table = createGroupPartitions(createTopicPartitions());
  const store = createBurrowStore(table);
  for (let topic = 0; topic < 250; topic++)
    for (let partition = 0; partition < PARTITIONS_PER_GROUP; partition++)
      for (let sample = 0; sample < 10; sample++)
        setBrokerOffset(store, {
          topic: `topic-${topic}`,
          partition,
          partitions: PARTITIONS_PER_GROUP,
          offset: END,
        });
  let order = 0;
  for (let i = 0; i < 10; i++)
    for (let group = 0; group < GROUPS; group++)
      for (let partition = 0; partition < PARTITIONS_PER_GROUP; partition++) {
        const slot = table.hold({ group: `group-${group}`, topic: `topic-${group % 250}`, partition }, "live");
        const [offset, ageS] = commitOf((group * PARTITIONS_PER_GROUP + partition) % 40, i);
        commit(store, slot, offset, order++, (NOW_S - ageS) * 1000, NOW_S - ageS);
      }
  return store;
}

const store = populate();
const judge = createBurrowJudge(store);
const codes = createUint8Column();
const roundsMs: number[] = [];
let bad = 0;
for (let round = -5; round < ROUNDS; round++) {
  const startMs = performance.now();
  bad = 0;
  for (const groupId of groupIds(store)) bad += judgeGroup(judge, groupId, { nowS: NOW_S, codes }).partitionsBad;
  if (round >= 0) roundsMs.push(performance.now() - startMs);
}
const sorted = roundsMs.toSorted((a, b) => a - b);
console.table({
  "group-partitions": { figure: `${GROUPS * PARTITIONS_PER_GROUP}` },
  "of them not OK": { figure: `${bad}` },
  "judged in, median of 20": { figure: `${sorted[ROUNDS / 2]?.toFixed(1)} ms` },
  "judged in, slowest of 20": { figure: `${sorted[ROUNDS - 1]?.toFixed(1)} ms` },
});

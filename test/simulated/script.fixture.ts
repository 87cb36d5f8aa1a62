/**
 * # Scripts of changes for a simulated cluster
 *
 * Arbitrary ones, made legal as they run: a change that the cluster would refuse is left out.
 */

import fc from "fast-check";
import { AT_MS, createTestCluster, memberOf } from "../../simulator/cluster/cluster.fixture.ts";
import { type BrokerVersion, type Cluster, type MemberSpec, OFFSETS_TOPIC } from "../../simulator/cluster/cluster.ts";

export const LOG_PARTITIONS = 2;
const PARTITIONS = 3;
export const GROUPS = ["alpha", "größe 💶", "", "g/%"] as const;
export const TOPICS = ["orders", "straße"] as const;

export type Step =
  | { readonly kind: "commit"; readonly group: string; readonly producer: number; readonly offsets: readonly Offset[] }
  | { readonly kind: "end"; readonly producer: number; readonly outcome: "commit" | "abort" }
  | { readonly kind: "delete-offsets"; readonly group: string; readonly partitions: readonly Place[] }
  | { readonly kind: "recreate"; readonly topic: string }
  | {
      readonly kind: "rebalanced";
      readonly group: string;
      readonly type: "classic" | "consumer";
      readonly members: readonly Member[];
    }
  | { readonly kind: "delete-group"; readonly group: string }
  | {
      readonly kind: "compact";
      readonly share: number;
      readonly retainEmpty: boolean;
      readonly dropTombstones: boolean;
    }
  | { readonly kind: "move-leader"; readonly partition: number };
type Place = { readonly topic: string; readonly partition: number };
type Offset = Place & { readonly committedOffset: number };
type Member = {
  readonly id: string;
  readonly topic: string;
  readonly partitions: readonly number[];
  readonly isStatic: boolean;
};

const group = fc.constantFrom(...GROUPS);
const topic = fc.constantFrom(...TOPICS);
const partition = fc.nat(PARTITIONS - 1);
const committedOffset = fc.oneof(fc.integer({ min: -2, max: 9 }), fc.maxSafeNat());
/** Producer 0 writes outside of transactions. */
const producer = fc.nat(2);
const member = fc.record({
  id: fc.constantFrom("m-1", "m-2", "m-3"),
  topic,
  partitions: fc.uniqueArray(partition),
  isStatic: fc.boolean(),
});

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant("commit" as const),
      group,
      producer,
      offsets: fc.array(fc.record({ topic, partition, committedOffset }), { maxLength: 5 }),
    }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant("end" as const),
      producer: fc.integer({ min: 1, max: 2 }),
      outcome: fc.constantFrom("commit" as const, "abort" as const),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("delete-offsets" as const),
      group,
      partitions: fc.array(fc.record({ topic, partition }), { maxLength: 3 }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("recreate" as const), topic }) },
  {
    weight: 4,
    arbitrary: fc.record({
      kind: fc.constant("rebalanced" as const),
      group,
      type: fc.constantFrom("classic" as const, "consumer" as const),
      members: fc.uniqueArray(member, { maxLength: 3, selector: ({ id }) => id }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant("delete-group" as const), group }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant("compact" as const),
      share: fc.nat(100).map((percent) => percent / 100),
      retainEmpty: fc.boolean(),
      dropTombstones: fc.boolean(),
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant("move-leader" as const), partition: fc.nat(LOG_PARTITIONS - 1) }),
  },
);

function specOf({ id, topic: of, partitions, isStatic }: Member): MemberSpec {
  return { ...memberOf(id, of, partitions), instanceId: isStatic ? `static-${id}` : undefined };
}

/** `open` are the producers with an open transaction. */
function apply(cluster: Cluster, one: Step, context: { readonly atMs: number; readonly open: Set<number> }): void {
  const { atMs, open } = context;
  switch (one.kind) {
    case "commit": {
      const transaction = one.producer === 0 ? {} : { producerId: one.producer };
      cluster.commit({ group: one.group, offsets: one.offsets, atMs, ...transaction });
      if (one.producer > 0 && one.offsets.length > 0) open.add(one.producer);
      return;
    }
    case "end":
      if (open.delete(one.producer)) cluster.endOffsetsTransaction(one.producer, one.outcome, atMs);
      return;
    case "delete-offsets":
      if (cluster.group(one.group) !== undefined) cluster.deleteOffsets(one.group, one.partitions, atMs);
      return;
    case "recreate":
      cluster.deleteTopic(one.topic, atMs);
      cluster.createTopic({ topic: one.topic, partitions: PARTITIONS }, atMs);
      return;
    case "rebalanced": {
      const type = cluster.version === "2.8" ? "classic" : one.type;
      cluster.rebalanced(one.group, { type, members: one.members.map(specOf) }, atMs);
      return;
    }
    case "delete-group":
      if (cluster.group(one.group)?.members.length === 0) cluster.deleteGroup(one.group, atMs);
      return;
    case "compact":
      for (let of = 0; of < LOG_PARTITIONS; of++) {
        const beforeOffset = Math.ceil(one.share * (cluster.partition(OFFSETS_TOPIC, of)?.endOffset ?? 0));
        const tombstones = one.dropTombstones ? { tombstonesBeforeMs: atMs } : {};
        cluster.compactLog(of, { beforeOffset, retainEmpty: one.retainEmpty, ...tombstones });
      }
      return;
    case "move-leader":
      cluster.moveLeader(OFFSETS_TOPIC, one.partition, 1);
  }
}

export const version = fc.constantFrom<BrokerVersion>("2.8", "3.9", "4.1");
export const script = fc.array(step, { maxLength: 50, size: "max" });
export const bytesMax = fc.integer({ min: 1, max: 3_000 });

/** `after` sees the cluster behind each step. */
export function runScript(
  steps: readonly Step[],
  options: { readonly version: BrokerVersion; readonly segmentBytes: number },
  after: (cluster: Cluster) => void,
): Cluster {
  const cluster = createTestCluster({ ...options, offsetsPartitions: LOG_PARTITIONS });
  const context = { atMs: AT_MS, open: new Set<number>() };
  for (const name of TOPICS) cluster.createTopic({ topic: name, partitions: PARTITIONS }, AT_MS);
  for (const one of steps) {
    apply(cluster, one, context);
    context.atMs += 1_000;
    after(cluster);
  }
  return cluster;
}

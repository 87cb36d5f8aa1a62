/**
 * # Ours against the oracle's, as a list of differences
 *
 * The oracle is ConsumerGroupCommand at rest. Three rules translate: where it prints `-` ours is absent; below the log start our
 * `lag` plus `lost_records` is its LAG; a partition that a group never committed to and nobody owns is in no oracle row.
 * An empty list means equal; an entry is a sentence for a failing test.
 */

import type { GroupEvaluation, PartitionEvaluation } from "../../collector/model/evaluation.ts";
import type { DescribedPartition, DescribedState } from "./kafka/describe.ts";

export interface Oracle {
  readonly rows: readonly DescribedPartition[];
  readonly states: readonly DescribedState[];
}

type Groups = readonly GroupEvaluation[];

const keyOf = (group: string, topic: string, partition: number) => `${group} ${topic}/${partition}`;

export function differences(served: Groups, oracle: Oracle): readonly string[] {
  return [...rowDifferences(served, oracle.rows), ...stateDifferences(served, oracle.states)];
}

function rowDifferences(served: Groups, rows: readonly DescribedPartition[]): readonly string[] {
  const ours = partitionsByKey(served);
  const missing = rows.flatMap((row) => {
    const key = keyOf(row.group, row.topic, row.partition);
    const own = ours.get(key);
    return own === undefined ? [`${key} is not served`] : fieldDifferences(key, own, row);
  });
  const known = new Set(rows.map((row) => keyOf(row.group, row.topic, row.partition)));
  const surplus = [...ours].flatMap(([key, own]) =>
    own.committed_offset === undefined || known.has(key) ? [] : [`${key} is served, but the oracle has no such row`],
  );
  return [...missing, ...surplus];
}

function partitionsByKey(served: Groups): ReadonlyMap<string, PartitionEvaluation> {
  return new Map(
    served.flatMap(({ group, partitions }) =>
      partitions.map((own) => [keyOf(group, own.topic, own.partition), own] as const),
    ),
  );
}

function fieldDifferences(key: string, own: PartitionEvaluation, row: DescribedPartition): readonly string[] {
  const pairs = [
    ["committed_offset", own.committed_offset, row.currentOffset],
    ["end_offset", own.end_offset, row.logEndOffset],
    ["lag", burrowLagOf(own), row.lag],
    ["owner", own.owner, row.host],
    ["client_id", own.client_id, row.clientId],
  ] as const;
  return pairs.flatMap(([name, is, want]) =>
    is === want ? [] : [`${key}: ${name} is ${is}, the oracle says ${want}`],
  );
}

/** Lag as Kafka's tool and Burrow count it: records that retention deleted are in it. */
export function burrowLagOf(own: PartitionEvaluation): number | undefined {
  return own.lag === undefined ? undefined : own.lag + (own.lost_records ?? 0);
}

function stateDifferences(served: Groups, states: readonly DescribedState[]): readonly string[] {
  return served.flatMap(({ group, state, members }) => {
    const want = states.find((one) => one.group === group);
    if (want === undefined) return [`${group} is served, but the oracle has no such group`];
    if (state !== want.state) return [`${group}: state is ${state}, the oracle says ${want.state}`];
    return (members ?? 0) === want.members ? [] : [`${group}: members is ${members}, the oracle says ${want.members}`];
  });
}

/** Numbers that are not what they have to be; an absent number is silent here, and that is what "no wrong number" means. */
export function wrongNumbers(served: Groups, rows: readonly DescribedPartition[]): readonly string[] {
  const want = new Map(rows.map((row) => [keyOf(row.group, row.topic, row.partition), row]));
  return [...partitionsByKey(served)].flatMap(([key, own]) => {
    const row = want.get(key);
    const pairs = [
      ["committed_offset", own.committed_offset, row?.currentOffset],
      ["lag", burrowLagOf(own), row?.lag],
    ] as const;
    return pairs.flatMap(([name, is, true_]) =>
      is === undefined || is === true_ ? [] : [`${key}: ${name} ${is} was served; true is ${true_}`],
    );
  });
}

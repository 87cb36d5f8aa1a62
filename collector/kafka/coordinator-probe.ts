/**
 * # Has a coordinator loaded its groups?
 *
 * A broker that has just become the leader of a partition of the offsets topic reads it before it knows its groups. Until
 * then a listing may leave them out without an error, and so may an empty answer look like an empty cluster. Asked for the
 * offsets of one group, the coordinator of that very partition says that it is loading: so a name that lives in each
 * partition is asked for. Nobody need have such a group; the request only reads (KIP-709: many in one request).
 */

import { ERROR_CODE } from "../protocol/errors.ts";
import { groupPartition } from "../protocol/group-partition.ts";
import { MANY_GROUPS_SINCE_VERSION, offsetFetchApi } from "../protocol/offset-fetch.ts";
import type { KafkaLink } from "./link.ts";

export interface ProbeTarget {
  readonly nodeId: number;
  /** Partitions of the offsets topic that the broker leads. */
  readonly indexes: readonly number[];
  readonly logPartitions: number;
}

/** Those of `indexes` whose groups the broker does not know yet; all of them where it does not answer. */
export async function loadingLogs(link: KafkaLink, target: ProbeTarget): Promise<ReadonlySet<number>> {
  const { nodeId, indexes, logPartitions } = target;
  const version = await link.versionOf(nodeId, offsetFetchApi);
  // Older coordinators answer a listing with an error while any partition loads: no probe is needed.
  if (version !== undefined && version < MANY_GROUPS_SINCE_VERSION) return new Set();
  const names = probeNames(logPartitions);
  const groups = indexes.flatMap((index) => names[index] ?? []);
  const outcome = await link.call(nodeId, offsetFetchApi, { groups });
  if (outcome.kind !== "answered") return new Set(indexes);
  const loading = outcome.response.groups.filter(({ error }) => isLoading(error));
  return new Set(loading.map(({ group }) => groupPartition(group ?? "", logPartitions)));
}

function isLoading(error: number): boolean {
  return (
    error === ERROR_CODE.COORDINATOR_LOAD_IN_PROGRESS ||
    error === ERROR_CODE.COORDINATOR_NOT_AVAILABLE ||
    error === ERROR_CODE.NOT_COORDINATOR
  );
}

const NAMES_TRIED_PER_PARTITION_MAX = 1_000;

/** One name for each partition, in their order: the first of a series that falls into it. */
export function probeNames(logPartitions: number): readonly string[] {
  const names: string[] = [];
  let found = 0;
  for (let i = 0; found < logPartitions && i < logPartitions * NAMES_TRIED_PER_PARTITION_MAX; i += 1) {
    const name = `tidemark-probe-${i}`;
    const index = groupPartition(name, logPartitions);
    if (names[index] !== undefined) continue;
    names[index] = name;
    found += 1;
  }
  return names;
}

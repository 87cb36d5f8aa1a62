/**
 * # How far share groups have read
 *
 * Their progress is in no offset commit; the coordinator tells it (KIP-932), many groups a request, with lags where it can
 * (KIP-1226). A coordinator that does not know the request leaves it unknown.
 */

import type { Observer } from "../model/observation.ts";
import { describeShareGroupOffsetsApi } from "../protocol/describe-share-group-offsets.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import { groupPartition } from "../protocol/group-partition.ts";
import { GROUPS_PER_REQUEST } from "./describe.ts";
import type { KafkaLink } from "./link.ts";

export interface ShareOffsetsTarget {
  readonly nodeId: number;
  readonly groups: readonly string[];
  readonly logPartitions: number;
}

export async function readShareOffsets(
  { link, observer }: { readonly link: KafkaLink; readonly observer: Observer },
  { nodeId, groups, logPartitions }: ShareOffsetsTarget,
): Promise<void> {
  for (let first = 0; first < groups.length; first += GROUPS_PER_REQUEST) {
    const some = groups.slice(first, first + GROUPS_PER_REQUEST);
    const outcome = await link.call(nodeId, describeShareGroupOffsetsApi, { groups: some });
    if (outcome.kind !== "answered") return;
    for (const { group, error, partitions } of outcome.response.groups) {
      if (error !== ERROR_CODE.NONE) continue;
      const offsets = partitions
        .filter((one) => one.error === ERROR_CODE.NONE)
        .map(({ topic, partition, startOffset, lag }) => ({
          topic,
          partition,
          startOffset: knownOr(startOffset),
          lag: knownOr(lag),
        }));
      observer.observe({ kind: "share-offsets", group, logPartition: groupPartition(group, logPartitions), offsets });
    }
  }
}

/** -1 stands for "not known" on the wire, and what is out of range was never understood. */
function knownOr(value: number | string | undefined): number | undefined {
  return typeof value === "number" && value >= 0 ? value : undefined;
}

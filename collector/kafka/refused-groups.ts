/**
 * # Groups that their coordinator would not tell of
 *
 * Their logs are read all the same, and tell what is committed from now on. They are asked for again now and then, and what
 * they then give fills what the log has not told.
 */

import type { Clock } from "../../runtime/clock.ts";
import type { Observer } from "../model/observation.ts";
import { readBaselines } from "./baseline.ts";
import type { KafkaLink } from "./link.ts";
import type { LogPartition } from "./log-partition.ts";
import type { MetadataKeeper } from "./metadata-keeper.ts";

const AGAIN_MS = 30_000;

export interface RefusedGroupsOptions {
  readonly link: KafkaLink;
  readonly keeper: MetadataKeeper;
  readonly observer: Observer;
  readonly clock: Clock;
  /** Some may be left out since. */
  readonly isWatched?: (group: string) => boolean;
}

/** Asks one broker for the refused groups of these partitions, where it is time to. */
export type RefusedGroups = (nodeId: number, partitions: readonly LogPartition[]) => Promise<void>;

export function createRefusedGroups(refusing: RefusedGroupsOptions): RefusedGroups {
  const { link, keeper, observer, clock, isWatched = () => true } = refusing;
  const dueMs = new Map<number, number>();
  return async (nodeId, partitions) => {
    const some = partitions.filter(({ refused }) => refused.length > 0);
    if (some.length === 0) return;
    const nowMs = clock.monotonicMs();
    const due = dueMs.get(nodeId);
    if (due === undefined || nowMs >= due) dueMs.set(nodeId, nowMs + AGAIN_MS);
    if (due === undefined || nowMs < due) return;
    const logPartitions = keeper.current().logLeaders.length;
    for (const partition of some) {
      const options = { link, observer, clock, logPartitions, isLate: true };
      const { missing, refused } = await readBaselines(options, {
        nodeId,
        groups: partition.refused.filter(isWatched),
      });
      partition.refused = [...missing, ...refused];
    }
  };
}

/**
 * # Baselines: the committed offsets of all groups, now
 *
 * Each broker lists the groups it coordinates and then gives their offsets, many groups a request (KIP-709). That is the
 * whole present in a few requests, however long the offsets topic is; only the times of the commits are missing.
 *
 * A coordinator that is away or loading knows nothing yet: its groups are asked for again. One that answers for others but
 * refuses a group tells the observer so, and holds up nobody.
 */

import type { Clock } from "../../runtime/clock.ts";
import type { Observer } from "../model/observation.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import { groupPartition } from "../protocol/group-partition.ts";
import type { ListedGroup } from "../protocol/list-groups.ts";
import { listGroupsApi } from "../protocol/list-groups.ts";
import { isPassing } from "./describe.ts";
import type { GroupsAsked } from "./fetch-offsets.ts";
import { fetchOffsets, offsetsOf } from "./fetch-offsets.ts";
import type { KafkaLink } from "./link.ts";
import { reasonOfError } from "./unavailable.ts";

export interface CoordinatedGroups {
  readonly nodeId: number;
  readonly groups: readonly ListedGroup[];
}

/** The groups of every broker; undefined where one did not answer: then nobody may conclude that a group is gone. */
export async function listAllGroups(link: KafkaLink): Promise<readonly CoordinatedGroups[] | undefined> {
  const answers = await Promise.all(link.nodeIds().map((nodeId) => listGroups(link, nodeId)));
  return answers.every((one) => one !== undefined) ? answers : undefined;
}

async function listGroups(link: KafkaLink, nodeId: number): Promise<CoordinatedGroups | undefined> {
  const outcome = await link.call(nodeId, listGroupsApi, {});
  if (outcome.kind !== "answered" || outcome.response.error !== ERROR_CODE.NONE) return undefined;
  return { nodeId, groups: outcome.response.groups };
}

export interface BaselineOptions {
  readonly link: KafkaLink;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly logPartitions: number;
  /** The logs of these groups are read since long. */
  readonly isLate: boolean;
}

export interface BaselineOutcome {
  /** No answer, or that of a coordinator that does not know yet. */
  readonly missing: readonly string[];
  /** The observer was told why. */
  readonly refused: readonly string[];
}

/** Reads the offsets of these groups from their coordinator. */
export async function readBaselines(options: BaselineOptions, target: GroupsAsked): Promise<BaselineOutcome> {
  const { link, observer, clock, logPartitions, isLate } = options;
  const missing: string[] = [];
  const refused: string[] = [];
  const { unanswered } = await fetchOffsets(link, target, (group, fetched) => {
    const logPartition = groupPartition(group, logPartitions);
    if (fetched.error === ERROR_CODE.NONE) {
      observer.observe({ kind: "baseline", group, logPartition, isLate, offsets: offsetsOf(fetched) });
    } else if (isPassing(fetched.error)) {
      missing.push(group);
    } else if (fetched.error !== ERROR_CODE.GROUP_ID_NOT_FOUND) {
      refused.push(group);
      const reason = reasonOfError(fetched.error);
      observer.observe({ kind: "group-unavailable", group, logPartition, reason, atMs: clock.nowMs() });
    }
  });
  return { missing: [...missing, ...unanswered], refused };
}

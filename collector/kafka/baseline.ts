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
import type { FetchedGroup } from "../protocol/offset-fetch.ts";
import { MANY_GROUPS_SINCE_VERSION, offsetFetchApi } from "../protocol/offset-fetch.ts";
import { isPassing } from "./describe.ts";
import type { KafkaLink } from "./link.ts";
import { reasonOfError } from "./unavailable.ts";

const GROUPS_PER_REQUEST = 100;
const REQUESTS_AT_ONCE = 2;

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

export interface BaselineTarget {
  readonly nodeId: number;
  readonly groups: readonly string[];
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
export async function readBaselines(options: BaselineOptions, target: BaselineTarget): Promise<BaselineOutcome> {
  const chunks = chunksOf(target.groups, await groupsPerRequest(options.link, target.nodeId));
  const outcomes: BaselineOutcome[] = [];
  const queue = chunks.values();
  const worker = async (): Promise<void> => {
    for (const chunk of queue) outcomes.push(await readChunk(options, { nodeId: target.nodeId, groups: chunk }));
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, worker));
  return {
    missing: outcomes.flatMap(({ missing }) => missing),
    refused: outcomes.flatMap(({ refused }) => refused),
  };
}

async function groupsPerRequest(link: KafkaLink, nodeId: number): Promise<number> {
  const version = await link.versionOf(nodeId, offsetFetchApi);
  return version !== undefined && version < MANY_GROUPS_SINCE_VERSION ? 1 : GROUPS_PER_REQUEST;
}

async function readChunk(options: BaselineOptions, chunk: BaselineTarget): Promise<BaselineOutcome> {
  const { link, observer, clock, logPartitions, isLate } = options;
  const outcome = await link.call(chunk.nodeId, offsetFetchApi, { groups: chunk.groups });
  if (outcome.kind !== "answered") return { missing: chunk.groups, refused: [] };
  const missing: string[] = [];
  const refused: string[] = [];
  for (const fetched of outcome.response.groups) {
    const group = fetched.group ?? chunk.groups[0] ?? "";
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
  }
  return { missing, refused };
}

function offsetsOf(fetched: FetchedGroup) {
  return fetched.offsets.flatMap(({ topic, partition, committedOffset, error }) =>
    error === ERROR_CODE.NONE
      ? [{ topic, partition, committedOffset: typeof committedOffset === "number" ? committedOffset : Number.NaN }]
      : [],
  );
}

function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

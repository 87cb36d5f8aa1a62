/**
 * # The poll of groups: state, type, members
 *
 * ListGroups to every broker each `everyMs` gives state and type of all groups (KIP-518, KIP-848), and what share groups have
 * read is asked for with it. Members come from describe requests: of all groups once, then of those whose state changed or whose
 * records say that something happened, in batches to their coordinators, a bounded number at a time. A classic group that is
 * empty has no members to ask for.
 */

import type { Clock } from "../../runtime/clock.ts";
import { sleep } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { Observer } from "../model/observation.ts";
import { groupPartition } from "../protocol/group-partition.ts";
import type { ListedGroup } from "../protocol/list-groups.ts";
import type { GroupType } from "../protocol/offsets-topic/key.ts";
import { listAllGroups } from "./baseline.ts";
import { loadingLogs } from "./coordinator-probe.ts";
import { describeGroups } from "./describe.ts";
import type { KafkaLink } from "./link.ts";
import type { MetadataKeeper } from "./metadata-keeper.ts";
import { readShareOffsets } from "./share-offsets.ts";

const SOON_MS = 500;
/** Ten requests or a few more: what is left waits for the next turn. */
const TURN_GROUPS_MAX = 1_000;
/** Names only. What does not fit is taken for unseen, so that the next listing asks for it. */
const SOON_GROUPS_MAX = 100_000;

export interface GroupPoll {
  readonly actor: Actor;
  /** Lists all groups, and describes those that are new or changed; false where a broker did not answer. */
  once(): Promise<boolean>;
  /** Describes groups of which something was seen, and those that got no answer before: as many as fit a turn. */
  describeNow(): Promise<void>;
  /** Records of these groups were seen: describe them soon. */
  describeSoon(groups: Iterable<readonly [group: string, type: GroupType]>): void;
}

export interface GroupPollOptions {
  readonly link: KafkaLink;
  readonly keeper: Pick<MetadataKeeper, "current">;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly everyMs: number;
  /** Who is known to coordinate a group; where nobody knows better, who listed it last. */
  readonly coordinatorOf?: (group: string) => number | undefined;
}

interface Polling extends GroupPollOptions {
  /** State and type of each group at the last listing. */
  readonly seen: Map<string, string>;
  readonly soon: Map<string, GroupType>;
  /** Who named a group at the last listing; where the offsets topic says who leads its partition, that counts. */
  readonly listedBy: Map<string, number>;
}

export function createGroupPoll(options: GroupPollOptions): GroupPoll {
  const polling: Polling = { ...options, seen: new Map(), soon: new Map(), listedBy: new Map() };
  return {
    actor: (signal) => poll(polling, signal),
    once: () => listOnce(polling),
    describeNow: () => describeTurn(polling),
    describeSoon: (groups) => {
      for (const [group, type] of groups) putSoon(polling, group, type);
    },
  };
}

async function poll(polling: Polling, signal: AbortSignal): Promise<void> {
  const { clock, everyMs, soon } = polling;
  let dueMs = clock.monotonicMs();
  while (!signal.aborted) {
    // A listing that failed is repeated soon: what is not known must not stay so for a whole interval.
    if (clock.monotonicMs() >= dueMs) dueMs = clock.monotonicMs() + ((await listOnce(polling)) ? everyMs : SOON_MS);
    else if (soon.size > 0) await describeTurn(polling);
    await sleep(SOON_MS, signal);
  }
}

function putSoon({ soon, seen }: Polling, group: string, type: GroupType): void {
  if (soon.size < SOON_GROUPS_MAX || soon.has(group)) soon.set(group, type);
  else seen.delete(group);
}

async function listOnce(polling: Polling): Promise<boolean> {
  const { link, observer, seen, listedBy } = polling;
  // A coordinator that is loading leaves its groups out of a listing: they are not gone.
  const listed = (await allLoaded(polling)) ? await listAllGroups(link) : undefined;
  if (listed === undefined) return false;
  const groups = listed.flatMap((one) => one.groups.map(lowerCased));
  observer.observe({ kind: "groups", groups });
  listedBy.clear();
  for (const one of listed) for (const { group } of one.groups) listedBy.set(group, one.nodeId);
  const before = new Map(seen);
  seen.clear();
  for (const one of groups) {
    const state = `${one.state} ${one.type} ${one.protocolType}`;
    seen.set(one.group, state);
    if (before.get(one.group) !== state) takeChanged(polling, one);
  }
  await describeTurn(polling);
  await pollShared(
    polling,
    groups.filter((one) => typeOf(one) === "share").map(({ group }) => group),
  );
  return true;
}

async function pollShared(polling: Polling, groups: readonly string[]): Promise<void> {
  const logPartitions = polling.keeper.current().logLeaders.length;
  const byNode = byCoordinator(polling, groups);
  byNode.delete(undefined);
  const ask = ([nodeId = -1, names]: readonly [number | undefined, readonly string[]]): Promise<void> =>
    readShareOffsets(polling, { nodeId, groups: names, logPartitions });
  await Promise.all([...byNode].map(ask));
}

function lowerCased(group: ListedGroup): ListedGroup {
  return { ...group, type: group.type?.toLowerCase() };
}

/** Below 3.8 listings name no type: then there is but one. */
export function typeOf({ type: named }: Pick<ListedGroup, "type">): GroupType {
  const type = named?.toLowerCase();
  return type === "consumer" || type === "share" || type === "streams" ? type : "classic";
}

function takeChanged(polling: Polling, listed: ListedGroup): void {
  const { group, protocolType, state } = listed;
  const type = typeOf(listed);
  // A group that only commits has no protocol type; brokers before 2.6 name no states.
  const isEmpty = type === "classic" && (state === "Empty" || (state === undefined && protocolType === ""));
  if (!isEmpty) {
    putSoon(polling, group, type);
    return;
  }
  const nothing = { generation: undefined, members: [], order: undefined, logPartition: undefined };
  const atMs = polling.clock.nowMs();
  polling.observer.observe({ kind: "members", group, protocolType, state, type: listed.type, ...nothing, atMs });
}

async function describeTurn(polling: Polling): Promise<void> {
  const { soon, link, observer, clock, keeper } = polling;
  const turn = new Map(soon.entries().take(TURN_GROUPS_MAX));
  for (const group of turn.keys()) soon.delete(group);
  const partitionCount = (topic: string): number => keeper.current().partitionCounts.get(topic) ?? 0;
  const askCoordinator = async (nodeId: number | undefined, groups: readonly string[]): Promise<void> => {
    for (const [type, names] of Map.groupBy(groups, (group) => turn.get(group) ?? "classic")) {
      const target = { link, observer, nowMs: clock.nowMs, groups: names, partitionCount };
      const again = nodeId === undefined ? names : await describeGroups({ ...target, nodeId }, type);
      // What was touched meanwhile is known by its newer type.
      for (const group of again) if (!soon.has(group)) putSoon(polling, group, type);
    }
  };
  const byNode = byCoordinator(polling, [...turn.keys()]);
  await Promise.all([...byNode].map(([nodeId, groups]) => askCoordinator(nodeId, groups)));
}

/** The leader of a group's partition is its coordinator; undefined: it has none at present. */
function byCoordinator(
  { keeper, listedBy, coordinatorOf }: Polling,
  groups: readonly string[],
): Map<number | undefined, string[]> {
  const { logLeaders } = keeper.current();
  return Map.groupBy(groups, (group) =>
    logLeaders.length === 0
      ? (coordinatorOf?.(group) ?? listedBy.get(group))
      : logLeaders[groupPartition(group, logLeaders.length)],
  );
}

async function allLoaded({ keeper, link }: Polling): Promise<boolean> {
  const { logLeaders } = keeper.current();
  const probes = link.nodeIds().map((nodeId) => {
    const indexes = logLeaders.flatMap((leader, index) => (leader === nodeId ? [index] : []));
    return indexes.length === 0 ? new Set() : loadingLogs(link, { nodeId, indexes, logPartitions: logLeaders.length });
  });
  return (await Promise.all(probes)).every((loading) => loading.size === 0);
}

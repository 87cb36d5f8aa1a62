/**
 * # Commits by polling: ListGroups, then OffsetFetch, broker by broker
 *
 * For clusters that hide `__consumer_offsets`. Each `everyMs` a broker is asked which groups it coordinates, and what they have
 * committed; polled-offsets.ts makes commits of what has changed. Each broker has a loop of its own: one that is away, slow or
 * loading costs its own groups. A broker stands for a log, its number being the order in which they were first seen.
 *
 * A group that no broker lists may be gone, or its coordinator be loading, which lists nothing and says so to none but those who
 * ask for a group: so the last one that knew it is asked for its offsets. None, without an error, means gone; where
 * that broker is no longer its coordinator, the next one is asked in the next round.
 */

import type { Clock } from "../../runtime/clock.ts";
import { sleep } from "../../runtime/clock.ts";
import type { PolledOffsets } from "../ingest/polled-offsets.ts";
import { createPolledOffsets } from "../ingest/polled-offsets.ts";
import type { Observation, Observer, UnavailableReason } from "../model/observation.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { ListedGroup } from "../protocol/list-groups.ts";
import { listGroupsApi } from "../protocol/list-groups.ts";
import type { FetchedGroup } from "../protocol/offset-fetch.ts";
import type { CommitSource, CommitSourceHooks } from "./commit-source.ts";
import { probeNames } from "./coordinator-probe.ts";
import { isPassing } from "./describe.ts";
import { fetchOffsets, offsetsOf, takesManyGroups } from "./fetch-offsets.ts";
import { typeOf } from "./group-poll.ts";
import type { KafkaLink } from "./link.ts";
import type { MetadataKeeper } from "./metadata-keeper.ts";
import type { WatchedNames } from "./name-gate.ts";
import { observed } from "./observed.ts";
import { reasonOfError, reasonOfOutcome } from "./unavailable.ts";

/** Two commits of a group that commits at each poll are a window that spans some time; before that any pause looks like a stop. */
const WARMING_ROUNDS = 3;
const LOOK_MS = 1_000;
/** One answer "not I" is a coordinator that moves. */
const MISSED_MAX = 1;
/** In place of the offsets topic's id: its orders are of another kind. */
const POLLED_LOG_ID = "polled";

export interface PolledCommitsOptions extends CommitSourceHooks {
  readonly link: KafkaLink;
  readonly keeper: Pick<MetadataKeeper, "refreshSoon">;
  readonly observer: Observer;
  readonly clock: Clock;
  /** Groups and topics may be left out while it runs. */
  readonly names?: Pick<WatchedNames, "isGroup" | "isTopic">;
  readonly everyMs: number;
  /** Group-partitions that are remembered. */
  readonly partitionsMax: number;
  /** From 0 to below 1: collectors that start together do not ask together. */
  readonly random: () => number;
}

export interface PolledCommits extends CommitSource {
  /** One round with one broker. */
  round(nodeId: number): Promise<void>;
  /** What the other polls tell of groups, in terms of the logs of this source. */
  ofGroups(observer: Observer): Observer;
  coordinatorOf(group: string): number | undefined;
}

interface Coordinator {
  readonly index: number;
  rounds: number;
  isAnswering: boolean;
  listed: ReadonlyMap<string, ListedGroup>;
}

interface CoordinatedGroup {
  nodeId: number;
  /** Answers without its offsets, one after the other. */
  missed: number;
  facts: ListedGroup;
}

interface Polling extends PolledCommitsOptions {
  readonly polled: PolledOffsets;
  readonly coordinators: Map<number, Coordinator>;
  readonly groups: Map<string, CoordinatedGroup>;
  order: number;
}

export function createPolledCommits(options: PolledCommitsOptions): PolledCommits {
  const polled = createPolledOffsets(options);
  const polling: Polling = { ...options, polled, coordinators: new Map(), groups: new Map(), order: 0 };
  return {
    counts: polled.counts,
    readTopic: () => {
      const all = [...polling.coordinators.values()];
      const isRead = all.length > 0 && all.every(({ rounds }) => rounds >= WARMING_ROUNDS);
      return isRead ? { logTopicId: POLLED_LOG_ID, logs: [] } : undefined;
    },
    round: (nodeId) => pollOnce(polling, nodeId),
    ofGroups: (observer) => observerOfGroups(polling, observer),
    coordinatorOf: (group) => polling.groups.get(group)?.nodeId,
    actor: async (signal) => {
      const loops = new Map<number, Promise<void>>();
      while (!signal.aborted) {
        for (const nodeId of options.link.nodeIds())
          if (!loops.has(nodeId)) loops.set(nodeId, pollNode(polling, nodeId, signal));
        await Promise.race([sleep(LOOK_MS, signal), ...loops.values()]);
      }
      await Promise.all(loops.values());
    },
  };
}

/** The first two rounds lie anywhere within an interval of each other; from then on they keep their pace. */
async function pollNode(polling: Polling, nodeId: number, signal: AbortSignal): Promise<void> {
  const { clock, everyMs, random } = polling;
  let dueMs = clock.monotonicMs() - everyMs * (1 + random()) * 0.5;
  while (!signal.aborted) {
    if (polling.link.nodeIds().includes(nodeId)) await pollOnce(polling, nodeId);
    else leave(polling, nodeId);
    dueMs = Math.max(dueMs + everyMs, clock.monotonicMs());
    await sleep(dueMs - clock.monotonicMs(), signal);
  }
}

/** It is no broker of the cluster any more. What nobody has taken over is asked of others, and not known until one answers. */
function leave(polling: Polling, nodeId: number): void {
  const { coordinators, groups, link } = polling;
  const coordinator = coordinatorOf(polling, nodeId);
  coordinator.listed = new Map();
  const left = [...groups.keys()].filter((group) => groups.get(group)?.nodeId === nodeId);
  if (left.length === 0) {
    coordinator.rounds = WARMING_ROUNDS;
    report(polling, coordinator);
    return;
  }
  markAway(polling, nodeId, "no-leader");
  for (const group of left) {
    const known = groups.get(group);
    if (known === undefined || isListed(coordinators, group)) continue;
    markGroup(polling, group, "no-leader");
    known.nodeId = link.nodeIds()[0] ?? nodeId;
  }
}

async function pollOnce(polling: Polling, nodeId: number): Promise<void> {
  const { link } = polling;
  const coordinator = coordinatorOf(polling, nodeId);
  if (coordinator.rounds === 0 && coordinator.isAnswering) report(polling, coordinator);
  const outcome = await link.call(nodeId, listGroupsApi, {});
  if (outcome.kind !== "answered") return markAway(polling, nodeId, reasonOfOutcome(outcome));
  const { error, groups } = outcome.response;
  if (error !== ERROR_CODE.NONE) return markAway(polling, nodeId, reasonOfError(error));
  if (coordinator.rounds < WARMING_ROUNDS && (await isLoading(link, nodeId))) return markAway(polling, nodeId, "error");
  coordinator.listed = new Map(groups.map((one) => [one.group, one]));
  // At the very start the poll of groups asks for all of them anyway.
  const isFirst = coordinator.rounds === 0 && coordinator.isAnswering;
  const touched = groups.filter((facts) => meet(polling, nodeId, facts) && !isFirst);
  polling.onTouched(touched.map((facts) => [facts.group, typeOf(facts)]));
  leaveOut(polling);
  const asked = [...groups.filter(hasOffsets).map(({ group }) => group), ...missingOf(polling, nodeId)];
  polling.order = Math.max(polling.order + 1, polling.clock.nowMs());
  const { outcome: failed } = await fetchOffsets(link, { nodeId, groups: asked }, (group, fetched, sentAtMs) =>
    takeGroup(polling, nodeId, { group, fetched, sentAtMs }),
  );
  if (failed !== undefined) return markAway(polling, nodeId, reasonOfOutcome(failed));
  coordinator.rounds += 1;
  report(polling, coordinator);
}

/** Nearly every cluster has so many partitions of the offsets topic; with others a name for each is likely, not certain. */
const LOG_PARTITIONS_USUAL = 50;
const PROBES = probeNames(LOG_PARTITIONS_USUAL);

/** Before its groups are known nobody can miss them: so names that fall into each partition are asked for. */
async function isLoading(link: KafkaLink, nodeId: number): Promise<boolean> {
  // Older coordinators answer the listing with an error while they load.
  if (!(await takesManyGroups(link, nodeId))) return false;
  let isSaid = false;
  await fetchOffsets(link, { nodeId, groups: PROBES }, (_, { error }) => {
    isSaid ||= error === ERROR_CODE.COORDINATOR_LOAD_IN_PROGRESS;
  });
  return isSaid;
}

function leaveOut({ groups, polled, names, order }: Polling): void {
  const out = [...groups.keys()].filter((group) => names?.isGroup(group) === false);
  for (const group of out) polled.end(group, order);
  for (const group of out) groups.delete(group);
}

/** Of a share group nothing is in OffsetFetch. */
function hasOffsets(facts: ListedGroup): boolean {
  return typeOf(facts) !== "share";
}

function coordinatorOf({ coordinators }: Polling, nodeId: number): Coordinator {
  const known = coordinators.get(nodeId);
  if (known !== undefined) return known;
  const made = { index: coordinators.size, rounds: 0, isAnswering: true, listed: new Map() };
  coordinators.set(nodeId, made);
  return made;
}

/** Who lists a group says that it coordinates it; an answer with its offsets says so for certain. True where it is news. */
function meet({ groups }: Polling, nodeId: number, facts: ListedGroup): boolean {
  const known = groups.get(facts.group);
  const isNews = known === undefined || known.facts.state !== facts.state || known.facts.type !== facts.type;
  if (known === undefined) groups.set(facts.group, { nodeId, missed: 0, facts });
  else known.facts = facts;
  return isNews;
}

/** Groups that were of this broker, and that no broker lists any more. */
function missingOf({ groups, coordinators, polled }: Polling, nodeId: number): readonly string[] {
  const missing: string[] = [];
  for (const [group, known] of groups) {
    if (known.nodeId !== nodeId || isListed(coordinators, group)) continue;
    if (polled.has(group)) missing.push(group);
    else groups.delete(group);
  }
  return missing;
}

function isListed(coordinators: Polling["coordinators"], group: string): boolean {
  for (const { listed } of coordinators.values()) if (listed.has(group)) return true;
  return false;
}

interface Told {
  readonly group: string;
  readonly fetched: FetchedGroup;
  readonly sentAtMs: number;
}

function takeGroup(polling: Polling, nodeId: number, { group, fetched, sentAtMs }: Told): void {
  const { polled, groups, order, coordinators } = polling;
  const known = groups.get(group);
  if (known === undefined) return;
  const { error } = fetched;
  const told = error === ERROR_CODE.NONE ? offsetsOf(fetched) : [];
  const offsets = told.filter(({ topic }) => polling.names?.isTopic(topic) ?? true);
  const isGone = error === ERROR_CODE.GROUP_ID_NOT_FOUND || (error === ERROR_CODE.NONE && told.length === 0);
  if (isGone && !isListed(coordinators, group)) {
    polled.end(group, order);
    groups.delete(group);
  } else if (error === ERROR_CODE.NONE) {
    Object.assign(known, { nodeId, missed: 0 });
    const logPartition = coordinatorOf(polling, nodeId).index;
    polled.take({ group, logPartition, askedAtMs: sentAtMs, answeredAtMs: polling.clock.nowMs(), order, offsets });
  } else if (isPassing(error)) miss(polling, nodeId, { group, error });
  else if (error !== ERROR_CODE.GROUP_ID_NOT_FOUND) markGroup(polling, group, reasonOfError(error));
}

/** Another broker may have it already; where nobody lists it, the next one is asked. */
function miss(
  polling: Polling,
  nodeId: number,
  { group, error }: { readonly group: string; readonly error: number },
): void {
  const known = polling.groups.get(group);
  if (known?.nodeId !== nodeId) return;
  known.missed += 1;
  if (known.missed > MISSED_MAX) markGroup(polling, group, "error");
  if (error !== ERROR_CODE.NOT_COORDINATOR || isListed(polling.coordinators, group)) return;
  const nodeIds = polling.link.nodeIds();
  known.nodeId = nodeIds[(nodeIds.indexOf(nodeId) + 1) % nodeIds.length] ?? nodeId;
}

function markGroup(polling: Polling, group: string, reason: UnavailableReason): void {
  const { observer, polled, clock, groups } = polling;
  const logPartition = coordinatorOf(polling, groups.get(group)?.nodeId ?? -1).index;
  polled.silence(group);
  observer.observe({ kind: "group-unavailable", group, logPartition, reason, atMs: clock.nowMs() });
}

function markAway(polling: Polling, nodeId: number, reason: UnavailableReason): void {
  const coordinator = coordinatorOf(polling, nodeId);
  coordinator.isAnswering = false;
  polling.keeper.refreshSoon();
  const { index: logPartition } = coordinator;
  polling.observer.observe({ kind: "log-unavailable", logPartition, reason, atMs: polling.clock.nowMs() });
}

function report({ observer, clock, coordinators }: Polling, coordinator: Coordinator): void {
  coordinator.isAnswering = true;
  const isRead = coordinator.rounds >= WARMING_ROUNDS;
  observer.observe({
    kind: "log-progress",
    logPartition: coordinator.index,
    logPartitions: coordinators.size,
    baselineOrder: 0,
    replayed: isRead,
    backfilled: isRead,
    progress: Math.min(1, coordinator.rounds / WARMING_ROUNDS),
    atMs: clock.nowMs(),
    isPolled: true,
  });
}

/** A listing of a moment in which a coordinator was loading lacks its groups; what share groups have read belongs to their broker. */
function observerOfGroups(polling: Polling, observer: Observer): Observer {
  const { groups, polled, coordinators } = polling;
  const translated = (observation: Observation): Observation => {
    if (observation.kind === "groups") {
      const names = new Set(observation.groups.map(({ group }) => group));
      const others = [...groups.values()].flatMap(({ facts }) =>
        !names.has(facts.group) && polled.has(facts.group) ? [facts] : [],
      );
      return { ...observation, groups: [...observation.groups, ...others] };
    }
    if (observation.kind !== "share-offsets") return observation;
    return { ...observation, logPartition: coordinators.get(groups.get(observation.group)?.nodeId ?? -1)?.index ?? -1 };
  };
  return observed(observer, (observation) => observer.observe(translated(observation)));
}

/**
 * # The gate: groups and topics that are left out
 *
 * Between the brokers and a source: their lists lack what is left out, so that nobody asks for it. Between the source and its
 * observer: what the log says of it, since it lies there among the rest, is counted and not told. The offsets topic is always
 * read, whatever the rules say of its name.
 */

import type { NameFilter } from "../../runtime/name-filter.ts";
import { createNameFilter } from "../../runtime/name-filter.ts";
import type { ClusterConfig } from "../config.ts";
import type { MemberDescription, Observation, Observer } from "../model/observation.ts";
import { EXCLUDED } from "../model/observation.ts";
import type { Api } from "../protocol/api.ts";
import type { Decoded } from "../protocol/decode-error.ts";
import type { ListGroupsResponse } from "../protocol/list-groups.ts";
import { listGroupsApi } from "../protocol/list-groups.ts";
import type { MetadataResponse } from "../protocol/metadata.ts";
import { metadataApi } from "../protocol/metadata.ts";
import type { KafkaLink } from "./link.ts";
import { OFFSETS_TOPIC } from "./topology.ts";

export interface WatchedNames {
  isGroup(group: string): boolean;
  isTopic(topic: string): boolean;
  /** True where something that was left out may be in from now on. */
  change(rules: NameRules): boolean;
  /** Rises with each change. */
  epoch(): number;
  /** Left out of the newest listing of groups, and of the newest list of topics. */
  readonly excluded: { groups: number; topics: number };
}

/** No rules: everything. */
export type NameRules = Pick<ClusterConfig, "groups" | "topics">;

export function createWatchedNames(rules: NameRules): WatchedNames {
  let groups = createNameFilter(rules.groups ?? []);
  let topics = createNameFilter(rules.topics ?? []);
  let epoch = 0;
  const isWidened = (before: NameFilter, next: NameFilter): boolean => before.isWidenedBy(next);
  return {
    isGroup: (group) => groups.isIn(group),
    isTopic: (topic) => topics.isIn(topic),
    change: (wanted) => {
      const [nextGroups, nextTopics] = [createNameFilter(wanted.groups ?? []), createNameFilter(wanted.topics ?? [])];
      const isWider = isWidened(groups, nextGroups) || isWidened(topics, nextTopics);
      [groups, topics] = [nextGroups, nextTopics];
      epoch += 1;
      return isWider;
    },
    epoch: () => epoch,
    excluded: { groups: 0, topics: 0 },
  };
}

/** The cluster as if there were nothing but what is watched. */
export function gatedLink(link: KafkaLink, names: WatchedNames): KafkaLink {
  const groupsOut = new Map<number, number>();
  const listed = (nodeId: number, response: ListGroupsResponse): ListGroupsResponse => {
    const groups = response.groups.filter(({ group }) => names.isGroup(group));
    groupsOut.set(nodeId, response.groups.length - groups.length);
    names.excluded.groups = link.nodeIds().reduce((sum, one) => sum + (groupsOut.get(one) ?? 0), 0);
    return { ...response, groups };
  };
  const described = (response: MetadataResponse): MetadataResponse => {
    const topics = response.topics.filter(({ topic }) => topic === OFFSETS_TOPIC || names.isTopic(topic));
    names.excluded.topics = response.topics.length - topics.length;
    return { ...response, topics };
  };
  return {
    ...link,
    call: (nodeId, api, request) =>
      link.call(
        nodeId,
        mapped(api, listGroupsApi, (response) => listed(nodeId, response)),
        request,
      ),
    callAny: (api, request) => link.callAny(mapped(api, metadataApi, described), request),
  };
}

/** `api`, with another answer where it is `one`. */
function mapped<Request, Response, Named>(
  api: Api<Request, Response>,
  one: Api<never, Named>,
  map: (response: Named) => Named,
): Api<Request, Response> {
  if (api.apiKey !== one.apiKey) return api;
  return {
    ...api,
    decode: (version, payload) => {
      const decoded = api.decode(version, payload);
      // The same request, and so the same answer: no type says that of two names of it.
      const named = decoded as Decoded<unknown> as Decoded<Named>;
      const answer = named.kind === "malformed" ? named : { ...named, value: map(named.value) };
      return answer as Decoded<unknown> as Decoded<Response>;
    },
  };
}

export function gated(observer: Observer, names: WatchedNames): Observer {
  const isIn = (group: string, topic: string): boolean => names.isGroup(group) && names.isTopic(topic);
  return {
    // Both only rise, so that every change of either is another number.
    get handlesEpoch() {
      return observer.handlesEpoch + names.epoch();
    },
    handleOf: (group, topic, partition) => (isIn(group, topic) ? observer.handleOf(group, topic, partition) : EXCLUDED),
    findHandle: (group, topic, partition) =>
      isIn(group, topic) ? observer.findHandle(group, topic, partition) : undefined,
    commit: observer.commit,
    observe: (observation) => {
      const rest = withoutExcluded(observation, names);
      if (rest !== undefined) observer.observe(rest);
    },
  };
}

/** Undefined where nothing of it is to be told. */
function withoutExcluded(observation: Observation, names: WatchedNames): Observation | undefined {
  switch (observation.kind) {
    case "groups":
      return { ...observation, groups: observation.groups.filter(({ group }) => names.isGroup(group)) };
    case "baseline":
      if (!names.isGroup(observation.group)) return undefined;
      return { ...observation, offsets: observation.offsets.filter(({ topic }) => names.isTopic(topic)) };
    case "share-offsets":
      if (!names.isGroup(observation.group)) return undefined;
      return { ...observation, offsets: observation.offsets.filter(({ topic }) => names.isTopic(topic)) };
    case "members":
      if (!names.isGroup(observation.group)) return undefined;
      return { ...observation, members: observation.members.map((member) => ofTopics(member, names)) };
    case "group-unavailable":
    case "past-generation":
    case "group-tombstone":
      return names.isGroup(observation.group) ? observation : undefined;
    case "topics":
      return { ...observation, topics: observation.topics.filter(({ topic }) => names.isTopic(topic)) };
    case "watermarks":
    case "record-times":
    case "topic-configs":
    case "offset-refused":
    case "offset-tombstone":
    case "window":
    case "open-transactions":
    case "log-partitions":
    case "log-progress":
    case "commit-bounds":
    case "log-regressed":
    case "coordinator-clock":
    case "log-unavailable":
      return observation;
  }
}

function ofTopics(member: MemberDescription, names: WatchedNames): MemberDescription {
  return { ...member, partitions: member.partitions.filter(({ topic }) => names.isTopic(topic)) };
}

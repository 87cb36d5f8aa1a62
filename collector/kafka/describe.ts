/**
 * # Describe requests: who is a member, and who owns what
 *
 * Each type of group has its request, and each coordinator answers for its own groups. What got no answer and may get one is
 * named: a coordinator that is away, loading, or elsewhere. A group that is not of the type asked for was converted or deleted
 * meanwhile: its records or the next listing say which.
 */

import type { MemberDescription, Observation, Observer } from "../model/observation.ts";
import type { Api } from "../protocol/api.ts";
import { consumerGroupDescribeApi } from "../protocol/consumer-group-describe.ts";
import type { DescribedGroup, DescribedMember } from "../protocol/describe-groups.ts";
import { describeGroupsApi } from "../protocol/describe-groups.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import { decodeAssignment } from "../protocol/offsets-topic/consumer-protocol.ts";
import type { GroupType } from "../protocol/offsets-topic/key.ts";
import { shareGroupDescribeApi } from "../protocol/share-group-describe.ts";
import type { DescribedStreamsGroup, StreamsGroupMember } from "../protocol/streams-group-describe.ts";
import { streamsGroupDescribeApi } from "../protocol/streams-group-describe.ts";
import type { KafkaLink } from "./link.ts";

export const GROUPS_PER_REQUEST = 100;

export interface Describe {
  readonly link: KafkaLink;
  readonly observer: Observer;
  readonly nowMs: () => number;
  readonly nodeId: number;
  readonly groups: readonly string[];
  /** Of a topic, as far as metadata goes; 0: no such topic. */
  readonly partitionCount: (topic: string) => number;
}

/** Asks for groups of one type. Answers with those that are to be asked for again. */
export function describeGroups(describe: Describe, type: GroupType): Promise<readonly string[]> {
  switch (type) {
    case "classic":
      return describeWith(describe, describeGroupsApi, classicGroup);
    case "consumer":
      return describeWith(describe, consumerGroupDescribeApi, ({ state, epoch, members }) => ({
        ...factsOf("consumer", { state, epoch }),
        members: members.map(assignedMember),
      }));
    case "share":
      return describeWith(describe, shareGroupDescribeApi, ({ state, epoch, members }) => ({
        ...factsOf("share", { state, epoch }),
        members: members.map(assignedMember),
      }));
    case "streams":
      return describeWith(describe, streamsGroupDescribeApi, (group) => ({
        ...factsOf("streams", group),
        members: group.members.map((member) => streamsMember(group, member, describe.partitionCount)),
      }));
  }
}

type Members = Extract<Observation, { readonly kind: "members" }>;
type Facts = Pick<Members, "protocolType" | "state" | "type" | "generation" | "members">;

function factsOf(
  type: Exclude<GroupType, "classic">,
  { state, epoch }: { readonly state: string; readonly epoch: number },
): Omit<Facts, "members"> {
  return { protocolType: type, state, type, generation: epoch };
}

async function describeWith<Group extends { readonly group: string; readonly error: number }>(
  { link, observer, nowMs, nodeId, groups: names }: Describe,
  api: Api<{ readonly groups: readonly string[] }, { readonly groups: readonly Group[] }>,
  read: (group: Group) => Facts | undefined,
): Promise<readonly string[]> {
  const again: string[] = [];
  for (let first = 0; first < names.length; first += GROUPS_PER_REQUEST) {
    const some = names.slice(first, first + GROUPS_PER_REQUEST);
    const outcome = await link.call(nodeId, api, { groups: some });
    if (outcome.kind === "unreachable") again.push(...some);
    if (outcome.kind !== "answered") continue;
    for (const group of outcome.response.groups) {
      if (isPassing(group.error)) again.push(group.group);
      const facts = group.error === ERROR_CODE.NONE ? read(group) : undefined;
      if (facts === undefined) continue;
      const where = { order: undefined, logPartition: undefined, atMs: nowMs() };
      observer.observe({ kind: "members", group: group.group, ...facts, ...where });
    }
  }
  return again;
}

export function isPassing(error: number): boolean {
  return (
    error === ERROR_CODE.COORDINATOR_LOAD_IN_PROGRESS ||
    error === ERROR_CODE.COORDINATOR_NOT_AVAILABLE ||
    error === ERROR_CODE.NOT_COORDINATOR
  );
}

/** "Dead" is also what this request calls a group of another type: only ListGroups says that one is gone. */
function classicGroup(group: DescribedGroup): Facts | undefined {
  if (group.state === "Dead") return undefined;
  const { protocolType, state } = group;
  const members = group.members.map((member) => classicMember(group, member));
  return { protocolType, state, type: "classic", generation: undefined, members };
}

function classicMember(group: DescribedGroup, member: DescribedMember): MemberDescription {
  const { memberId, clientId, clientHost, assignment } = member;
  const isReadable = group.protocolType === "consumer" && assignment !== undefined && assignment.length > 0;
  const decoded = isReadable ? decodeAssignment(assignment) : undefined;
  const partitions = decoded?.kind === "decoded" ? decoded.value.assignedPartitions : [];
  return { memberId, clientId, clientHost, partitions };
}

function assignedMember({
  memberId,
  clientId,
  clientHost,
  assignment,
}: Omit<MemberDescription, "partitions"> & {
  readonly assignment: MemberDescription["partitions"];
}): MemberDescription {
  return { memberId, clientId, clientHost, partitions: assignment };
}

/** A task is the partition of its number of every topic that its subtopology reads, where the topic has so many. */
function streamsMember(
  { subtopologies }: DescribedStreamsGroup,
  { memberId, clientId, clientHost, activeTasks }: StreamsGroupMember,
  partitionCount: Describe["partitionCount"],
): MemberDescription {
  const partitions = activeTasks.flatMap(({ subtopologyId, partitions: numbers }) => {
    const topics = subtopologies.find((one) => one.subtopologyId === subtopologyId)?.topics ?? [];
    return topics.map((topic) => ({ topic, partitions: numbers.filter((number) => number < partitionCount(topic)) }));
  });
  return { memberId, clientId, clientHost, partitions };
}

/**
 * # Describe requests: who owns which partition
 *
 * Each answers with the groups that got no answer and may get one: a coordinator that is away, loading, or elsewhere.
 */

import type { MemberDescription, Observer } from "../model/observation.ts";
import type { Api } from "../protocol/api.ts";
import type { ConsumerGroupMember } from "../protocol/consumer-group-describe.ts";
import { consumerGroupDescribeApi } from "../protocol/consumer-group-describe.ts";
import type { DescribedGroup, DescribedMember } from "../protocol/describe-groups.ts";
import { describeGroupsApi } from "../protocol/describe-groups.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { ListedGroup } from "../protocol/list-groups.ts";
import { decodeAssignment } from "../protocol/offsets-topic/consumer-protocol.ts";
import type { KafkaLink } from "./link.ts";

const GROUPS_PER_REQUEST = 100;

export interface Describe {
  readonly link: KafkaLink;
  readonly observer: Observer;
  readonly nodeId: number;
  readonly groups: readonly ListedGroup[];
}

export async function describeClassicGroups(describe: Describe): Promise<readonly string[]> {
  const failed: string[] = [];
  const types = new Map(describe.groups.map(({ group, type }) => [group, type]));
  for await (const groups of answersOf(describe, { api: describeGroupsApi, failed })) {
    for (const group of groups) {
      if (isPassing(group.error)) failed.push(group.group);
      // "Dead" is also what this request calls a group of another protocol: only ListGroups says that one is gone.
      if (group.error !== ERROR_CODE.NONE || group.state === "Dead") continue;
      describe.observer.observe({
        kind: "members",
        group: group.group,
        protocolType: group.protocolType,
        state: group.state,
        type: types.get(group.group),
        generation: undefined,
        members: group.members.map((member) => classicMember(group, member)),
        order: undefined,
        logPartition: undefined,
      });
    }
  }
  return failed;
}

export async function describeConsumerGroups(describe: Describe): Promise<readonly string[]> {
  const failed: string[] = [];
  for await (const groups of answersOf(describe, { api: consumerGroupDescribeApi, failed })) {
    for (const group of groups) {
      if (isPassing(group.error)) failed.push(group.group);
      if (group.error !== ERROR_CODE.NONE) continue;
      describe.observer.observe({
        kind: "members",
        group: group.group,
        protocolType: "consumer",
        state: group.state,
        type: "consumer",
        generation: group.epoch,
        members: group.members.map(consumerMember),
        order: undefined,
        logPartition: undefined,
      });
    }
  }
  return failed;
}

interface Asking<Group> {
  readonly api: Api<{ readonly groups: readonly string[] }, { readonly groups: readonly Group[] }>;
  readonly failed: string[];
}

async function* answersOf<Group>(
  { link, nodeId, groups }: Describe,
  { api, failed }: Asking<Group>,
): AsyncGenerator<readonly Group[]> {
  const names = groups.map(({ group }) => group);
  for (let first = 0; first < names.length; first += GROUPS_PER_REQUEST) {
    const some = names.slice(first, first + GROUPS_PER_REQUEST);
    const outcome = await link.call(nodeId, api, { groups: some });
    if (outcome.kind === "answered") yield outcome.response.groups;
    else if (outcome.kind === "unreachable") failed.push(...some);
  }
}

/** A coordinator that will know. */
export function isPassing(error: number): boolean {
  return (
    error === ERROR_CODE.COORDINATOR_LOAD_IN_PROGRESS ||
    error === ERROR_CODE.COORDINATOR_NOT_AVAILABLE ||
    error === ERROR_CODE.NOT_COORDINATOR
  );
}

function classicMember(group: DescribedGroup, member: DescribedMember): MemberDescription {
  const { memberId, clientId, clientHost, assignment } = member;
  const isReadable = group.protocolType === "consumer" && assignment !== undefined && assignment.length > 0;
  const decoded = isReadable ? decodeAssignment(assignment) : undefined;
  const partitions = decoded?.kind === "decoded" ? decoded.value.assignedPartitions : [];
  return { memberId, clientId, clientHost, partitions };
}

function consumerMember({ memberId, clientId, clientHost, assignment }: ConsumerGroupMember): MemberDescription {
  return { memberId, clientId, clientHost, partitions: assignment };
}

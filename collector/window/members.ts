/**
 * # Members: who owns which partition
 *
 * Two views again. Burrow reads owners only from classic group metadata of protocol type "consumer", names them by host, and
 * clears them when the last member leaves; ours takes them from wherever they are known, and always as a whole. A tombstone
 * of classic metadata is no news of members: a group that is deleted had none before, and one that turns into a consumer
 * group keeps them.
 */

import type { MemberDescription, Observation } from "../model/observation.ts";
import { NO_ROOM } from "../model/observation.ts";
import { clearConsumerOwners, setConsumerOwner } from "./burrow-store.ts";
import type { ClusterState } from "./cluster-state.ts";
import { liveSlotsOf } from "./live-slots.ts";

type Members = Extract<Observation, { kind: "members" }>;

export function setMembers(state: ClusterState, observed: Members): boolean {
  setStrictOwners(state, observed);
  const { group, order, logPartition = -1 } = observed;
  if (order !== undefined && order < state.logs.baselineOrderOf(logPartition)) {
    return observed.generation !== undefined && setPastGeneration(state, { group, generation: observed.generation });
  }
  state.groups.update(group, {
    ...(observed.protocolType === "" ? {} : { protocolType: observed.protocolType }),
    state: observed.state,
    type: observed.type,
    generation: observed.generation,
    members: observed.isOwnersOnly === true ? undefined : observed.members.length,
  });
  countCompleted(state, observed);
  if (REBALANCING.has(observed.state ?? "")) keepOwners(state, group, observed.members);
  else replaceOwners(state, group, observed.members);
  return true;
}

/** States of a classic group in which its coordinator names the members, but not what they hold. */
const REBALANCING: ReadonlySet<string> = new Set(["PreparingRebalance", "CompletingRebalance", "AwaitingSync"]);

/** In all other states but Empty members are still on their way to what the newest generation gives them. */
function countCompleted({ groups }: ClusterState, { group, state, generation, members, atMs }: Members): void {
  if (generation === undefined || (state !== "Stable" && members.length > 0)) return;
  groups.completed(group, { generation, members: members.length, atMs });
}

/** Who was a member before the rebalance and still is one, may hold what it held. */
function keepOwners({ offsets, table }: ClusterState, group: string, members: readonly MemberDescription[]): void {
  const here = new Set(members.map(({ clientHost, clientId }) => `${clientHost} ${clientId}`));
  for (const slot of liveSlotsOf(table, group)) {
    const owner = offsets.ownerOf(offsets.ownerId.get(slot));
    if (owner === undefined || here.has(`${owner.owner} ${owner.clientId}`)) continue;
    offsets.setOwner(slot, undefined);
    offsets.releaseIfEmpty(slot);
  }
}

/** Generations only rise while a group lives, so the largest is the newest. */
export function setPastGeneration(
  { groups }: ClusterState,
  { group, generation }: { readonly group: string; readonly generation: number },
): boolean {
  const facts = groups.get(group);
  groups.completedBefore(group, generation);
  if (facts === undefined || (facts.generation ?? -1) >= generation) return false;
  groups.update(group, { generation });
  return true;
}

function setStrictOwners({ burrow, knownOrders, slotOf, table }: ClusterState, observed: Members): void {
  const { group, protocolType, type, members, order, logPartition = -1 } = observed;
  if (protocolType !== "consumer" || type === "consumer") return;
  if (order !== undefined && knownOrders.knows(table.groups.find(group) ?? -1, logPartition, order)) return;
  if (members.length === 0) clearConsumerOwners(burrow, group);
  for (const { clientHost, clientId, topic, partition } of assignmentsOf(members)) {
    if (slotOf(group, topic, partition) === NO_ROOM) continue;
    setConsumerOwner(burrow, { group, topic, partition }, { owner: clientHost, clientId });
  }
}

function replaceOwners(
  { offsets, slotOf, table }: ClusterState,
  group: string,
  members: readonly MemberDescription[],
): void {
  const owned = new Set<number>();
  for (const { clientHost, clientId, memberId, topic, partition } of assignmentsOf(members)) {
    const slot = slotOf(group, topic, partition);
    if (slot === NO_ROOM) continue;
    offsets.setOwner(slot, { owner: clientHost, clientId, memberId });
    owned.add(slot);
  }
  for (const slot of liveSlotsOf(table, group)) {
    if (owned.has(slot) || offsets.ownerId.get(slot) < 0) continue;
    offsets.setOwner(slot, undefined);
    offsets.releaseIfEmpty(slot);
  }
}

/** The coordinator knows the group no more: neither offsets nor members are left, in either view. */
export function forgetGroup({ offsets, table, groups }: ClusterState, group: string): void {
  for (const slot of liveSlotsOf(table, group)) {
    offsets.forget(slot);
    offsets.setOwner(slot, undefined);
    offsets.releaseIfEmpty(slot);
  }
  groups.remove(group);
}

function assignmentsOf(members: readonly MemberDescription[]) {
  return members.flatMap(({ clientHost, clientId, memberId, partitions }) =>
    partitions.flatMap(({ topic, partitions: numbers }) =>
      numbers.map((partition) => ({ clientHost, clientId, memberId, topic, partition })),
    ),
  );
}

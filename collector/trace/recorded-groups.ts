/**
 * # Groups as they were recorded last
 *
 * The state keeps of a group's members who owns what, not all that a line has; so their part of the line is kept here, as text,
 * and with it what was written last: a group is written at each change. A tail is the line behind its `t`.
 */

import type { MemberDescription } from "../model/observation.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import type { LineOf } from "./line.ts";

export interface RecordedGroups {
  /** Members were told; the tail where it says something new. */
  described(group: string, members: readonly MemberDescription[]): string | undefined;
  /** Its metadata is gone, and with it its members: what is known then, to be told when a file begins. */
  emptied(group: string): void;
  /** All groups were listed: tails of those that changed, and of those that the state has forgotten. */
  listed(): readonly string[];
  /** Tails of all groups, for the head of a file. */
  all(): Iterable<string>;
}

interface Recorded {
  /** The JSON of the members; undefined: nobody has told them. */
  members: string | undefined;
  tail: string;
}

export function createRecordedGroups(state: ClusterState): RecordedGroups {
  const groups = new Map<string, Recorded>();

  const update = (group: string, members: string | undefined): string | undefined => {
    const tail = tailOf(state, group, members);
    const isNew = groups.get(group)?.tail !== tail;
    groups.set(group, { members, tail });
    return isNew ? tail : undefined;
  };

  return {
    described: (group, members) => update(group, JSON.stringify(members.map(memberOf))),
    emptied: (group) => {
      if (groups.has(group)) update(group, "[]");
    },
    listed: () => {
      const tails: string[] = [];
      for (const group of state.groups.names()) {
        // Nothing but a removal was heard of it.
        if (state.groups.get(group)?.state === undefined) continue;
        const changed = update(group, groups.get(group)?.members);
        if (changed !== undefined) tails.push(changed);
      }
      for (const group of groups.keys()) {
        if (state.groups.get(group) !== undefined) continue;
        groups.delete(group);
        tails.push(tail({ group, state: "Dead" }));
      }
      return tails;
    },
    *all() {
      for (const one of groups.values()) yield one.tail;
    },
  };
}

function tailOf(state: ClusterState, group: string, members: string | undefined): string {
  const facts = state.groups.get(group);
  const protocol = facts?.protocolType === "consumer" ? undefined : facts?.protocolType;
  const line = {
    group,
    // Only a group whose metadata was removed has none.
    state: facts?.state ?? "Empty",
    type: facts?.type,
    protocol,
    generation: facts?.generation,
  };
  const text = tail(line);
  return members === undefined ? text : `${text.slice(0, -1)},"members":${members}}`;
}

/** Without the members that are undefined. */
function tail(line: Partial<Omit<LineOf<"group">, "t" | "members">>): string {
  return JSON.stringify(line).slice(1);
}

type Member = NonNullable<LineOf<"group">["members"]>[number];

function memberOf({ memberId, clientId, clientHost, partitions }: MemberDescription): Member {
  const pairs = partitions.flatMap(({ topic, partitions: numbers }) =>
    numbers.map((partition): Member["partitions"][number] => [topic, partition]),
  );
  return { id: memberId, client: clientId, host: clientHost, partitions: pairs };
}

/**
 * # Who owns what, as a Burrow tells it
 *
 * A partition's owner is a host and a client id: two members of one host and name look like one.
 */

import type { MemberDescription } from "../model/observation.ts";
import type { ToldGroup } from "./answers.ts";

export function ownersOf(told: ToldGroup): readonly MemberDescription[] {
  const byName = new Map<string, { clientHost: string; clientId: string; owned: Map<string, number[]> }>();
  for (const [topic, partitions] of told)
    partitions.forEach(({ owner, clientId }, partition) => {
      if (owner === "" && clientId === "") return;
      const name = JSON.stringify([owner, clientId]);
      const member = byName.get(name) ?? { clientHost: owner, clientId, owned: new Map<string, number[]>() };
      byName.set(name, member);
      const owned = member.owned.get(topic);
      if (owned === undefined) member.owned.set(topic, [partition]);
      else owned.push(partition);
    });
  return [...byName].map(([memberId, { clientHost, clientId, owned }]) => ({
    memberId,
    clientHost,
    clientId,
    partitions: [...owned].map(([topic, partitions]) => ({ topic, partitions })),
  }));
}

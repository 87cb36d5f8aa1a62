/**
 * # The poll of groups: state, type, members
 *
 * ListGroups to every broker each `everyMs` gives the state of all groups (KIP-518, KIP-848). Members come from a describe
 * request: of all groups once, then of those whose state changed or whose records say that something happened. Classic
 * groups also write their members to the offsets topic, which is how a rebalance is seen at once.
 */

import type { Clock } from "../../runtime/clock.ts";
import { sleep } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { Observer } from "../model/observation.ts";
import type { ListedGroup } from "../protocol/list-groups.ts";
import type { CoordinatedGroups } from "./baseline.ts";
import { listAllGroups } from "./baseline.ts";
import { loadingLogs } from "./coordinator-probe.ts";
import { describeClassicGroups, describeConsumerGroups } from "./describe.ts";
import type { KafkaLink } from "./link.ts";
import type { MetadataKeeper } from "./metadata-keeper.ts";

const SOON_MS = 500;
const SOON_GROUPS_MAX = 10_000;

export interface GroupPoll {
  readonly actor: Actor;
  /** Lists all groups, and describes those that are new or changed; false where a broker did not answer. */
  once(): Promise<boolean>;
  /** Describes the groups of which something was seen, and those that got no answer before. */
  describeNow(): Promise<void>;
  /** Records of these groups were seen: describe them soon. */
  describeSoon(groups: Iterable<string>): void;
}

export interface GroupPollOptions {
  readonly link: KafkaLink;
  readonly keeper: Pick<MetadataKeeper, "current">;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly everyMs: number;
}

export function createGroupPoll({ link, keeper, observer, clock, everyMs }: GroupPollOptions): GroupPoll {
  let seen: ReadonlyMap<string, string> = new Map();
  const soon = new Set<string>();
  let coordinators: readonly CoordinatedGroups[] = [];

  const describeSoon = (groups: Iterable<string>): void => {
    for (const group of groups) if (soon.size < SOON_GROUPS_MAX) soon.add(group);
  };

  const describe = async (wanted: (group: ListedGroup) => boolean): Promise<void> => {
    await Promise.all(
      coordinators.map(async ({ nodeId, groups }) => {
        const chosen = groups.filter(wanted);
        const [consumer, classic] = [chosen.filter(isConsumerType), chosen.filter(isClassicConsumer)];
        describeSoon(await describeConsumerGroups({ link, observer, nodeId, groups: consumer }));
        describeSoon(await describeClassicGroups({ link, observer, nodeId, groups: classic }));
      }),
    );
  };

  const allLoaded = async (): Promise<boolean> => {
    const { logLeaders } = keeper.current();
    const probes = link.nodeIds().map((nodeId) => {
      const indexes = logLeaders.flatMap((leader, index) => (leader === nodeId ? [index] : []));
      return indexes.length === 0
        ? new Set()
        : loadingLogs(link, { nodeId, indexes, logPartitions: logLeaders.length });
    });
    return (await Promise.all(probes)).every((loading) => loading.size === 0);
  };

  const once = async (): Promise<boolean> => {
    // A coordinator that is loading leaves its groups out of a listing: they are not gone.
    const listed = (await allLoaded()) ? await listAllGroups(link) : undefined;
    if (listed === undefined) return false;
    coordinators = listed;
    const groups = listed.flatMap((one) => one.groups);
    observer.observe({ kind: "groups", groups });
    const now = new Map(groups.map((group) => [group.group, `${group.state} ${group.type}`]));
    const before = seen;
    seen = now;
    await describe((group) => before.get(group.group) !== now.get(group.group));
    return true;
  };

  const describeNow = async (): Promise<void> => {
    const wanted = new Set(soon);
    soon.clear();
    const known = new Set(coordinators.flatMap(({ groups }) => groups.map(({ group }) => group)));
    // A group that we have not heard of has a coordinator that only a listing names.
    if (!wanted.isSubsetOf(known) && !(await once())) describeSoon(wanted);
    else await describe(({ group }) => wanted.has(group));
  };

  const actor: Actor = async (signal) => {
    let dueMs = clock.monotonicMs();
    while (!signal.aborted) {
      // A listing that failed is repeated soon: what is not known must not stay so for a whole interval.
      if (clock.monotonicMs() >= dueMs) dueMs = clock.monotonicMs() + ((await once()) ? everyMs : SOON_MS);
      if (soon.size > 0) await describeNow();
      await sleep(SOON_MS, signal);
    }
  };

  return {
    actor,
    once,
    describeNow,
    describeSoon,
  };
}

function isConsumerType({ type }: ListedGroup): boolean {
  return type?.toLowerCase() === "consumer";
}

/** Groups of another protocol type (Connect's workers) have members, but no partitions that we could read. */
function isClassicConsumer(group: ListedGroup): boolean {
  return group.protocolType === "consumer" && !isConsumerType(group);
}

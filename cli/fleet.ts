/**
 * # The fleet: all watched clusters, each on its own
 *
 * Each cluster runs apart. One that fails for a reason that nobody has thought of is begun anew after a pause that grows, said and
 * counted; the others do not notice. Clusters come, go and change while the others go on.
 */

import { isDeepStrictEqual } from "node:util";
import type { ClusterConfig } from "../collector/config.ts";
import type { ClusterView } from "../collector/http/cluster-view.ts";
import type { Clock } from "../runtime/clock.ts";
import { asError } from "../runtime/error.ts";
import type { Actor } from "../runtime/lifecycle.ts";
import { untilTold } from "../runtime/lifecycle.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Watched } from "./watched.ts";

const PAUSE_MS_FIRST = 1_000;
const PAUSE_MS_MAX = 60_000;

export type ClusterConfigs = Readonly<Record<string, ClusterConfig>>;

export interface Fleet {
  /** In the order of the configuration. Live: it changes in place with a reload, so nobody copies it for later. */
  readonly watched: readonly Watched[];
  /** The same, live too. */
  readonly views: readonly ClusterView[];
  /** Times that a cluster was begun anew since watching it had failed; absent: never. */
  readonly failures: ReadonlyMap<string, number>;
  readonly run: Actor;
  /** Opens what is new, and changes nothing: one that cannot be opened throws here. */
  prepare(clusters: ClusterConfigs): PreparedClusters;
}

export interface PreparedClusters {
  /** Once, and before anything else is prepared. Resolves once what is gone has ended. */
  apply(): Promise<ClusterChanges>;
}

/** Names of clusters. */
export interface ClusterChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export interface FleetOptions {
  readonly open: (cluster: string, config: ClusterConfig) => Watched;
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  readonly clock: Clock;
  readonly logger: Logger;
}

interface Member {
  readonly cluster: string;
  config: ClusterConfig;
  watched: Watched;
  readonly stop: AbortController;
  /** Resolves once it has ended; at once before the fleet runs. */
  ended: Promise<void>;
}

interface Running extends FleetOptions {
  readonly members: Map<string, Member>;
  readonly watched: Watched[];
  readonly views: ClusterView[];
  readonly failures: Map<string, number>;
  /** Undefined before the fleet runs. */
  signal: AbortSignal | undefined;
}

export function createFleet(options: FleetOptions, clusters: ClusterConfigs): Fleet {
  const fleet: Running = {
    ...options,
    members: new Map(),
    watched: [],
    views: [],
    failures: new Map(),
    signal: undefined,
  };
  change(fleet, clusters, openNew(fleet, clusters));
  return {
    watched: fleet.watched,
    views: fleet.views,
    failures: fleet.failures,
    prepare: (wanted) => {
      const opened = openNew(fleet, wanted);
      return {
        apply: async () => {
          const { changes, ending } = change(fleet, wanted, opened);
          await Promise.all(ending.map(({ ended }) => ended));
          return changes;
        },
      };
    },
    run: async (signal) => {
      fleet.signal = signal;
      for (const member of fleet.members.values()) start(fleet, member, undefined);
      await untilTold(signal);
      await Promise.all([...fleet.members.values()].map(({ ended }) => ended));
    },
  };
}

/** By cluster: orders of one kind of source mean nothing to windows of another. */
function openNew({ members, open }: Running, wanted: ClusterConfigs): ReadonlyMap<string, Watched> {
  const isNew = ([cluster, { source }]: readonly [string, ClusterConfig]): boolean =>
    members.get(cluster)?.config.source !== source;
  const fresh = Object.entries(wanted).filter(isNew);
  return new Map(fresh.map(([cluster, config]) => [cluster, open(cluster, config)]));
}

/** Those that end have been told to. */
function change(
  fleet: Running,
  wanted: ClusterConfigs,
  opened: ReadonlyMap<string, Watched>,
): { changes: ClusterChanges; ending: readonly Member[] } {
  const before = new Map(fleet.members);
  fleet.members.clear();
  const changed: string[] = [];
  for (const [cluster, config] of Object.entries(wanted)) {
    const [known, watched] = [before.get(cluster), opened.get(cluster)];
    const isChanged = known !== undefined && !isDeepStrictEqual(known.config, config);
    if (isChanged) changed.push(cluster);
    if (watched !== undefined) fleet.members.set(cluster, begin(fleet, { cluster, config, watched }, known));
    else if (known !== undefined) fleet.members.set(cluster, isChanged ? told(known, config) : known);
  }
  const ending = [...before.values()].filter((member) => fleet.members.get(member.cluster) !== member);
  const removed = [...before.keys()].filter((cluster) => !fleet.members.has(cluster));
  for (const cluster of removed) fleet.failures.delete(cluster);
  show(fleet);
  return {
    changes: { added: Object.keys(wanted).filter((cluster) => !before.has(cluster)), removed, changed },
    ending: stopped(ending),
  };
}

function stopped(ending: readonly Member[]): readonly Member[] {
  for (const { stop } of ending) stop.abort();
  return ending;
}

function told(member: Member, config: ClusterConfig): Member {
  member.watched.change(config);
  member.config = config;
  return member;
}

function begin(
  fleet: Running,
  one: Pick<Member, "cluster" | "config" | "watched">,
  before: Member | undefined,
): Member {
  const member: Member = { ...one, stop: new AbortController(), ended: Promise.resolve() };
  start(fleet, member, before);
  return member;
}

function start(fleet: Running, member: Member, before: Member | undefined): void {
  if (fleet.signal === undefined) return;
  const signal = AbortSignal.any([fleet.signal, member.stop.signal]);
  // What was there before saves its windows last, and this one begins by looking for them.
  member.ended = (before?.ended ?? Promise.resolve()).then(() => keepRunning(fleet, member, signal));
}

/** In place: whoever holds the lists sees it. */
function show({ members, watched, views }: Running): void {
  const all = [...members.values()].map((member) => member.watched);
  watched.splice(0, watched.length, ...all);
  views.splice(0, views.length, ...all.map(({ view }) => view));
}

/** Never rejects: what a cluster breaks is its own. */
async function keepRunning(fleet: Running, member: Member, signal: AbortSignal): Promise<void> {
  const { clock, sleep, failures } = fleet;
  let pauseMs = PAUSE_MS_FIRST;
  for (let isAnew = false; !signal.aborted; isAnew = true) {
    const beganMs = clock.monotonicMs();
    await runOnce(fleet, member, { isAnew, signal });
    if (signal.aborted) return;
    failures.set(member.cluster, (failures.get(member.cluster) ?? 0) + 1);
    await sleep(pauseMs, signal);
    const hasHeld = clock.monotonicMs() - beganMs > 2 * PAUSE_MS_MAX;
    pauseMs = hasHeld ? PAUSE_MS_FIRST : Math.min(PAUSE_MS_MAX, 2 * pauseMs);
  }
}

async function runOnce(
  fleet: Running,
  member: Member,
  { isAnew, signal }: { readonly isAnew: boolean; readonly signal: AbortSignal },
): Promise<void> {
  const { logger } = fleet;
  const { cluster } = member;
  try {
    if (isAnew) {
      // Nobody knows in what state it was left.
      member.watched = fleet.open(cluster, member.config);
      show(fleet);
    }
    await member.watched.run(signal);
    if (!signal.aborted)
      logger.error({ event: "cluster.ended", cluster }, "watching it ended; it is begun anew, alone");
  } catch (caught) {
    const err = asError(caught);
    logger.error({ event: "cluster.failed", cluster, err }, "watching it failed; it is begun anew, alone");
  }
}

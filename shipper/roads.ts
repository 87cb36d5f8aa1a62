/**
 * # The roads: one per sink, from the spool to its store
 *
 * They can be changed while they run: a road that stays the same is not touched, one that changed stops where it is and goes on
 * from there with its new sink, since its place in the spool belongs to its name. What cannot be opened changes nothing.
 */

import { isDeepStrictEqual } from "node:util";
import { systemClock } from "../runtime/clock.ts";
import { asError } from "../runtime/error.ts";
import type { Actor } from "../runtime/lifecycle.ts";
import { runTogether, untilTold } from "../runtime/lifecycle.ts";
import type { Logger } from "../runtime/logger.ts";
import type { SinkConfig, SinksConfig } from "./config.ts";
import type { Deliverer, DeliverStats } from "./deliver/deliver.ts";
import { createDeliverer } from "./deliver/deliver.ts";
import { RETRY_POLICY } from "./deliver/policy.ts";
import { selects } from "./deliver/selection.ts";
import { openSink } from "./open-sink.ts";
import { openDailyDelete } from "./provision/provision.ts";
import type { PartitionPoints } from "./schema/thinning.ts";
import type { SqliteSink } from "./sink/sqlite/sqlite-sink.ts";
import type { Spool } from "./spool/spool.ts";
import type { ConfiguredSinks } from "./spool/state.ts";

export interface RoadsOptions {
  readonly dataDir: string;
  readonly spool: Spool;
  readonly random: () => number;
  readonly logger: Logger;
  readonly graceMs: number;
}

/** Names of sinks. */
export interface RoadChanges {
  readonly added: readonly string[];
  readonly removed: readonly string[];
  readonly changed: readonly string[];
}

export interface Roads extends AsyncDisposable {
  readonly actor: Actor;
  /** Rejects where a sink cannot be opened, and then all is as it was. Not to be called again before it has settled. */
  change(sinks: SinksConfig): Promise<RoadChanges>;
  /** Ends every wait of a sink: it is tried at once. */
  flush(): void;
  ways(): ReadonlySet<PartitionPoints>;
  stats(): ReadonlyMap<string, DeliverStats>;
  embedded(): readonly SqliteSink[];
}

interface Road extends AsyncDisposable {
  readonly config: SinkConfig;
  readonly deliverer: Deliverer;
  readonly embedded: SqliteSink | undefined;
  readonly actors: readonly Actor[];
}

interface Running {
  readonly stop: AbortController;
  readonly done: Promise<void>;
}

/** `sinks` have their places in the spool already. */
export async function openRoads(sinks: SinksConfig, options: RoadsOptions): Promise<Roads> {
  const traffic = createTraffic(await openAll(Object.entries(sinks), options));
  const { roads } = traffic;
  return {
    actor: traffic.actor,
    change: (wanted) => changeRoads(wanted, { ...options, traffic }),
    flush: () => {
      for (const { deliverer } of roads.values()) deliverer.flush();
    },
    ways: () => new Set([...roads.values()].map(({ config }) => config.partition_points)),
    stats: () => new Map([...roads].map(([name, { deliverer }]) => [name, deliverer.stats()])),
    embedded: () => [...roads.values()].flatMap(({ embedded }) => embedded ?? []),
    [Symbol.asyncDispose]: async () => {
      for (const road of roads.values()) await road[Symbol.asyncDispose]();
    },
  };
}

/** The roads there are, each running once the actor does. */
interface Traffic {
  readonly roads: ReadonlyMap<string, Road>;
  readonly actor: Actor;
  put(name: string, road: Road): void;
  /** Stops it where it is, and closes it. */
  halt(name: string): Promise<void>;
  /** Aborted once all are told to stop. */
  signal(): AbortSignal;
}

function createTraffic(roads: Map<string, Road>): Traffic {
  const running = new Map<string, Running>();
  const failed = Promise.withResolvers<never>();
  // Awaited only while they run.
  failed.promise.catch(() => {});
  let outer: AbortSignal | undefined;
  const start = (name: string, { actors }: Road): void => {
    // Told to stop, what is changed meanwhile is left for the next start.
    if (outer === undefined || outer.aborted) return;
    const stop = new AbortController();
    const done = runTogether(actors, AbortSignal.any([outer, stop.signal])).catch((caught) => failed.reject(caught));
    running.set(name, { stop, done });
  };
  return {
    roads,
    actor: async (signal) => {
      outer = signal;
      for (const [name, road] of roads) start(name, road);
      await Promise.race([untilTold(signal), failed.promise]);
      await Promise.all([...running.values()].map(({ done }) => done));
    },
    put: (name, road) => {
      roads.set(name, road);
      start(name, road);
    },
    halt: async (name) => {
      const one = running.get(name);
      one?.stop.abort();
      await one?.done;
      running.delete(name);
      await roads.get(name)?.[Symbol.asyncDispose]();
      roads.delete(name);
    },
    signal: () => outer ?? NEVER,
  };
}

const NEVER = new AbortController().signal;

interface Changing extends RoadsOptions {
  readonly traffic: Traffic;
}

async function changeRoads(wanted: SinksConfig, changing: Changing): Promise<RoadChanges> {
  const { traffic, spool } = changing;
  const changes = changesOf(new Map([...traffic.roads].map(([name, { config }]) => [name, config])), wanted);
  const isNew = ([name]: readonly [string, SinkConfig]): boolean => changes.added.includes(name);
  const added = await openAll(Object.entries(wanted).filter(isNew), changing);
  try {
    for (const name of changes.changed) await replaceRoad({ name, config: wanted[name] }, changing);
  } catch (caught) {
    for (const road of added.values()) await road[Symbol.asyncDispose]();
    throw caught;
  }
  for (const name of changes.removed) await traffic.halt(name);
  await spool.place(placesOf(wanted), traffic.signal());
  for (const [name, road] of added) traffic.put(name, road);
  return changes;
}

/** An embedded history holds its file alone: the old one has to go before the new one can come, and comes back where that fails. */
async function replaceRoad(
  { name, config }: { readonly name: string; readonly config: SinkConfig | undefined },
  { traffic, ...options }: Changing,
): Promise<void> {
  const before = traffic.roads.get(name)?.config;
  if (before === undefined || config === undefined) return;
  await traffic.halt(name);
  try {
    traffic.put(name, await openRoad({ name, config }, options));
  } catch (caught) {
    traffic.put(name, await openRoad({ name, config: before }, options));
    throw asError(caught);
  }
}

export function placesOf(sinks: SinksConfig): ConfiguredSinks {
  const entries = Object.entries(sinks);
  return {
    names: entries.map(([name]) => name),
    fromNewest: entries.flatMap(([name, { from }]) => (from === "newest" ? [name] : [])),
  };
}

function changesOf(before: ReadonlyMap<string, SinkConfig>, wanted: SinksConfig): RoadChanges {
  const names = Object.keys(wanted);
  return {
    added: names.filter((name) => !before.has(name)),
    removed: [...before.keys()].filter((name) => !names.includes(name)),
    changed: names.filter((name) => before.has(name) && !isDeepStrictEqual(before.get(name), wanted[name])),
  };
}

/** All of them or none. */
async function openAll(sinks: readonly (readonly [string, SinkConfig])[], options: RoadsOptions) {
  const opened = new Map<string, Road>();
  try {
    for (const [name, config] of sinks) opened.set(name, await openRoad({ name, config }, options));
    return opened;
  } catch (caught) {
    for (const road of opened.values()) await road[Symbol.asyncDispose]();
    throw caught;
  }
}

async function openRoad(
  named: { readonly name: string; readonly config: SinkConfig },
  options: RoadsOptions,
): Promise<Road> {
  const { name, config } = named;
  const { dataDir, spool, random, logger, graceMs } = options;
  await using resources = new AsyncDisposableStack();
  const { sink, embedded } = resources.use(await openSink(named, dataDir));
  const wants = selects({ ...config, partitionPoints: config.partition_points });
  const deliverer = createDeliverer({ sink, wants, spool, policy: RETRY_POLICY, random, logger, graceMs });
  const deleting = openDailyDelete(config, { sink: name, clock: systemClock, logger });
  const actors = deleting === undefined ? [deliverer.actor] : [deliverer.actor, resources.use(deleting).actor];
  const kept = resources.move();
  return { config, deliverer, embedded, actors, [Symbol.asyncDispose]: () => kept.disposeAsync() };
}

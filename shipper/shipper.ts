/**
 * # The shipper: feed -> spool -> sinks
 *
 * Wiring only. One loop reads the feed into the spool, one per sink reads the spool, each on its own cursor.
 */

import type { Feed } from "../collector/model/feed.ts";
import { systemClock } from "../runtime/clock.ts";
import type { Actor } from "../runtime/lifecycle.ts";
import { repeating, runTogether } from "../runtime/lifecycle.ts";
import type { Logger } from "../runtime/logger.ts";
import type { SinksConfig } from "./config.ts";
import type { DeliverStats } from "./deliver/deliver.ts";
import type { Heartbeat, HeartbeatOptions } from "./deliver/heartbeat.ts";
import { createHeartbeat } from "./deliver/heartbeat.ts";
import type { PullStats } from "./deliver/pull.ts";
import { createPuller } from "./deliver/pull.ts";
import type { RoadChanges } from "./roads.ts";
import { openRoads, placesOf } from "./roads.ts";
import type { History } from "./schema/history.ts";
import type { HistoryStats } from "./sink/sqlite/store.ts";
import type { SpoolLimits } from "./spool/limits.ts";
import { openSpool } from "./spool/spool.ts";
import type { StoreStats } from "./spool/store.ts";

/** Ages pass while nothing is appended. */
const SWEEP_MS = 10_000;

export interface ShipperOptions {
  readonly feed: Feed;
  readonly dataDir: string;
  readonly spoolBytesMax: number;
  /** Limits beside the bytes; absent: none. */
  readonly spoolLimits?: Omit<SpoolLimits, "bytesMax">;
  readonly sinks: SinksConfig;
  readonly random: () => number;
  readonly logger: Logger;
  /** What its heartbeat says that it does not know itself; absent: it has none. */
  readonly heartbeat?: Pick<HeartbeatOptions, "instance" | "isSourceUp" | "collector">;
  /** How long a write that is under way may take once told to stop. */
  readonly graceMs: number;
}

export interface ShipperStats {
  readonly pull: PullStats;
  /** Accounts per sink are in `spool.state.sinks`. */
  readonly spool: StoreStats;
  readonly sinks: ReadonlyMap<string, DeliverStats>;
  readonly histories: ReadonlyMap<string, HistoryStats>;
}

export interface Shipper extends AsyncDisposable {
  readonly run: Actor;
  /**
   * Other sinks from now on; the spool, and the roads that stay the same, are not touched. Rejects where one cannot be
   * opened, and then all is as it was. Not to be called again before it has settled.
   */
  reload(sinks: SinksConfig): Promise<RoadChanges>;
  /** Sinks that wait are tried at once. */
  flush(): void;
  /** The first embedded history, if one is configured at the start: what the page reads. */
  readonly history: History | undefined;
  stats(): Promise<ShipperStats>;
}

/** Rejects where a file is another process's or of a newer program; starts without any store and with a full disk. */
export async function createShipper(options: ShipperOptions): Promise<Shipper> {
  const { feed, dataDir, logger, random, graceMs } = options;
  await using opened = new AsyncDisposableStack();
  const limits = { ...options.spoolLimits, bytesMax: options.spoolBytesMax };
  const { names, fromNewest } = placesOf(options.sinks);
  const spool = opened.use(await openSpool({ dataDir, ...limits, sinks: names, fromNewest, random, logger }));
  const roads = opened.use(await openRoads(options.sinks, { dataDir, spool, random, logger, graceMs }));
  const heartbeat = heartbeatOf(options, { spool, sinks: () => roads.stats() });
  const puller = createPuller({ feed, spool, partitionPoints: roads.ways(), logger, ...heartbeat });
  const sweeping = repeating(SWEEP_MS, systemClock, (signal) => spool.sweep(signal));
  const resources = opened.move();
  return {
    run: (signal) => runInOrder(puller.actor, [roads.actor, sweeping], signal),
    reload: async (sinks) => {
      const changes = await roads.change(sinks);
      puller.thinFor(roads.ways());
      return changes;
    },
    flush: () => roads.flush(),
    history: roads.embedded().length === 0 ? undefined : historyOf(() => roads.embedded()[0]?.history),
    stats: async () => ({
      pull: puller.stats(),
      spool: await spool.stats(),
      sinks: roads.stats(),
      histories: new Map(
        await Promise.all(roads.embedded().map(async (sink) => [sink.name, await sink.stats()] as const)),
      ),
    }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** The first one there is when it is asked. */
function historyOf(current: () => History | undefined): History {
  const now = async (): Promise<History> => {
    const history = current();
    if (history === undefined) throw new Error("no embedded history is configured any more");
    return history;
  };
  return {
    sparklines: async (query) => (await now()).sparklines(query),
    group: async (query) => (await now()).group(query),
  };
}

function heartbeatOf(
  { heartbeat: told }: ShipperOptions,
  own: Pick<HeartbeatOptions, "spool" | "sinks">,
): { readonly heartbeat?: Heartbeat } {
  return told === undefined ? {} : { heartbeat: createHeartbeat({ ...told, ...own, clock: systemClock }) };
}

/** Told to stop, the source ends first, then the sinks: what it still brought in goes out before the end. */
async function runInOrder(source: Actor, sinks: readonly Actor[], signal: AbortSignal): Promise<void> {
  const drain = new AbortController();
  const first: Actor = (stop) => source(stop).finally(() => drain.abort());
  await runTogether([first, ...sinks.map((sink) => () => sink(drain.signal))], signal);
}

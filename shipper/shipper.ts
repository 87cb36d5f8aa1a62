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
import type { SinkConfig, SinksConfig } from "./config.ts";
import type { Deliverer, DeliverStats } from "./deliver/deliver.ts";
import { createDeliverer } from "./deliver/deliver.ts";
import { RETRY_POLICY } from "./deliver/policy.ts";
import type { PullStats } from "./deliver/pull.ts";
import { createPuller } from "./deliver/pull.ts";
import { selects } from "./deliver/selection.ts";
import { openSink } from "./open-sink.ts";
import { openDailyDelete } from "./provision/provision.ts";
import type { History } from "./schema/history.ts";
import type { SqliteSink } from "./sink/sqlite/sqlite-sink.ts";
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
  /** The first embedded history, if one is configured: what the page reads. */
  readonly history: History | undefined;
  stats(): Promise<ShipperStats>;
}

/** Rejects where a file is another process's or of a newer program; starts without any store and with a full disk. */
export async function createShipper(options: ShipperOptions): Promise<Shipper> {
  const { feed, dataDir, logger, random, graceMs } = options;
  await using opened = new AsyncDisposableStack();
  const limits = { ...options.spoolLimits, bytesMax: options.spoolBytesMax };
  const spool = opened.use(await openSpool({ dataDir, ...limits, ...placesOf(options.sinks), random, logger }));
  const embedded: SqliteSink[] = [];
  const deletes: Actor[] = [];
  const deliverers: (readonly [name: string, deliverer: Deliverer])[] = [];
  for (const [name, config] of Object.entries(options.sinks)) {
    const one = opened.use(await openSink({ name, config }, dataDir));
    if (one.embedded !== undefined) embedded.push(one.embedded);
    const { sink } = one;
    const wants = selects({ ...config, partitionPoints: config.partition_points });
    const loop = createDeliverer({ sink, wants, spool, policy: RETRY_POLICY, random, logger, graceMs });
    deliverers.push([name, loop]);
    const deleting = openDailyDelete(config, { sink: name, clock: systemClock, logger });
    if (deleting !== undefined) deletes.push(opened.use(deleting).actor);
    warnOfCompat({ name, config, logger });
  }
  const partitionPoints = new Set(Object.values(options.sinks).map((config) => config.partition_points));
  const puller = createPuller({ feed, spool, partitionPoints, logger });
  const sweeping = repeating(SWEEP_MS, systemClock, (signal) => spool.sweep(signal));
  const resources = opened.move();
  return {
    run: (signal) =>
      runInOrder(puller.actor, [...deliverers.map(([, { actor }]) => actor), ...deletes, sweeping], signal),
    history: embedded[0]?.history,
    stats: async () => ({
      pull: puller.stats(),
      spool: await spool.stats(),
      sinks: new Map(deliverers.map(([name, deliverer]) => [name, deliverer.stats()])),
      histories: new Map(await Promise.all(embedded.map(async (sink) => [sink.name, await sink.stats()] as const))),
    }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

function placesOf(sinks: SinksConfig) {
  const entries = Object.entries(sinks);
  return {
    sinks: entries.map(([name]) => name),
    fromNewest: entries.flatMap(([name, { from }]) => (from === "newest" ? [name] : [])),
  };
}

/** An option that is understood and does nothing must not look like one that works. */
function warnOfCompat({ name, config, logger }: Warning): void {
  if (config.type !== "influxdb" || config.compat === undefined) return;
  logger.warn(
    { event: "sink.compat_not_built", sink: name },
    "compat is not built yet; the sink writes Tidemark's points",
  );
}

interface Warning {
  readonly name: string;
  readonly config: SinkConfig;
  readonly logger: Logger;
}

/** Told to stop, the source ends first, then the sinks: what it still brought in goes out before the end. */
async function runInOrder(source: Actor, sinks: readonly Actor[], signal: AbortSignal): Promise<void> {
  const drain = new AbortController();
  const first: Actor = (stop) => source(stop).finally(() => drain.abort());
  await runTogether([first, ...sinks.map((sink) => () => sink(drain.signal))], signal);
}

/**
 * # The shipper: feed -> spool -> sinks
 *
 * Wiring only. One loop reads the feed into the spool, one per sink reads the spool, each on its own cursor.
 */

import type { Feed } from "../collector/model/feed.ts";
import type { Actor } from "../runtime/lifecycle.ts";
import { runTogether } from "../runtime/lifecycle.ts";
import type { Logger } from "../runtime/logger.ts";
import type { SinksConfig } from "./config.ts";
import type { DeliverStats } from "./deliver/deliver.ts";
import { createDeliverer } from "./deliver/deliver.ts";
import { RETRY_POLICY } from "./deliver/policy.ts";
import type { PullStats } from "./deliver/pull.ts";
import { createPuller } from "./deliver/pull.ts";
import type { History } from "./schema/history.ts";
import type { SqliteSink } from "./sink/sqlite/sqlite-sink.ts";
import { openSqliteSink } from "./sink/sqlite/sqlite-sink.ts";
import type { HistoryStats } from "./sink/sqlite/store.ts";
import { openSpool } from "./spool/spool.ts";
import type { StoreStats } from "./spool/store.ts";

export interface ShipperOptions {
  readonly feed: Feed;
  readonly dataDir: string;
  readonly spoolBytesMax: number;
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
  const names = Object.keys(options.sinks);
  const spool = opened.use(await openSpool({ dataDir, bytesMax: options.spoolBytesMax, sinks: names, random, logger }));
  const sinks: SqliteSink[] = [];
  for (const [name, { retention, bytes_max }] of Object.entries(options.sinks)) {
    sinks.push(opened.use(await openSqliteSink({ name, dataDir, retentionMs: retention, bytesMax: bytes_max })));
  }
  const widest = Object.values(options.sinks).some((sink) => sink.partition_points === "all") ? "all" : "unhealthy";
  const puller = createPuller({ feed, spool, partitionPoints: widest, logger });
  const deliverers = sinks.map(
    (sink) => [sink.name, createDeliverer({ sink, spool, policy: RETRY_POLICY, random, logger, graceMs })] as const,
  );
  const resources = opened.move();
  return {
    run: (signal) =>
      runInOrder(
        puller.actor,
        deliverers.map(([, { actor }]) => actor),
        signal,
      ),
    history: sinks[0]?.history,
    stats: async () => ({
      pull: puller.stats(),
      spool: await spool.stats(),
      sinks: new Map(deliverers.map(([name, deliverer]) => [name, deliverer.stats()])),
      histories: new Map(await Promise.all(sinks.map(async (sink) => [sink.name, await sink.stats()] as const))),
    }),
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  };
}

/** Told to stop, the source ends first, then the sinks: what it still brought in goes out before the end. */
async function runInOrder(source: Actor, sinks: readonly Actor[], signal: AbortSignal): Promise<void> {
  const drain = new AbortController();
  const first: Actor = (stop) => source(stop).finally(() => drain.abort());
  await runTogether([first, ...sinks.map((sink) => () => sink(drain.signal))], signal);
}

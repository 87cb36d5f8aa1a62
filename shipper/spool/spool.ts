/**
 * # The spool: a durable queue with one cursor per sink
 *
 * What is appended is durable when `append` resolves. While the disk refuses, every call retries with full-jitter backoff
 * until it works or is told to stop; nothing is acknowledged meanwhile, and `stats` says so.
 */

import { mkdir, statfs } from "node:fs/promises";
import { join } from "node:path";
import { sleep } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Unavailable } from "../sqlite/keeper.ts";
import { startThread } from "../sqlite/thread.ts";
import type { DropRange } from "./drops.ts";
import type { RowName } from "./head.ts";
import type { SpoolLimits } from "./limits.ts";
import { ROOM_BYTES_MIN } from "./limits.ts";
import type { AheadQuery, SettleEntry } from "./outgoing.ts";
import type { SpoolRow } from "./row.ts";
import type { ConfiguredSinks } from "./state.ts";
import type { AppendEntry, SpoolStore, StoreOptions, StoreStats } from "./store.ts";

export interface Spool extends AsyncDisposable {
  /** Where the source is to go on; undefined when told to stop while the disk refuses. */
  cursor(signal: AbortSignal): Promise<string | undefined>;
  /** `moved`: the entry does not continue the spool's cursor, nothing was taken. `stopped`: nothing is acknowledged. */
  append(entry: AppendEntry, signal: AbortSignal): Promise<"appended" | "moved" | "stopped">;
  /** The sink's oldest unsettled row; waits for one. Told to stop it looks once more, and is undefined where there is none. */
  peek(sink: string, signal: AbortSignal): Promise<SpoolRow | undefined>;
  /** What comes after a row in hand, without waiting for more; nothing where the disk refuses. */
  ahead(query: AheadQuery): Promise<readonly SpoolRow[]>;
  /** The rows are done with for this sink, in one transaction; tried at least once even when told to stop. */
  settle(entry: SettleEntry, signal: AbortSignal): Promise<void>;
  /** The row's points cannot be made out: it is kept for a person, and every sink counts it. */
  quarantine(row: RowName, signal: AbortSignal): Promise<void>;
  /** From now on these are the sinks; whatever it was, nothing of it has changed when this is told to stop. */
  place(sinks: ConfiguredSinks, signal: AbortSignal): Promise<void>;
  /** Enforces the limits while nothing is appended. */
  sweep(signal: AbortSignal): Promise<void>;
  stats(): Promise<StoreStats>;
}

export interface SpoolOptions extends SpoolLimits {
  readonly dataDir: string;
  readonly sinks: readonly string[];
  /** Those of them that begin at the tail where they are new. */
  readonly fromNewest?: readonly string[];
  readonly random: () => number;
  readonly logger: Logger;
}

/** What the thread serves: the store's verbs, with one argument each. */
export type SpoolCalls = {
  readonly cursor: (none: undefined) => ReturnType<SpoolStore["cursor"]>;
  readonly append: SpoolStore["append"];
  readonly peek: SpoolStore["peek"];
  readonly ahead: SpoolStore["ahead"];
  readonly settle: SpoolStore["settle"];
  readonly quarantine: SpoolStore["quarantine"];
  readonly place: SpoolStore["place"];
  readonly sweep: (none: undefined) => ReturnType<SpoolStore["sweep"]>;
  readonly stats: (none: undefined) => StoreStats;
  readonly close: (none: undefined) => void;
};

const RETRY_DELAY_MS_FIRST = 100;
const RETRY_DELAY_MS_MAX = 5_000;

/** NFS, SMB, SMB2 and CIFS, by the numbers of statfs(2): their locks and syncs cannot be trusted. */
const NETWORK_FILE_SYSTEMS: ReadonlySet<number> = new Set([0x6969, 0x517b, 0xfe534d42, 0xff534d42]);

/** `type` as statfs(2) gives it. */
export function isNetworkFileSystem(type: number): boolean {
  return NETWORK_FILE_SYSTEMS.has(type);
}

class NetworkFileSystemError extends Error {
  constructor(dataDir: string) {
    super(`data_dir ${dataDir} is on a network file system, where a synced commit may be lost; use a local disk`);
    this.name = "NetworkFileSystemError";
  }
}

/** Rejects where the folder is on a network file system, or the spool is another process's or of a newer program; a full disk is no reason not to start. */
export async function openSpool(options: SpoolOptions): Promise<Spool> {
  await mkdir(options.dataDir, { recursive: true });
  const { type } = await statfs(options.dataDir);
  if (isNetworkFileSystem(type)) throw new NetworkFileSystemError(options.dataDir);
  const { dataDir, random: _, logger, ...settings } = options;
  const storeOptions: StoreOptions = {
    ...settings,
    path: join(dataDir, "spool.db"),
    // A smaller spool could not hold one answer of a large source.
    bytesMax: Math.max(options.bytesMax, ROOM_BYTES_MIN),
  };
  const thread = startThread<SpoolCalls>("spool", new URL("./spool-worker.ts", import.meta.url), storeOptions);
  try {
    await thread.call("cursor", undefined);
  } catch (error) {
    await thread[Symbol.asyncDispose]();
    throw error;
  }
  const retry = retrying(options);
  const bell = createBell();
  return {
    cursor: async (signal) => (await retry(() => thread.call("cursor", undefined), signal))?.cursor,
    append: async (entry, signal) => {
      const answer = await retry(() => thread.call("append", entry), signal);
      bell.ring();
      if (answer?.kind === "appended") tellBegun(logger, answer.begun);
      return answer?.kind ?? "stopped";
    },
    peek: async (sink, signal) => {
      for (;;) {
        const rings = bell.rings();
        const answer = await retry(() => thread.call("peek", sink), signal);
        if (answer?.kind === "row") return answer.row;
        if (signal.aborted) return undefined;
        await bell.after(rings, signal);
      }
    },
    ahead: async (query) => {
      const answer = await thread.call("ahead", query);
      return isUnavailable(answer) ? [] : answer.rows;
    },
    settle: async (entry, signal) => void (await retry(() => thread.call("settle", entry), signal)),
    quarantine: async (row, signal) => void (await retry(() => thread.call("quarantine", row), signal)),
    place: async (sinks, signal) => void (await retry(() => thread.call("place", sinks), signal)),
    sweep: async (signal) => {
      const answer = await retry(() => thread.call("sweep", undefined), signal);
      tellBegun(logger, answer?.begun ?? []);
    },
    stats: () => thread.call("stats", undefined),
    [Symbol.asyncDispose]: async () => {
      await thread.call("close", undefined);
      await thread[Symbol.asyncDispose]();
    },
  };
}

/** Once for each range, when it begins: how far it came is in the state, and told to the sinks. */
function tellBegun(logger: Logger, begun: readonly DropRange[]): void {
  for (const { sink, reason, points, firstMs, lastMs } of begun)
    logger.warn(
      { event: "spool.dropping", sink, reason, points, firstMs, lastMs },
      "points fall off the spool, the oldest first",
    );
}

/** Calls until the disk takes it; undefined when told to stop first. One log line when it begins and one when it ends. */
function retrying({ random, logger }: Pick<SpoolOptions, "random" | "logger">) {
  let refusing = false;
  return async <A extends { readonly kind: string }>(
    call: () => Promise<A | Unavailable>,
    signal: AbortSignal,
  ): Promise<A | undefined> => {
    for (let ceilingMs = RETRY_DELAY_MS_FIRST; ; ceilingMs = Math.min(ceilingMs * 2, RETRY_DELAY_MS_MAX)) {
      const answer = await call();
      if (!isUnavailable(answer)) {
        if (refusing) logger.info({ event: "spool.recovered" }, "the spool takes points again");
        refusing = false;
        return answer;
      }
      const err = answer.cause;
      if (!refusing)
        logger.error({ event: "spool.unavailable", err }, "the disk refuses the spool; nothing is acknowledged");
      refusing = true;
      if (signal.aborted) return undefined;
      await sleep(random() * ceilingMs, signal);
    }
  };
}

function isUnavailable<A extends { readonly kind: string }>(answer: A | Unavailable): answer is Unavailable {
  return answer.kind === "unavailable";
}

interface Bell {
  ring(): void;
  rings(): number;
  /** Waits until it has rung more often than `rings`, so that a ring between a look and the wait is not missed. */
  after(rings: number, signal: AbortSignal): Promise<void>;
}

function createBell(): Bell {
  let count = 0;
  let pending = Promise.withResolvers<void>();
  return {
    ring: () => {
      count += 1;
      pending.resolve();
      pending = Promise.withResolvers();
    },
    rings: () => count,
    after: async (rings, signal) => {
      if (count !== rings || signal.aborted) return;
      const { promise } = pending;
      const stopped = Promise.withResolvers<void>();
      const stop = (): void => stopped.resolve();
      signal.addEventListener("abort", stop, { once: true });
      await Promise.race([promise, stopped.promise]);
      signal.removeEventListener("abort", stop);
    },
  };
}

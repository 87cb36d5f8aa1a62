/**
 * # The embedded history: a sink, and the page's port to read it back
 *
 * The file is `<data_dir>/<sink name>.history.db`.
 */

import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { rowsOf } from "../../encode/rows.ts";
import type { History } from "../../schema/history.ts";
import { startThread } from "../../sqlite/thread.ts";
import type { Sink } from "../sink.ts";
import type { HistoryStats, HistoryStore, HistoryStoreOptions, Read } from "./store.ts";

export interface SqliteSink extends Sink, AsyncDisposable {
  readonly history: History;
  stats(): Promise<HistoryStats>;
}

export interface SqliteSinkOptions {
  readonly name: string;
  readonly dataDir: string;
  readonly retentionMs: number;
  /** Disk the file may use, beside a WAL of some MB. */
  readonly bytesMax: number;
}

/** What the thread serves: the store's verbs, with one argument each. */
export type HistoryCalls = {
  readonly write: HistoryStore["write"];
  readonly sparklines: HistoryStore["sparklines"];
  readonly group: HistoryStore["group"];
  readonly stats: (none: undefined) => HistoryStats;
  readonly close: (none: undefined) => void;
};

/** As many as a row of the spool holds: one row, one transaction. */
const BATCH_POINTS_MAX = 5_000;

/** Rejects where the file is another process's or of a newer program. */
export async function openSqliteSink({ name, dataDir, ...limits }: SqliteSinkOptions): Promise<SqliteSink> {
  await mkdir(dataDir, { recursive: true });
  const options: HistoryStoreOptions = { path: join(dataDir, `${encodeURIComponent(name)}.history.db`), ...limits };
  const thread = startThread<HistoryCalls>("history", new URL("./history-worker.ts", import.meta.url), options);
  try {
    await thread.call("write", []);
  } catch (error) {
    await thread[Symbol.asyncDispose]();
    throw error;
  }
  return {
    name,
    batchPointsMax: BATCH_POINTS_MAX,
    write: async (batch, signal) => {
      signal.throwIfAborted();
      const outcome = await thread.call("write", rowsOf(batch));
      if (outcome.kind === "unavailable") return { kind: "kept", retryAfterMs: undefined, cause: outcome.cause };
      return { kind: "written", duplicates: batch.length - outcome.inserted, rejected: [], kept: [] };
    },
    history: {
      sparklines: async (query) => answerOf(await thread.call("sparklines", query)),
      group: async (query) => answerOf(await thread.call("group", query)),
    },
    stats: () => thread.call("stats", undefined),
    [Symbol.asyncDispose]: async () => {
      await thread.call("close", undefined);
      await thread[Symbol.asyncDispose]();
    },
  };
}

class HistoryUnavailableError extends Error {
  constructor(options: ErrorOptions) {
    super("the history cannot be read now; the disk refuses its file", options);
    this.name = "HistoryUnavailableError";
  }
}

function answerOf<A>(read: Read<A>): A {
  if (read.kind === "unavailable") throw new HistoryUnavailableError({ cause: read.cause });
  return read.answer;
}

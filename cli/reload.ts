/**
 * # Reading the configuration again while a process runs
 *
 *     SIGHUP, or another text in the file    the configuration is read anew
 *     SIGUSR1                                sinks of a shipper that wait before they try again try now
 *
 * What is refused changes nothing, and neither does what cannot be opened; it is counted, and told until the file is mended. What
 * only a restart brings in is named. The file is looked at, and not watched: that sees a file behind a link that is exchanged, as
 * Kubernetes does it, and one that an editor puts in the place of another.
 */

import { readFile, stat } from "node:fs/promises";
import { sleep } from "../runtime/clock.ts";
import { asError } from "../runtime/error.ts";
import type { Actor } from "../runtime/lifecycle.ts";
import { untilTold } from "../runtime/lifecycle.ts";
import type { Logger } from "../runtime/logger.ts";
import { setLogLevel } from "../runtime/logger.ts";
import type { Shipper } from "../shipper/shipper.ts";
import type { Collector } from "./collector.ts";
import type { Config } from "./config.ts";
import { needCluster, readConfig } from "./config.ts";
import { restartedBy } from "./restarted-by.ts";

/** A text counts once it was the same at two looks: nobody has to write a file at one stroke. */
const LOOK_MS = 2_000;

export interface ReloadOptions {
  readonly file: string;
  readonly config: Config;
  /** What `config` was read from: the file may have changed since. */
  readonly text: string;
  readonly collector?: Pick<Collector, "prepare">;
  readonly shipper?: Pick<Shipper, "reload" | "flush">;
  readonly logger: Logger;
  /** Between two looks. */
  readonly lookMs?: number;
}

export interface ReloadStats {
  readonly applied: number;
  readonly refused: number;
  /** Why the file as it was read last is not in force; undefined: it is. */
  readonly problem: string | undefined;
  /** Options that differ from those in force until a restart, as paths. */
  readonly needRestart: readonly string[];
}

export interface Reloading {
  /** Listens and looks until told to stop. */
  readonly run: Actor;
  stats(): ReloadStats;
}

interface State extends Omit<ReloadOptions, "text"> {
  stats: ReloadStats;
  /** What was read last, and whether it was taken or not. */
  text: string | undefined;
}

export function createReloading(options: ReloadOptions): Reloading {
  const stats = { applied: 0, refused: 0, problem: undefined, needRestart: [] };
  const state: State = { ...options, stats };
  return {
    stats: () => state.stats,
    run: async (signal) => {
      let last: Promise<void> = Promise.resolve();
      let isWaiting = false;
      const soon = (): void => {
        // The one that waits reads the file when its turn comes: another would read the same.
        if (isWaiting) return;
        isWaiting = true;
        last = last.then(() => {
          isWaiting = false;
          return signal.aborted ? undefined : reload(state);
        });
      };
      const onFlush = (): void => options.shipper?.flush();
      process.on("SIGHUP", soon).on("SIGUSR1", onFlush);
      if (options.config.reload.on_change && (await isKept(options.file))) await look(state, soon, signal);
      await untilTold(signal);
      process.off("SIGHUP", soon).off("SIGUSR1", onFlush);
      await last;
    },
  };
}

async function look(state: State, soon: () => void, signal: AbortSignal): Promise<void> {
  let before = state.text;
  while (!signal.aborted) {
    await sleep(state.lookMs ?? LOOK_MS, signal);
    const now = await textOf(state.file);
    if (now !== state.text && now === before && !signal.aborted) {
      // Asked for once, however long it takes until it is read.
      state.text = now;
      soon();
    }
    before = now;
  }
}

/** A pipe has said all that it has to say. One that is not there now may come again. */
async function isKept(file: string): Promise<boolean> {
  return stat(file).then(
    (stats) => stats.isFile(),
    () => true,
  );
}

/** Undefined where it cannot be read. */
async function textOf(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, "utf8");
  } catch {
    return undefined;
  }
}

async function reload(state: State): Promise<void> {
  const { file, config, collector, shipper, logger } = state;
  state.text = await textOf(file);
  try {
    const wanted = readConfig(file, process.env);
    if (collector !== undefined) needCluster(wanted, file);
    // All or nothing: sinks may still fail to open, and clusters that are open already do not.
    const prepared = collector?.prepare(wanted);
    const sinks = await shipper?.reload(wanted.sinks);
    const clusters = await prepared?.apply();
    if (logger.level !== wanted.log.level) setLogLevel(logger, wanted.log.level);
    const runs = { collector: collector !== undefined, shipper: shipper !== undefined };
    const needRestart = restartedBy({ before: config, wanted }, runs);
    state.stats = { ...state.stats, applied: state.stats.applied + 1, problem: undefined, needRestart };
    const changes = { ...sinks, ...(clusters === undefined ? {} : { clusters }) };
    logger.info({ event: "config.reloaded", file, ...changes, needRestart }, sentenceOf(needRestart));
  } catch (caught) {
    const err = asError(caught);
    state.stats = { ...state.stats, refused: state.stats.refused + 1, problem: err.message };
    logger.error({ event: "config.refused", file, err }, `${err.message}; what was in force before stays`);
  }
}

function sentenceOf(needRestart: readonly string[]): string {
  if (needRestart.length === 0) return "all is as the configuration says";
  return `a restart is needed for ${needRestart.join(", ")}; all else is as the configuration says`;
}

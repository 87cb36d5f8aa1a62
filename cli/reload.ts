/**
 * # Signals of a running shipper
 *
 *     SIGHUP    the configuration is read anew and its sinks take the place of those there are: added, removed, changed
 *     SIGUSR1   sinks that wait before they try again try now
 *
 * A configuration that is refused changes nothing, and neither does one whose sinks cannot be opened. What is not under `sinks`
 * needs a restart, and is said.
 */

import { isDeepStrictEqual } from "node:util";
import { asError } from "../runtime/error.ts";
import type { Actor } from "../runtime/lifecycle.ts";
import { untilTold } from "../runtime/lifecycle.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Shipper } from "../shipper/shipper.ts";
import type { Config } from "./config.ts";
import { readConfig } from "./config.ts";

export interface ReloadOptions {
  readonly file: string;
  readonly config: Config;
  readonly shipper: Pick<Shipper, "reload" | "flush">;
  readonly logger: Logger;
}

/** Listens until told to stop. */
export function reloadOnSignal({ file, config, shipper, logger }: ReloadOptions): Actor {
  return async (signal) => {
    let last: Promise<void> = Promise.resolve();
    let { sinks } = config;
    const reload = async (): Promise<void> => {
      if (signal.aborted) return;
      try {
        const wanted = readConfig(file, process.env);
        const changes = await shipper.reload(wanted.sinks);
        ({ sinks } = wanted);
        const needRestart = restartedBy(config, wanted);
        logger.info({ event: "config.reloaded", ...changes, needRestart }, "the sinks are as the configuration says");
      } catch (caught) {
        const err = asError(caught);
        logger.error({ event: "config.refused", file, sinks: Object.keys(sinks), err }, err.message);
      }
    };
    const onHangUp = (): void => {
      last = last.then(reload);
    };
    const onFlush = (): void => shipper.flush();
    process.on("SIGHUP", onHangUp).on("SIGUSR1", onFlush);
    await untilTold(signal);
    process.off("SIGHUP", onHangUp).off("SIGUSR1", onFlush);
    await last;
  };
}

/** Parts of the configuration that differ, and only a restart brings in. */
function restartedBy(before: Config, wanted: Config): readonly string[] {
  const parts = Object.keys(wanted) as (keyof Config)[];
  return parts.filter((part) => part !== "sinks" && !isDeepStrictEqual(before[part], wanted[part]));
}

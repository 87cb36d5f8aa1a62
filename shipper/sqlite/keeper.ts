/**
 * # Keeping a file in use, whatever happens to it
 *
 *     opened at the first call · closed after any failure, so that what we believe is what is durable
 *     disk refuses   -> `unavailable`: nothing was done, the same call may succeed later
 *     damaged        -> set aside, begun anew, the call tried once more
 *     locked, newer  -> thrown: a broken start
 */

import { statSync } from "node:fs";
import type { Clock } from "../../runtime/clock.ts";
import { asError } from "../../runtime/error.ts";
import { setAside } from "./aside.ts";
import { FileLockedError, fileFailureOf } from "./failure.ts";

/** The disk refuses: nothing was acknowledged; the same call may succeed later. */
export interface Unavailable {
  readonly kind: "unavailable";
  readonly cause: Error;
}

export type FileHealth =
  | { readonly kind: "ok" }
  /** Set aside once since the start; something may be lost that no counter knows. */
  | { readonly kind: "degraded"; readonly aside: string }
  | { readonly kind: "unavailable"; readonly why: string };

export interface FileKeeper<Opened> {
  attempt<A>(work: (opened: Opened) => A): A | Unavailable;
  /** What is open now, if anything is. */
  current(): Opened | undefined;
  health(): FileHealth;
  close(): void;
}

export interface KeeperOptions<Opened> {
  readonly path: string;
  readonly clock: Clock;
  readonly open: () => Opened;
  readonly close: (opened: Opened) => void;
  /** Called once the damaged file is out of the way, to save what can be read of it. */
  readonly salvage: (aside: string) => void;
}

export function keepFile<Opened>({ path, clock, ...file }: KeeperOptions<Opened>): FileKeeper<Opened> {
  let opened: Opened | undefined;
  let aside: string | undefined;
  let refusal: Error | undefined;

  const close = (): void => {
    const closing = opened;
    opened = undefined;
    try {
      if (closing !== undefined) file.close(closing);
    } catch {
      // Nothing more can be done with this connection; the file is judged when it is opened again.
    }
  };

  const replace = (): boolean => {
    try {
      aside = setAside(path, clock.nowMs());
      file.salvage(aside);
      return true;
    } catch (caught) {
      refusal = asError(caught);
      return false;
    }
  };

  return {
    attempt: (work) => {
      for (let tries = 0; ; tries += 1) {
        try {
          opened ??= file.open();
          const answer = work(opened);
          refusal = undefined;
          return answer;
        } catch (caught) {
          const error = asError(caught);
          close();
          const failure = isDirectory(path) || isDirectory(`${path}-wal`) ? "damaged" : fileFailureOf(error);
          if (failure === undefined) throw error;
          if (failure === "locked") throw new FileLockedError(path, { cause: error });
          refusal = error;
          if (failure === "disk" || tries > 0 || !replace()) return { kind: "unavailable", cause: error };
        }
      }
    },
    current: () => opened,
    health: () => {
      if (refusal !== undefined) return { kind: "unavailable", why: refusal.message };
      return aside === undefined ? { kind: "ok" } : { kind: "degraded", aside };
    },
    close,
  };
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() ?? false;
}

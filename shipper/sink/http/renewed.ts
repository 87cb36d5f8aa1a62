/**
 * # A sink whose connections do not grow old
 *
 * A connection that is kept alive stays with the address that its name had when it was made, and with the authority of its day.
 * So every CONNECTION_AGE_MS_MAX the sink is opened anew for the next write: names are resolved and the CA file is read again. What is under way ends first where it began.
 */

import type { Clock } from "../../../runtime/clock.ts";
import type { Sink } from "../sink.ts";

type Opened = Sink & AsyncDisposable;

export const CONNECTION_AGE_MS_MAX = 300_000;

/** A file that cannot be read at the first opening throws; later the sink that there is stays in use. */
export function renewed(open: () => Opened, clock: Clock): Opened {
  let current = open();
  let openedMs = clock.monotonicMs();
  const underWay = new Set<Promise<unknown>>();
  const renew = async (): Promise<void> => {
    openedMs = clock.monotonicMs();
    const before = current;
    try {
      current = open();
    } catch {
      return;
    }
    await Promise.allSettled(underWay);
    await before[Symbol.asyncDispose]();
  };
  return {
    name: current.name,
    batchPointsMax: current.batchPointsMax,
    write: async (batch, signal) => {
      if (clock.monotonicMs() - openedMs >= CONNECTION_AGE_MS_MAX) await renew();
      const writing = current.write(batch, signal);
      underWay.add(writing);
      return writing.finally(() => underWay.delete(writing));
    },
    [Symbol.asyncDispose]: () => current[Symbol.asyncDispose](),
  };
}

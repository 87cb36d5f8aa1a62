/**
 * # Our own daily delete, where the server has no lifecycles
 *
 * Whole indices, and only ours by name: prefix, dash, day. A day goes when its last point is older than the retention.
 */

import type { Clock } from "../../runtime/clock.ts";
import { asError } from "../../runtime/error.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import { repeating } from "../../runtime/lifecycle.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Store } from "./ask.ts";
import { ask, ProvisionError } from "./ask.ts";
import { hasLifecycles } from "./elasticsearch.ts";

const DAY_MS = 86_400_000;
const EVERY_MS = 3_600_000;

export interface DailyDeleteOptions {
  /** The name of its sink, for the log. */
  readonly sink: string;
  readonly store: Store;
  readonly retentionMs: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Runs until told to stop; a store that is away is asked again an hour later. */
export function dailyDelete(options: Omit<DailyDeleteOptions, "store">, stores: readonly Store[]): Actor {
  return repeating(EVERY_MS, options.clock, async () => {
    for (const store of stores) await deleteExpired({ ...options, store });
  });
}

/** One round; what goes wrong is logged and left for the next. */
export async function deleteExpired({ sink, store, retentionMs, clock, logger }: DailyDeleteOptions): Promise<void> {
  const { prefix } = store;
  try {
    if (await hasLifecycles(store)) return;
    for (const index of expiredDays(await daysOf(store), { prefix, retentionMs, nowMs: clock.nowMs() })) {
      const answer = await ask(store, { method: "DELETE", path: `/${index}` });
      // A day that is gone was another's to delete.
      if (answer.status !== 200 && answer.status !== 404) throw new ProvisionError(`deleting ${index}`, answer);
      logger.info({ event: "sink.day_deleted", sink, index }, "a day is older than the retention");
    }
  } catch (caught) {
    const err = asError(caught);
    logger.warn({ event: "sink.delete_failed", sink, err }, "days older than the retention are still there");
  }
}

/** By their settings, which who may manage an index may read; to list them by _cat takes a right on the whole cluster. */
async function daysOf(store: DailyDeleteOptions["store"]): Promise<readonly string[]> {
  const path = `/${store.prefix}-*/_settings?filter_path=*.settings.index.provided_name`;
  const answer = await ask(store, { method: "GET", path });
  const { status, body } = answer;
  if (status !== 200 || typeof body !== "object" || body === null) throw new ProvisionError("listing the days", answer);
  return Object.keys(body);
}

/**
 * The time is never later than the end of our newest day: a wall clock that jumps ahead by years must not delete all there is. So
 * the newest day stays, and where nothing is written any more, nothing is deleted any more.
 */
export function expiredDays(
  names: readonly string[],
  { prefix, retentionMs, nowMs }: { readonly prefix: string; readonly retentionMs: number; readonly nowMs: number },
): readonly string[] {
  const days = names.flatMap((name) => {
    const endMs = endOfDay(name, prefix);
    return endMs === undefined ? [] : [{ name, endMs }];
  });
  const untilMs = days.reduce((newest, { endMs }) => Math.max(newest, endMs), Number.NEGATIVE_INFINITY);
  const cutoffMs = Math.min(nowMs, untilMs) - retentionMs;
  return days.filter(({ endMs }) => endMs < cutoffMs).map(({ name }) => name);
}

function endOfDay(name: string, prefix: string): number | undefined {
  const [, year, month, day] = /^-(\d{4})\.(\d{2})\.(\d{2})$/.exec(name.slice(prefix.length)) ?? [];
  if (!name.startsWith(prefix) || day === undefined) return undefined;
  return Date.UTC(Number(year), Number(month) - 1, Number(day)) + DAY_MS;
}

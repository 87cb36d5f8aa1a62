/**
 * # The strict rules: one partition, judged as Burrow judges it
 *
 * linkedin/Burrow v1.9.5, core/internal/evaluator/caching.go, to the bit. The order of the tests is part of the rules:
 *
 *   current lag <= allowed                                       OK
 *   silent for longer than the window spans, and not at the end lately   STOP
 *   the first decrease of offsets was not made up for            REWIND
 *   no commit of the window was caught up, and
 *     all offsets are the same                                   STALL
 *     no known lag is smaller than the known one before it       WARN
 *   else                                                         OK
 *
 * A window that is less complete than asked for is OK. `complete` is Burrow's float32. The rules read windows of plain
 * columns (window/rings.ts), oldest commit first, without empty cells; a lag of NaN is one that is not known.
 */

import type { BurrowPartitionStatus } from "../model/status.ts";
import { type BrokerWindow, createBrokerWindow, readBrokerWindow } from "../window/broker-rings.ts";
import type { BurrowStore } from "../window/burrow-store.ts";
import { countOf, createWindow, readWindow, type Window } from "../window/rings.ts";

export interface BurrowRules {
  /** Share of a window that must be filled for it to be judged, 0..1, compared as float32. */
  readonly minimumComplete: number;
  /** Records of lag that are as good as none. */
  readonly allowedLag: number;
}

/** Burrow's own defaults. */
export const BURROW_RULES_DEFAULTS: BurrowRules = { minimumComplete: 0, allowedLag: 0 };

/** A store with the rules to judge it by, and room for one window, so that judging allocates nothing. */
export interface BurrowJudge {
  readonly store: BurrowStore;
  readonly rules: BurrowRules;
  readonly window: Window;
  readonly broker: BrokerWindow;
}

export function createBurrowJudge(store: BurrowStore, rules: BurrowRules = BURROW_RULES_DEFAULTS): BurrowJudge {
  const { intervals } = store.options;
  return { store, rules, window: createWindow(intervals), broker: createBrokerWindow(intervals) };
}

/** The verdict on a slot whose current lag is above the allowed one. */
export function judgeLagging(
  { store, rules, window, broker }: BurrowJudge,
  slot: number,
  { currentLag, nowS }: { readonly currentLag: number; readonly nowS: number },
): BurrowPartitionStatus {
  if (completeOf(store, slot) < Math.fround(rules.minimumComplete)) return "OK";
  readWindow(store.rings, store.ringBySlot.get(slot), window);
  readBrokerWindow(store.brokers, store.table.topicPartitionOf(slot), broker);
  return judgeWindow({ window, broker, currentLag, nowS, allowedLag: rules.allowedLag });
}

/** How full a slot's window is, as float32. A ring without commits counts one, as in Burrow: an owner is known. */
export function completeOf(store: BurrowStore, slot: number): number {
  const ring = store.ringBySlot.get(slot);
  return ring < 0 ? 0 : completeness(countOf(store.rings, ring), store.options.intervals);
}

/** The same for `commits` of `intervals` cells filled. */
export function completeness(commits: number, intervals: number): number {
  return Math.fround(Math.max(1, commits) / intervals);
}

/** The verdict on a window of at least one commit. */
export function judgeWindow(given: {
  readonly window: Window;
  readonly broker: BrokerWindow;
  readonly currentLag: number;
  readonly nowS: number;
  readonly allowedLag: number;
}): BurrowPartitionStatus {
  const { window, broker, currentLag, nowS, allowedLag } = given;
  if (currentLag <= allowedLag) return "OK";
  if (isStopped(window, nowS) && !wasAtEndLately(window, broker)) return "STOP";
  if (isRewound(window)) return "REWIND";
  if (wasNeverCaughtUp(window, allowedLag)) {
    if (isStalled(window)) return "STALL";
    if (isLagNotDecreasing(window)) return "WARN";
  }
  return "OK";
}

/** Silent for longer than from the first to the last commit of the window; strictly. One commit spans no time at all. */
export function isStopped({ timestampsMs, length }: Window, nowS: number): boolean {
  const first = timestampsMs[0] as number;
  const last = timestampsMs[length - 1] as number;
  return nowS * 1000 - last > last - first;
}

/** The last committed offset had reached the high watermark in one of the samples kept. */
export function wasAtEndLately({ offsets, length }: Window, broker: BrokerWindow): boolean {
  const last = offsets[length - 1] as number;
  for (let i = 0; i < broker.length; i++) if ((broker.offsets[i] as number) <= last) return true;
  return false;
}

/** Index of the first commit whose offset is below the one before; only this decrease is looked at. */
export function firstRewind({ offsets, length }: Window): number | undefined {
  for (let i = 1; i < length; i++) if ((offsets[i] as number) < (offsets[i - 1] as number)) return i;
  return undefined;
}

/** Offsets went back, and no later commit came up to where they were. */
export function isRewound(window: Window): boolean {
  const rewind = firstRewind(window);
  if (rewind === undefined) return false;
  const before = window.offsets[rewind - 1] as number;
  for (let i = rewind; i < window.length; i++) if ((window.offsets[i] as number) >= before) return false;
  return true;
}

/** No commit of the window is known to have been within the allowed lag. */
export function wasNeverCaughtUp({ lags, length }: Window, allowedLag: number): boolean {
  for (let i = 0; i < length; i++) if ((lags[i] as number) <= allowedLag) return false; // false for NaN
  return true;
}

/** All offsets are the same; so one commit alone is. */
export function isStalled({ offsets, length }: Window): boolean {
  for (let i = 1; i < length; i++) if (offsets[i] !== offsets[0]) return false;
  return true;
}

/** No known lag is smaller than the known one before it; so it is where fewer than two are known. */
export function isLagNotDecreasing({ lags, length }: Window): boolean {
  let before = Number.NaN;
  for (let i = 0; i < length; i++) {
    const lag = lags[i] as number;
    if (lag < before) return false;
    if (!Number.isNaN(lag)) before = lag;
  }
  return true;
}

/**
 * # The heartbeat: what a shipper says of itself at each tick
 *
 * So that silence shows. While the source is away there are no ticks; then a heartbeat says so on a grid of its own, and the
 * ticks that come late for those times bring none.
 */

import type { Clock } from "../../runtime/clock.ts";
import type { SelfReport } from "../encode/self.ts";
import { selfPoints } from "../encode/self.ts";
import type { Fields, PointOf } from "../schema/point.ts";
import type { SinkAccount } from "../spool/state.ts";
import type { StoreStats } from "../spool/store.ts";
import type { DeliverStats } from "./deliver.ts";

export interface HeartbeatOptions {
  readonly instance: string;
  readonly clock: Clock;
  readonly spool: { stats(): Promise<StoreStats> };
  readonly sinks: () => ReadonlyMap<string, DeliverStats>;
  readonly isSourceUp: () => boolean;
  /** Of the collector, where it runs in this process. */
  readonly collector: () => CollectorReport | undefined;
}

/** Since its start. */
export interface CollectorReport {
  readonly skipped: number;
  /** Work of the last tick, ms. */
  readonly lastMs: number;
}

/** What the puller knows of itself. */
interface Pulled {
  readonly ticks: number;
  readonly eventsDropped: number;
}

export interface Heartbeat {
  /** Reads all counts once, for the ticks of one answer. */
  look(pulled: Pulled): Promise<Beat>;
  /** While the source is away, once in SILENCE_MS; otherwise nothing. */
  silence(pulled: Pulled): Promise<readonly PointOf<"self">[]>;
}

export type Beat = (tick: BeatTick) => readonly PointOf<"self">[];

interface BeatTick {
  readonly atMs: number;
  readonly groups: number;
}

const SILENCE_MS = 10_000;
const MS_PER_SECOND = 1_000;

export function createHeartbeat(options: HeartbeatOptions): Heartbeat {
  const { instance, clock } = options;
  const beganMs = clock.monotonicMs();
  let silentAtMs = Number.NEGATIVE_INFINITY;

  const report = async (pulled: Pulled): Promise<SelfReport> => {
    const stats = await options.spool.stats();
    const uptimeMs = clock.monotonicMs() - beganMs;
    const { ticks, eventsDropped } = pulled;
    const own = { ticks, events_dropped: eventsDropped, uptime_seconds: secondsOf(uptimeMs) };
    const source = { ...own, ...collectorFields(options.collector()), ...spoolFields(stats, clock.nowMs()) };
    const sinks = [...options.sinks()].map(([name, sink]) => [name, sinkFields({ name, sink, stats })] as const);
    return { instance, source, sinks: new Map(sinks) };
  };

  return {
    look: async (pulled) => {
      const { source, ...rest } = await report(pulled);
      return ({ atMs, groups }) => {
        if (atMs <= silentAtMs) return [];
        const lateness = { lateness_seconds: secondsOf(Math.max(0, clock.nowMs() - atMs)) };
        return selfPoints(atMs, { ...rest, source: { source_up: 1, groups, ...lateness, ...source } });
      };
    },
    silence: async (pulled) => {
      const atMs = Math.floor(clock.nowMs() / SILENCE_MS) * SILENCE_MS;
      if (options.isSourceUp() || atMs <= silentAtMs) return [];
      silentAtMs = atMs;
      const { source, ...rest } = await report(pulled);
      return selfPoints(atMs, { ...rest, source: { source_up: 0, ...source } });
    },
  };
}

function secondsOf(ms: number): number {
  return Math.round(ms) / MS_PER_SECOND;
}

function collectorFields(collector: CollectorReport | undefined): Fields<"self"> {
  if (collector === undefined) return {};
  return { ticks_skipped: collector.skipped, tick_seconds: secondsOf(collector.lastMs) };
}

function spoolFields({ state, fileBytes, oldestMs }: StoreStats, nowMs: number): Fields<"self"> {
  const age = oldestMs === undefined ? {} : { spool_oldest_age_seconds: secondsOf(Math.max(0, nowMs - oldestMs)) };
  if (state === undefined) return age;
  const { ticksGone, pointsTooLarge, rowsDamaged } = state;
  const counts = { ticks_gone: ticksGone, points_too_large: pointsTooLarge, spool_rows_damaged: rowsDamaged };
  return { ...counts, spool_bytes: fileBytes, ...age };
}

interface SinkOf {
  readonly name: string;
  readonly sink: DeliverStats;
  readonly stats: StoreStats;
}

function sinkFields({ name, sink, stats: { state, deadLetters } }: SinkOf): Fields<"self"> {
  const { letters = 0, overCap = 0, expired = 0 } = deadLetters.get(name) ?? {};
  const { written, split, kept, held } = sink.attempts;
  const account = state?.sinks.find(([one]) => one === name)?.[1];
  return {
    ...(state === undefined || account === undefined ? {} : accountFields(account, state.pointsIn)),
    answers_written: written,
    answers_split: split,
    answers_kept: kept,
    answers_held: held,
    sink_state: sink.condition,
    dead_letters: letters,
    dead_letters_dropped: overCap + expired,
  };
}

/** The law of conservation holds between them, since they are of one moment. */
function accountFields(account: SinkAccount, pointsIn: number): Fields<"self"> {
  return {
    points_in: pointsIn - account.startPoint,
    points_stored: account.stored,
    points_duplicate: account.duplicate,
    points_filtered: account.filtered,
    points_rejected: account.rejected,
    points_dropped: account.dropped,
    points_quarantined: account.quarantined,
    points_spooled: pointsIn - account.point,
  };
}

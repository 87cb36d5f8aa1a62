/**
 * # The tick: judge everything, put it into the feed
 *
 * On the grid of the wall clock, so that all collectors and all clusters stamp the same times. A tick that comes late is
 * skipped and counted, never doubled. Until the first verdict, a cluster is judged as soon as its log is replayed, so that a
 * start does not wait for the grid.
 */

import { gridTimeMs } from "../collector/evaluate/judge.ts";
import type { WritableFeed } from "../collector/feed/feed.ts";
import type { ClusterView } from "../collector/http/cluster-view.ts";
import type { Clock } from "../runtime/clock.ts";
import { sleep } from "../runtime/clock.ts";
import type { Actor } from "../runtime/lifecycle.ts";

const FIRST_LOOK_MS = 100;

export interface TickStats {
  ticks: number;
  skipped: number;
  /** Work of the last tick, ms. */
  lastMs: number;
}

export interface TickOptions {
  readonly clusters: readonly ClusterView[];
  readonly feed: WritableFeed;
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly stats: TickStats;
}

export function createTicker(options: TickOptions): Actor {
  const { clock, intervalMs, stats } = options;
  return async (signal) => {
    let last = gridTimeMs(clock.nowMs(), intervalMs);
    while (!signal.aborted) {
      judgeFresh(options);
      const isWaiting = options.clusters.some(({ verdicts }) => verdicts.at() === 0);
      const untilNextMs = gridTimeMs(clock.nowMs(), intervalMs) + intervalMs - clock.nowMs();
      await sleep(isWaiting ? Math.min(untilNextMs, FIRST_LOOK_MS) : untilNextMs, signal);
      const at = gridTimeMs(clock.nowMs(), intervalMs);
      if (signal.aborted || at <= last) continue;
      stats.skipped += Math.round((at - last) / intervalMs) - 1;
      last = at;
      tick(options, at);
    }
  };
}

/** A first verdict for those whose log has just been replayed. */
function judgeFresh({ clusters, clock, intervalMs }: TickOptions): void {
  for (const { verdicts, state, reach } of clusters) {
    const log = state.logs.summary();
    const isReplayed = reach().kind === "reachable" && log.replayed === log.partitions;
    if (verdicts.at() === 0 && isReplayed) verdicts.judge(gridTimeMs(clock.nowMs(), intervalMs), clock.nowMs());
  }
}

function tick({ clusters, feed, clock, stats }: TickOptions, at: number): void {
  const beganMs = clock.monotonicMs();
  for (const { verdicts } of clusters) verdicts.judge(at, clock.nowMs());
  feed.append(
    at,
    clusters.map((view) => view.snapshot()),
  );
  stats.ticks += 1;
  stats.lastMs = clock.monotonicMs() - beganMs;
}

/**
 * # The tick: judge everything, put it into the feed
 *
 * On the grid of the wall clock, so that all collectors and all clusters stamp the same times. A tick that comes late is
 * skipped and counted, never doubled. A cluster is judged as soon as its log is replayed, so that a start does not wait for the
 * grid. Of a large cluster all of it is done in steps, between which others run.
 */

import { setImmediate as others } from "node:timers/promises";
import { gridTimeMs } from "../collector/evaluate/judge.ts";
import type { WritableFeed } from "../collector/feed/feed.ts";
import type { ClusterView } from "../collector/http/cluster-view.ts";
import type { DeployTold } from "../collector/model/deploy.ts";
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
  /** What was deployed since the tick before. */
  readonly takeDeploys?: () => readonly DeployTold[];
}

export function createTicker(options: TickOptions): Actor {
  return async (signal) => {
    const step = createTickStep(options);
    while (!signal.aborted) await sleep(await step(), signal);
  };
}

/** Ticks where a grid time has come, judges what has just been replayed; answers with the time to wait, ms. */
export function createTickStep(options: TickOptions): () => Promise<number> {
  const { clock, intervalMs, stats } = options;
  const replaying = new Set(options.clusters);
  let last = gridTimeMs(clock.nowMs(), intervalMs);
  return async () => {
    const at = gridTimeMs(clock.nowMs(), intervalMs);
    if (at > last) {
      stats.skipped += Math.round((at - last) / intervalMs) - 1;
      last = at;
      await tick(options, at);
    }
    await judgeReplayed(options, replaying);
    const untilNextMs = gridTimeMs(clock.nowMs(), intervalMs) + intervalMs - clock.nowMs();
    return replaying.size > 0 ? Math.min(untilNextMs, FIRST_LOOK_MS) : untilNextMs;
  };
}

/** A verdict at once for those whose log has just been replayed; what was said of half a log is none. */
async function judgeReplayed({ clock, intervalMs }: TickOptions, replaying: Set<ClusterView>): Promise<void> {
  for (const view of replaying) {
    const { verdicts, state, reach } = view;
    const log = state.logs.summary();
    if (reach().kind !== "reachable" || log.replayed < log.partitions) continue;
    for (const _ of verdicts.judging(gridTimeMs(clock.nowMs(), intervalMs), clock.nowMs())) await others();
    replaying.delete(view);
  }
}

async function tick({ clusters, feed, clock, stats, takeDeploys }: TickOptions, at: number): Promise<void> {
  const beganMs = clock.monotonicMs();
  for (const { verdicts } of clusters) for (const _ of verdicts.judging(at, clock.nowMs())) await others();
  const writer = feed.begin(at);
  for (const view of clusters)
    for (const slice of view.slices()) {
      writer.add(slice);
      await others();
    }
  writer.tell(takeDeploys?.() ?? []);
  writer.end();
  stats.ticks += 1;
  stats.lastMs = clock.monotonicMs() - beganMs;
}

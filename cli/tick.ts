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
const LOOK_MS_MAX = 1_000;

export interface TickStats {
  ticks: number;
  skipped: number;
  /** Work of the last tick, ms. */
  lastMs: number;
}

export interface TickOptions {
  /** Live: it may change in place. */
  readonly clusters: readonly ClusterView[];
  readonly feed: WritableFeed;
  /** It may change between two ticks. */
  readonly intervalMs: number;
  readonly clock: Clock;
  readonly stats: TickStats;
  /** What was deployed since the tick before. */
  readonly takeDeploys?: () => readonly DeployTold[];
}

export function createTicker(options: TickOptions): Actor {
  return async (signal) => {
    const step = createTickStep(options);
    // Of an interval that is changed a tick may be due long before that of the old one.
    while (!signal.aborted) await sleep(Math.min(LOOK_MS_MAX, await step()), signal);
  };
}

/** Ticks where a grid time has come, judges what has just been replayed; answers with the time to wait, ms. */
export function createTickStep(options: TickOptions): () => Promise<number> {
  const { clock, stats } = options;
  const judged = new WeakSet<ClusterView>();
  let { intervalMs } = options;
  let last = gridTimeMs(clock.nowMs(), intervalMs);
  return async () => {
    const at = gridTimeMs(clock.nowMs(), options.intervalMs);
    if (at > last) {
      // From one grid to another there is no telling what was skipped.
      if (intervalMs === options.intervalMs) stats.skipped += Math.round((at - last) / intervalMs) - 1;
      ({ intervalMs } = options);
      last = at;
      await tick(options, at);
    }
    await judgeReplayed(options, judged);
    const untilNextMs = gridTimeMs(clock.nowMs(), options.intervalMs) + options.intervalMs - clock.nowMs();
    const isReplaying = options.clusters.some((view) => !judged.has(view));
    return isReplaying ? Math.min(untilNextMs, FIRST_LOOK_MS) : untilNextMs;
  };
}

/** A verdict at once for those whose log has just been replayed; what was said of half a log is none. */
async function judgeReplayed(
  { clusters, clock, intervalMs }: TickOptions,
  judged: WeakSet<ClusterView>,
): Promise<void> {
  for (const view of [...clusters]) {
    const { verdicts, state, reach } = view;
    const log = state.logs.summary();
    if (judged.has(view) || reach().kind !== "reachable" || log.replayed < log.partitions) continue;
    for (const _ of verdicts.judging(gridTimeMs(clock.nowMs(), intervalMs), clock.nowMs())) await others();
    judged.add(view);
  }
}

async function tick({ clusters: live, feed, clock, stats, takeDeploys }: TickOptions, at: number): Promise<void> {
  const clusters = [...live];
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

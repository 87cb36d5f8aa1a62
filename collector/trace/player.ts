/**
 * # Playing a trace: its lines, its clock, its ticks
 *
 * The state, the rules and the snapshot are those that run live; only time is the trace's. A tick of grid time g is judged
 * when the first line after g comes, so that it has seen every line up to g, and the strict rules take their samples on a grid
 * of their own, before the tick of the same time. The clock never goes back: a line with an earlier `t` counts as now.
 *
 * Where nothing was written for long, time passes all the same, and the ticks of the silence are judged; but only so many of
 * them, the rest being skipped and counted, so that one wrong `t` does not keep us busy for years.
 */

import type { BurrowRules } from "../evaluate/burrow.ts";
import type { Verdicts } from "../evaluate/judge.ts";
import { createVerdicts, gridTimeMs } from "../evaluate/judge.ts";
import { liveGroupNames, takeSnapshot } from "../evaluate/snapshot.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { BurrowStoreOptions } from "../window/burrow-store.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import { createClusterState } from "../window/cluster-state.ts";
import type { TraceHeader, TraceLine } from "./line.ts";
import { LOG_PARTITIONS_DEFAULT } from "./line.ts";
import { createTraceSource } from "./trace-source.ts";

/** A day at the usual interval. */
const SILENT_TICKS_MAX = 8_640;
const MS_PER_SECOND = 1_000;

export interface StrictOptions {
  readonly store: BurrowStoreOptions;
  readonly rules: BurrowRules;
  /** Time between two samples of the end offsets. */
  readonly offsetRefreshMs: number;
}

export interface TracePlayerOptions {
  readonly header: TraceHeader;
  readonly strict: StrictOptions;
  /** After each tick: everything that was judged; `at` in it is the grid time. */
  readonly onTick: (snapshot: Snapshot) => void;
}

export interface TracePlayer {
  readonly state: ClusterState;
  readonly verdicts: Verdicts;
  /** Time of the newest line, epoch ms; 0 before the first. */
  nowMs(): number;
  /** Takes the next line; first judges the ticks that lie before it. */
  line(line: TraceLine): void;
  /** The trace ends here: judges a tick of its last moment. More lines may follow. */
  flush(): void;
  stats(): Readonly<PlayerStats>;
}

export interface PlayerStats {
  readonly ticks: number;
  /** Grid times in a silence too long to be judged. */
  readonly ticksSkipped: number;
}

export function createTracePlayer({ header, strict, onTick }: TracePlayerOptions): TracePlayer {
  const intervalMs = header.interval_ms;
  const clock = { nowMs: 0 };
  const state = createClusterState({
    cluster: header.cluster,
    burrow: strict.store,
    nowS: () => Math.floor(clock.nowMs / MS_PER_SECOND),
  });
  const verdicts = createVerdicts(state, strict.rules);
  const source = createTraceSource({ observer: state, logPartitions: header.log_partitions ?? LOG_PARTITIONS_DEFAULT });
  const stats = { ticks: 0, ticksSkipped: 0 };

  const tick = (at: number): void => {
    verdicts.judge(at, at);
    stats.ticks += 1;
    const { allowedLag } = strict.rules;
    onTick(takeSnapshot({ state, verdicts, nowMs: at, allowedLag }, liveGroupNames(state)));
  };
  const sampling = createSchedule(strict.offsetRefreshMs, () => state.sampleBurrow());
  const ticking = createSchedule(intervalMs, tick);

  /** Does what is due before `ms`, in its order. */
  const passTo = (ms: number): void => {
    if (Math.min(sampling.dueMs(), ticking.dueMs()) >= ms) return;
    source.flush();
    const silentUntilMs = clock.nowMs + SILENT_TICKS_MAX * Math.min(intervalMs, strict.offsetRefreshMs);
    for (;;) {
      const next = sampling.dueMs() <= ticking.dueMs() ? sampling : ticking;
      const dueMs = next.dueMs();
      if (dueMs >= ms || dueMs > silentUntilMs) break;
      clock.nowMs = dueMs;
      next.run();
    }
    sampling.skipTo(ms);
    stats.ticksSkipped += ticking.skipTo(ms);
  };

  return {
    state,
    verdicts,
    nowMs: () => clock.nowMs,
    line: (line) => {
      if ("t" in line.line && line.line.t > clock.nowMs) {
        const { t } = line.line;
        if (clock.nowMs === 0) for (const schedule of [sampling, ticking]) schedule.skipTo(t);
        else passTo(t);
        clock.nowMs = t;
      }
      source.take(line);
    },
    flush: () => {
      passTo(clock.nowMs + 1);
      source.flush();
    },
    stats: () => stats,
  };
}

interface Schedule {
  dueMs(): number;
  /** Runs for the time that is due, and goes on to the next. */
  run(): void;
  /** Leaves out what is due before `ms`; says how many. */
  skipTo(ms: number): number;
}

/** Something to do at each multiple of `everyMs`. */
function createSchedule(everyMs: number, task: (atMs: number) => void): Schedule {
  let dueMs = 0;
  return {
    dueMs: () => dueMs,
    run: () => {
      const atMs = dueMs;
      dueMs += everyMs;
      task(atMs);
    },
    skipTo: (ms) => {
      if (ms <= dueMs) return 0;
      const beforeMs = dueMs;
      dueMs = gridTimeMs(ms + everyMs - 1, everyMs);
      return (dueMs - beforeMs) / everyMs;
    },
  };
}

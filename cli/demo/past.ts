/**
 * # The past of a demonstration: hours of a simulated world, judged in seconds
 *
 * The world's lines go to the player of traces, the very one that replays a file, and its ticks into the feed, from which the
 * shipper takes them like any other. Only sockets are left out.
 */

import { setImmediate as nextTurn } from "node:timers/promises";
import type { Snapshot } from "../../collector/model/snapshot.ts";
import type { StrictOptions, TracePlayer } from "../../collector/trace/player.ts";
import { createTracePlayer } from "../../collector/trace/player.ts";
import { readLine } from "../../collector/trace/read-line.ts";
import type { Cluster } from "../../simulator/cluster/cluster.ts";
import type { TraceLine } from "../../simulator/trace/line.ts";
import { createTracedWorld } from "../../simulator/trace/traced-world.ts";
import type { Scenario } from "../../simulator/world/specs.ts";
import type { World } from "../../simulator/world/world.ts";

export interface PastOptions {
  readonly scenario: Scenario;
  readonly seed: number;
  readonly cluster: Cluster;
  readonly startMs: number;
  /** Where the past ends and somebody begins to watch. */
  readonly liveMs: number;
  readonly strict: StrictOptions;
  readonly onTick: (snapshot: Snapshot) => void;
}

export const PAST_INTERVAL_MS = 10_000;
/** Of simulated time between two turns of the event loop. */
const STEP_MS = 120_000;

/** The world at `liveMs`, or where it was when told to stop. */
export async function playPast(options: PastOptions, signal: AbortSignal): Promise<World> {
  const { scenario, seed, cluster, startMs, liveMs } = options;
  const { strict, onTick } = options;
  const header = { trace: 1, cluster: scenario.cluster, interval_ms: PAST_INTERVAL_MS } as const;
  const player = createTracePlayer({
    header: { ...header, log_partitions: scenario.offsetsPartitions },
    strict,
    onTick,
  });
  let isPast = true;
  const { world, advance } = createTracedWorld({
    scenario,
    seed,
    cluster,
    startMs,
    liveMs,
    pollEveryMs: PAST_INTERVAL_MS,
    intervalMs: PAST_INTERVAL_MS,
    write: (line) => {
      if (isPast) tell(player, line);
    },
  });
  for (let nowMs = startMs; nowMs < liveMs && !signal.aborted; ) {
    nowMs = Math.min(nowMs + STEP_MS, liveMs);
    advance(nowMs);
    await nextTurn();
  }
  // From here on it is watched over sockets.
  isPast = false;
  return world;
}

function tell(player: TracePlayer, line: TraceLine): void {
  const read = readLine(line);
  if (read.kind !== "line")
    throw new TypeError(`the simulator wrote a line that no trace has: ${JSON.stringify(line)}`);
  player.line(read.line);
}

/** For tests: a state behind a recorder, with a clock that the test turns, and the lines that were written. */

import type { ClusterState } from "../window/cluster-state.ts";
import { createClusterState } from "../window/cluster-state.ts";
import type { Recorder } from "./recorder.ts";
import { createRecorder } from "./recorder.ts";
import { GRID_MS, INTERVAL_MS, STRICT } from "./trace.fixture.ts";

export interface RecordedState {
  readonly state: ClusterState;
  readonly recorder: Recorder;
  readonly clock: { nowMs: number };
  /** What was written so far, parsed. */
  lines(): readonly object[];
  /** The same as text. */
  texts(): readonly string[];
}

export function recordedState({ watermarksEveryMs = INTERVAL_MS, fileBytesMax = 1e9 } = {}): RecordedState {
  const clock = { nowMs: GRID_MS };
  const nowS = () => Math.floor(clock.nowMs / 1_000);
  const state = createClusterState({ cluster: "c", burrow: STRICT.store, nowS });
  const texts: string[] = [];
  const recorder = createRecorder({
    state,
    nowMs: () => clock.nowMs,
    intervalMs: INTERVAL_MS,
    watermarksEveryMs,
    fileBytesMax,
    write: (text, lines) => {
      const pieces = text.split("\n");
      if (pieces.length !== lines) throw new Error(`${lines} lines were told of, ${pieces.length} came`);
      texts.push(...pieces);
    },
  });
  return { state, recorder, clock, texts: () => texts, lines: () => texts.map((text) => JSON.parse(text)) };
}

/** For tests: lines of a small trace in short, and what a replay answers to them. */

import { BURROW_RULES_DEFAULTS } from "../evaluate/burrow.ts";
import { BURROW_STORE_DEFAULTS } from "../window/burrow-store.ts";
import type { StrictOptions } from "./player.ts";
import type { ReplaySummary } from "./replay.ts";
import { createReplay } from "./replay.ts";

export const GRID_MS = 1_700_000_000_000;
export const INTERVAL_MS = 10_000;
export const HEADER = { trace: 1, cluster: "c", interval_ms: INTERVAL_MS };

export const STRICT: StrictOptions = {
  store: BURROW_STORE_DEFAULTS,
  rules: BURROW_RULES_DEFAULTS,
  offsetRefreshMs: INTERVAL_MS,
};

/** Time `s` seconds after the first grid time. */
export function at(s: number): number {
  return GRID_MS + s * 1_000;
}

export function topicLine(s: number, partitions = 1, topic = "t") {
  return { t: at(s), topic, id: `id-${topic}`, partitions };
}

export function endLine(s: number, end: number, { partition = 0, start = 0, topic = "t" } = {}) {
  return { t: at(s), topic, partition, end, start };
}

export function commitLine(s: number, commit: number, { group = "g", partition = 0, topic = "t" } = {}) {
  return { t: at(s), group, topic, partition, commit, at: at(s), order: s };
}

export function groupLine(s: number, { group = "g", state = "Stable", partitions = [0] } = {}) {
  const members = [{ id: "m", client: "client", host: "/h", partitions: partitions.map((one) => ["t", one]) }];
  return { t: at(s), group, state, type: "classic", generation: 1, members };
}

/** Every ten seconds from `fromS` to `toS`: a watermark, and a commit that follows it, or stands at `stuckAt`. */
export function rounds(fromS: number, toS: number, { stuckAt }: { readonly stuckAt?: number } = {}): readonly object[] {
  const lines: object[] = [];
  for (let s = fromS; s <= toS; s += 10) lines.push(endLine(s, 100 + s), commitLine(s + 1, stuckAt ?? 100 + s));
  return lines;
}

export interface Answer {
  readonly t: number;
  readonly group: string;
  readonly status: string;
  readonly burrow_status?: string;
  readonly partitions: readonly { readonly topic: string; readonly partition: number; readonly status: string }[];
}

export interface Replayed {
  readonly answers: readonly Answer[];
  readonly summary: ReplaySummary;
}

/** A text is a line as it is, anything else becomes JSON. */
export function replayed(
  lines: readonly (object | string)[],
  options: { readonly everyTick?: boolean; readonly lenient?: boolean } = {},
): Replayed {
  const answers: Answer[] = [];
  const write = (line: string): void => {
    answers.push(JSON.parse(line));
  };
  const replay = createReplay({
    source: "t.ndjson",
    strict: STRICT,
    everyTick: false,
    lenient: false,
    write,
    ...options,
  });
  for (const line of lines) replay.take(typeof line === "string" ? line : JSON.stringify(line));
  return { answers, summary: replay.finish() };
}

/** What became of a group, as pairs of seconds and words. */
export function statusesOf(answers: readonly Answer[], group = "g"): readonly (readonly [number, string])[] {
  return answers.filter((one) => one.group === group).map(({ t, status }) => [(t - GRID_MS) / 1_000, status]);
}

/**
 * For tests: each row's time lag held against the truth, counted by kind of traffic and by what it rests on.
 *
 * A row outside is explained only by what a collector cannot have heard of yet: since it asked last, retention has taken the
 * record that it speaks of, or the log became another one (made again, or truncated). Or by what it cannot see at all: that
 * nothing is left but markers of transactions.
 */

import { timeLagAt } from "../../collector/model/snapshot.ts";
import type { TimeLag } from "../../collector/model/time-lag.ts";
import type { Look } from "./lag-watch.fixture.ts";

export interface LagRow {
  /** The topic's name: the kind of traffic. */
  readonly kind: string;
  readonly group: string;
  readonly partition: number;
  readonly nowMs: number;
  readonly isRestarted: boolean;
  readonly committed: number;
  readonly timeLag: TimeLag;
  /** Of this moment, ms. */
  readonly truthMs: number;
  /** Age of the record that is spoken of: at the committed offset, or at the log start as last heard; NaN: no such record. */
  readonly recordMs: number;
  /** The log became another one, and nobody can have heard of it. */
  readonly isReplaced: boolean;
  /** Retention has taken that record. */
  readonly isTaken: boolean;
}

/** In these, what stands at an offset may be replaced by something else. */
const REPLACED: readonly string[] = ["truncated", "recreated"];

export function* lagRowsOf({
  snapshot,
  nowMs,
  isRestarted,
  ledger,
  unheardMsMax,
  changedAtMs,
}: Look): Generator<LagRow> {
  const { rows } = snapshot;
  for (const [index, { group }] of snapshot.groups.entries()) {
    for (let row = snapshot.rowStart[index] ?? 0; row < (snapshot.rowStart[index + 1] ?? 0); row += 1) {
      const kind = rows.topics[rows.topicIndex[row] ?? 0] ?? "";
      const partition = rows.partition[row] ?? 0;
      const committed = rows.committedOffset[row] ?? Number.NaN;
      const start = rows.startOffset[row] ?? Number.NaN;
      const isOvertaken = start > committed;
      const spokenOf = isOvertaken ? start : committed;
      const appendedMs = ledger.appendedAtMs(kind, partition, spokenOf);
      yield {
        kind,
        group,
        partition,
        nowMs,
        isRestarted,
        committed,
        timeLag: timeLagAt(rows, { row, nowMs }),
        truthMs: ledger.timeLagMs(kind, partition, { committed, nowMs }),
        recordMs: nowMs - (appendedMs ?? Number.NaN),
        isReplaced: REPLACED.includes(kind) && nowMs - (changedAtMs.get(kind) ?? 0) <= unheardMsMax,
        isTaken: (ledger.cluster.partition(kind, partition)?.startOffset ?? 0) > spokenOf,
      };
    }
  }
}

/** What the bounds rest on, or why there are none. */
export function basisOf(timeLag: TimeLag): string {
  switch (timeLag.kind) {
    case "unknown":
      return timeLag.why;
    case "caught-up":
      return "caught_up";
    case "at-least":
      return "lower_bound";
    case "estimated":
      return timeLag.method;
  }
}

export interface Bounds {
  readonly lowerMs: number;
  readonly upperMs: number;
}

/** Undefined: not known. */
export function boundsOf(timeLag: TimeLag): Bounds | undefined {
  switch (timeLag.kind) {
    case "unknown":
      return undefined;
    case "caught-up":
      return { lowerMs: 0, upperMs: timeLag.upperMs };
    case "at-least":
      return { lowerMs: timeLag.lowerMs, upperMs: Number.POSITIVE_INFINITY };
    case "estimated":
      return timeLag;
  }
}

function isInside({ lowerMs, upperMs }: Bounds, truthMs: number): boolean {
  return lowerMs <= truthMs && truthMs <= upperMs;
}

export type Judgement = "unknown" | "inside" | "taken by retention" | "another log" | "markers only" | "WRONG";

export function judgementOf(row: LagRow): Judgement {
  const bounds = boundsOf(row.timeLag);
  if (bounds === undefined) return "unknown";
  if (isInside(bounds, row.truthMs)) return "inside";
  if (row.isReplaced) return "another log";
  if (row.timeLag.kind === "caught-up" || !isInside(bounds, row.recordMs)) return "WRONG";
  if (row.isTaken) return "taken by retention";
  // A marker is a record of the log like others, to whom cannot look into it.
  return row.truthMs === 0 ? "markers only" : "WRONG";
}

export interface LagCount {
  readonly rows: Map<string, number>;
  readonly judgements: Map<Judgement, number>;
}

export interface LagTally {
  take(row: LagRow): void;
  /** By kind of traffic. */
  readonly counts: ReadonlyMap<string, LagCount>;
  /** One sentence for each row that was outside for a while. */
  misses(): readonly string[];
  /** Share of all rows, 0 to 1. */
  shareOf(judgement: Judgement, kind?: string): number;
  shareOfBasis(basis: string): number;
}

export function createLagTally(): LagTally {
  const counts = new Map<string, LagCount>();
  const misses = new Map<string, { readonly first: string; times: number }>();
  const shown = (kind: string | undefined) =>
    [...counts].filter(([one]) => kind === undefined || one === kind).map(([, count]) => count);
  const share = (of: (count: LagCount) => number, kind?: string): number => {
    const some = shown(kind);
    const all = some.reduce((sum, { rows }) => sum + sumOf(rows), 0);
    return some.reduce((sum, count) => sum + of(count), 0) / all;
  };
  return {
    counts,
    take: (row) => {
      const { rows, judgements } = counts.get(row.kind) ?? { rows: new Map(), judgements: new Map() };
      counts.set(row.kind, { rows, judgements });
      const judgement = judgementOf(row);
      add(rows, basisOf(row.timeLag));
      add(judgements, judgement);
      if (judgement === "inside" || judgement === "unknown") return;
      const name = `${row.group} ${row.partition} at offset ${row.committed}: ${judgement}`;
      const miss = misses.get(name) ?? { first: sentenceOf(row), times: 0 };
      miss.times += 1;
      misses.set(name, miss);
    },
    misses: () => [...misses].map(([name, { first, times }]) => `${name}, ${times} times; first: ${first}`),
    shareOf: (judgement, kind) => share(({ judgements }) => judgements.get(judgement) ?? 0, kind),
    shareOfBasis: (basis) => share(({ rows }) => rows.get(basis) ?? 0),
  };
}

function sentenceOf({ timeLag, truthMs, recordMs, nowMs }: LagRow): string {
  const { lowerMs, upperMs } = boundsOf(timeLag) ?? { lowerMs: Number.NaN, upperMs: Number.NaN };
  const said = `${basisOf(timeLag)} ${lowerMs} to ${upperMs} ms`;
  return `${new Date(nowMs).toISOString()} ${said}, true ${truthMs} ms, of the record ${recordMs} ms`;
}

function add<Key>(map: Map<Key, number>, key: Key): void {
  map.set(key, (map.get(key) ?? 0) + 1);
}

function sumOf(map: ReadonlyMap<string, number>): number {
  return [...map.values()].reduce((sum, one) => sum + one, 0);
}

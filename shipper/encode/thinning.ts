/**
 * # What each way of thinning keeps of a tick
 *
 * `changed` compares exact fields alone, integers and words: ages, rates and shares move while nothing happens. It remembers
 * what it kept last, by partition, and forgets what it has not seen for a while; after a restart everything counts as changed
 * once. A tick that is read again is answered as the first time.
 */

import { FIELDS, type Kind } from "../schema/kind.ts";
import type { Point } from "../schema/point.ts";
import type { PartitionPoints } from "../schema/thinning.ts";
import { FULL_EVERY_MS, KEPT_BY } from "../schema/thinning.ts";

export interface Thinning {
  /** The point with what keeps it, or undefined where no sink wants it. `isHealthy`: of whoever it is about. */
  thin<P extends Point>(point: P, isHealthy: boolean): P | undefined;
}

interface Kept {
  readonly text: string;
  readonly atMs: number;
}

/** `ways` are those of all sinks together. */
export function createThinning(ways: ReadonlySet<PartitionPoints>): Thinning {
  const changedSince = ways.has("changed") ? createChanges() : () => false;
  const wanted = [...ways].reduce((bits, way) => (way === "all" ? bits : bits | KEPT_BY[way]), 0);
  const every = KEPT_BY.unhealthy | KEPT_BY.changed;
  return {
    thin: (point, isHealthy) => {
      const keptBy = (isHealthy ? 0 : KEPT_BY.unhealthy) | (changedSince(point) ? KEPT_BY.changed : 0);
      if (!ways.has("all") && (keptBy & wanted) === 0) return undefined;
      return (keptBy | (every & ~wanted)) === every ? point : { ...point, keptBy };
    },
  };
}

function createChanges(): (point: Point) => boolean {
  const last = new Map<string, Kept>();
  let sweepAtMs = Number.NEGATIVE_INFINITY;
  return (point) => {
    const { atMs } = point;
    if (atMs >= sweepAtMs) {
      for (const [key, kept] of last) if (kept.atMs < atMs - 2 * FULL_EVERY_MS) last.delete(key);
      sweepAtMs = atMs + FULL_EVERY_MS;
    }
    const key = [point.kind, ...Object.values(point.dimensions)].join("\0");
    const text = exactText(point);
    const known = last.get(key);
    if (known?.text === text && atMs > known.atMs && atMs - known.atMs < FULL_EVERY_MS) return false;
    last.set(key, { text, atMs });
    return true;
  };
}

const EXACT_FIELDS: ReadonlyMap<Kind, readonly string[]> = new Map(
  Object.entries(FIELDS).map(([kind, fields]) => [
    kind as Kind,
    fields.filter(([, { type }]) => type !== "number").map(([name]) => name),
  ]),
);

function exactText({ kind, fields }: Point): string {
  const values: Readonly<Record<string, number | string | undefined>> = fields;
  return (EXACT_FIELDS.get(kind) ?? []).map((name) => values[name]).join("\0");
}

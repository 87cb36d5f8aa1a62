/**
 * # What fell off the spool, exactly
 *
 *     range := sink, reason, running numbers first_point .. first_point + points, grid times first_ms .. last_ms
 *
 * Drops that follow on each other are one range. A range is told, as a point of kind `event` that every sink gets, once
 * nothing was added to it for QUIET_MS, or after TELL_EVERY_MS at the latest: what is dropped later begins another one. PURE.
 */

export const DROP_REASONS = ["bytes", "age", "disk"] as const;
export type DropReason = (typeof DROP_REASONS)[number];

export interface Drop {
  readonly sink: string;
  /** `removed`: the sink has left the configuration, and what it had not got left the spool with it. */
  readonly reason: DropReason | "removed";
  /** Running number of the first point that is gone; the others follow it without a gap. */
  readonly firstPoint: number;
  readonly points: number;
  /** Grid times, of the oldest and the newest of them. */
  readonly firstMs: number;
  readonly lastMs: number;
}

export interface DropRange extends Drop {
  readonly openedMs: number;
  readonly grewMs: number;
  readonly told: boolean;
}

/** The oldest range leaves first; one that nobody was told of is counted. */
export interface Drops {
  readonly drops: readonly DropRange[];
  readonly dropsUntold: number;
}

export const DROPS_MAX = 64;
const QUIET_MS = 30_000;
const TELL_EVERY_MS = 300_000;

export function withDrop<S extends Drops>(state: S, drop: Drop, nowMs: number): S {
  const place = state.drops.findLastIndex(({ sink }) => sink === drop.sink);
  const before = state.drops[place];
  if (before !== undefined && continues(before, drop)) {
    const grown = { ...before, points: before.points + drop.points, lastMs: Math.max(before.lastMs, drop.lastMs) };
    return { ...state, drops: state.drops.with(place, { ...grown, grewMs: nowMs }) };
  }
  const drops = [...state.drops, { ...drop, openedMs: nowMs, grewMs: nowMs, told: false }];
  const left = drops.slice(0, -DROPS_MAX);
  const dropsUntold = state.dropsUntold + left.filter(({ told }) => !told).length;
  return { ...state, drops: drops.slice(-DROPS_MAX), dropsUntold };
}

function continues(range: DropRange, { reason, firstPoint }: Drop): boolean {
  return !range.told && range.reason === reason && range.firstPoint + range.points === firstPoint;
}

/** Whether it is time to tell it. A clock that went back is no reason to wait. */
export function isDue({ told, openedMs, grewMs }: DropRange, nowMs: number): boolean {
  if (told) return false;
  return nowMs < grewMs || nowMs - grewMs >= QUIET_MS || nowMs - openedMs >= TELL_EVERY_MS;
}

/** Ranges of `after` that have begun since `before`: each is worth a line in the log. */
export function begun(before: Drops, after: Drops): readonly DropRange[] {
  const known = new Set(before.drops.map(nameOf));
  return after.drops.filter((range) => !known.has(nameOf(range)));
}

function nameOf({ sink, reason, firstPoint }: Drop): string {
  return JSON.stringify([sink, reason, firstPoint]);
}

/**
 * # The spool's accounts, and how they move
 *
 * Every point has a running number. A sink's position is the number of its first unsettled point, so what it has before
 * it is `pointsIn - point`, and for each sink, always:
 *
 *     pointsIn - startPoint = stored + duplicate + filtered + rejected + dropped + quarantined + spooled
 *
 * The state is one JSON text with a CRC in one row, saved by the transaction that moved it. PURE, as row.ts is.
 */

import { crc32 } from "node:zlib";
import type { DropReason, Drops } from "./drops.ts";
import { withDrop } from "./drops.ts";

/**
 * Raised when rows or accounts change their meaning, and only with a way from every older one (`migrated`); an older program
 * refuses a newer spool. 2: why points were dropped, and sinks that were removed.
 */
export const SPOOL_FORMAT = 2;

/** What became of the points of one row at one sink; the four sum up to the row's points. */
export interface Tally {
  readonly stored: number;
  /** Already there: a repeat that changed nothing. */
  readonly duplicate: number;
  /** Left out, because this sink is not to get them. */
  readonly filtered: number;
  /** Refused by the store for good: dead letters. */
  readonly rejected: number;
}

export interface SinkAccount extends Tally {
  /** The first row this sink has not settled. */
  readonly seq: number;
  /** Running number of its first unsettled point. */
  readonly point: number;
  /** Where it began: points before are none of its business. */
  readonly startPoint: number;
  /** Fell off the oldest end because of a limit. */
  readonly dropped: number;
  /** The same points by the limit they fell to. */
  readonly droppedBy: Readonly<Record<DropReason, number>>;
  /** In rows that were damaged or missing. */
  readonly quarantined: number;
}

/** A sink that has left the configuration; until its time is over its place is kept. */
export interface RemovedSink {
  readonly name: string;
  readonly sinceMs: number;
  readonly account: SinkAccount;
}

/** The newest tick that was taken: where a source is asked for it again, to compare the next one with it. */
export interface NewestTick {
  /** The cursor before it, and before those that came with it. */
  readonly after: string;
  readonly atMs: number;
}

export interface SpoolState extends Drops {
  readonly format: number;
  readonly nextSeq: number;
  readonly pointsIn: number;
  /** Where the source is to go on; the empty text is its oldest tick. */
  readonly sourceCursor: string;
  /** Absent where no tick is known to have been the last one. */
  readonly newestTick?: NewestTick;
  /** Ticks that the source no longer had. */
  readonly ticksGone: number;
  /** Points that no row can hold; they never had a number. */
  readonly pointsTooLarge: number;
  readonly rowsDamaged: number;
  readonly sinks: readonly (readonly [name: string, account: SinkAccount])[];
  readonly removed: readonly RemovedSink[];
  /** Points that a sink had not got when its time was over. */
  readonly pointsReleased: number;
}

export const EMPTY_STATE: SpoolState = {
  format: SPOOL_FORMAT,
  nextSeq: 1,
  pointsIn: 0,
  sourceCursor: "",
  ticksGone: 0,
  pointsTooLarge: 0,
  rowsDamaged: 0,
  sinks: [],
  removed: [],
  pointsReleased: 0,
  drops: [],
  dropsUntold: 0,
};

export function accountOf(state: SpoolState, sink: string): SinkAccount | undefined {
  return state.sinks.find(([name]) => name === sink)?.[1];
}

export function withAccount(state: SpoolState, sink: string, account: SinkAccount): SpoolState {
  return { ...state, sinks: state.sinks.map((entry) => (entry[0] === sink ? [sink, account] : entry)) };
}

interface RowPlace {
  readonly seq: number;
  readonly firstPoint: number;
  readonly points: number;
}

const NONE_SETTLED: Tally = { stored: 0, duplicate: 0, filtered: 0, rejected: 0 };

export interface ConfiguredSinks {
  readonly names: readonly string[];
  /** Those of them that begin at the tail, where they are new. */
  readonly fromNewest: readonly string[];
}

/** The sinks that are configured: a new one begins at the oldest row or the tail, one that comes back goes on, a removed one is remembered. */
export function withSinks(
  state: SpoolState,
  { names, fromNewest }: ConfiguredSinks,
  { oldest, nowMs }: { readonly oldest: RowPlace | undefined; readonly nowMs: number },
): SpoolState {
  const tail = { seq: state.nextSeq, point: state.pointsIn };
  const head = oldest === undefined ? tail : { seq: oldest.seq, point: oldest.firstPoint };
  const back = new Map(state.removed.map(({ name, account }) => [name, account]));
  const placeOf = (name: string): SinkAccount =>
    accountOf(state, name) ?? back.get(name) ?? freshAt(fromNewest.includes(name) ? tail : head);
  const gone = state.sinks.filter(([name]) => !names.includes(name));
  return {
    ...state,
    sinks: names.map((name) => [name, placeOf(name)]),
    removed: [
      ...state.removed.filter(({ name }) => !names.includes(name)),
      ...gone.map(([name, account]) => ({ name, account, sinceMs: nowMs })),
    ],
  };
}

function freshAt({ seq, point }: Pick<SinkAccount, "seq" | "point">): SinkAccount {
  const lost = { dropped: 0, droppedBy: NONE_DROPPED, quarantined: 0 };
  return { seq, point, startPoint: point, ...NONE_SETTLED, ...lost };
}

const NONE_DROPPED: SinkAccount["droppedBy"] = { bytes: 0, age: 0, disk: 0 };

/** More are not remembered; nobody renames sinks so often. */
const REMOVED_MAX = 32;

/** Without the removed sinks whose time is over; what they had not got is told as dropped. A clock that went back begins their time anew. */
export function withoutExpired(
  state: SpoolState,
  {
    nowMs,
    pinMs,
    firstMsOf,
    lastMs,
  }: {
    readonly nowMs: number;
    readonly pinMs: number;
    readonly firstMsOf: (account: SinkAccount) => number;
    readonly lastMs: number;
  },
): SpoolState {
  const removed = state.removed.map((one) => (one.sinceMs > nowMs ? { ...one, sinceMs: nowMs } : one));
  const isOver = ({ sinceMs }: RemovedSink, place: number): boolean =>
    nowMs - sinceMs >= pinMs || place < removed.length - REMOVED_MAX;
  if (!removed.some(isOver)) return state;
  let next: SpoolState = { ...state, removed: removed.filter((one, place) => !isOver(one, place)) };
  for (const { name: sink, account } of removed.filter(isOver)) {
    const points = state.pointsIn - account.point;
    if (points === 0) continue;
    const drop = {
      sink,
      reason: "removed",
      firstPoint: account.point,
      points,
      firstMs: firstMsOf(account),
      lastMs,
    } as const;
    next = withDrop({ ...next, pointsReleased: next.pointsReleased + points }, drop, nowMs);
  }
  return next;
}

export function withRow(state: SpoolState, points: number): SpoolState {
  return { ...state, nextSeq: state.nextSeq + 1, pointsIn: state.pointsIn + points };
}

/** After a row is settled. The tally must be of this row and the row the sink's next one; all else is a bug. */
export function settled(account: SinkAccount, row: RowPlace, tally: Tally): SinkAccount {
  const { stored, duplicate, filtered, rejected } = tally;
  if (stored + duplicate + filtered + rejected !== row.points || account.point !== row.firstPoint) {
    throw new Error(
      `row ${row.seq} of ${row.points} points is settled as ${JSON.stringify(tally)} at ${account.point}`,
    );
  }
  return {
    ...account,
    seq: row.seq + 1,
    point: row.firstPoint + row.points,
    stored: account.stored + stored,
    duplicate: account.duplicate + duplicate,
    filtered: account.filtered + filtered,
    rejected: account.rejected + rejected,
  };
}

interface Place {
  readonly seq: number;
  readonly point: number;
}

/** After the points before `to` are given up as damaged or missing; a sink that is already past them is not touched. */
export function missing(account: SinkAccount, to: Place): SinkAccount {
  const points = Math.max(0, to.point - account.point);
  return { ...passed(account, to), quarantined: account.quarantined + points };
}

/** After the points before `to` are given up to a limit. */
export function dropped(account: SinkAccount, to: Place, reason: DropReason): SinkAccount {
  const points = Math.max(0, to.point - account.point);
  const droppedBy = { ...account.droppedBy, [reason]: account.droppedBy[reason] + points };
  return { ...passed(account, to), dropped: account.dropped + points, droppedBy };
}

function passed(account: SinkAccount, to: Place): SinkAccount {
  return { ...account, seq: Math.max(account.seq, to.seq), point: Math.max(account.point, to.point) };
}

/** The first row that some sink still needs, or may need again. */
export function oldestNeeded({ nextSeq, sinks, removed }: SpoolState): number {
  return Math.min(nextSeq, ...sinks.map(([, { seq }]) => seq), ...removed.map(({ account }) => account.seq));
}

export function encodeState(state: SpoolState): { readonly json: string; readonly crc: number } {
  const json = JSON.stringify(state);
  return { json, crc: crc32(json) };
}

export type DecodedState =
  | { readonly kind: "state"; readonly state: SpoolState }
  | { readonly kind: "newer"; readonly format: number }
  | { readonly kind: "damaged" };

export function decodeState(json: unknown, crc: unknown): DecodedState {
  if (typeof json !== "string" || crc32(json) !== crc) return { kind: "damaged" };
  const state: SpoolState = JSON.parse(json);
  if (state.format > SPOOL_FORMAT) return { kind: "newer", format: state.format };
  return { kind: "state", state: migrated(state) };
}

/** Format 1 knew one limit, its earliest accounts filtered nothing, and a removed sink was forgotten at once. */
function migrated(state: SpoolState): SpoolState {
  if (state.format === SPOOL_FORMAT) return state;
  const sinks = state.sinks.map(([name, account]): SpoolState["sinks"][number] => {
    const droppedBy = { ...NONE_DROPPED, bytes: account.dropped };
    return [name, { ...account, filtered: account.filtered ?? 0, droppedBy }];
  });
  return { ...EMPTY_STATE, ...state, format: SPOOL_FORMAT, sinks };
}

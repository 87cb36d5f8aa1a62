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

/** Raised when rows or accounts change their meaning; an older program refuses a newer spool. */
export const SPOOL_FORMAT = 1;

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
  /** Fell off the oldest end because the spool was full. */
  readonly dropped: number;
  /** In rows that were damaged or missing. */
  readonly quarantined: number;
}

export interface SpoolState {
  readonly format: number;
  readonly nextSeq: number;
  readonly pointsIn: number;
  /** Where the source is to go on; the empty text is its oldest tick. */
  readonly sourceCursor: string;
  /** Ticks that the source no longer had. */
  readonly ticksGone: number;
  /** Points that no row can hold; they never had a number. */
  readonly pointsTooLarge: number;
  readonly rowsDamaged: number;
  readonly sinks: readonly (readonly [name: string, account: SinkAccount])[];
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

/** The sinks that are configured; a new one begins at the oldest row there is, a removed one no longer holds rows back. */
export function withSinks(state: SpoolState, names: readonly string[], oldest: RowPlace | undefined): SpoolState {
  const start = { seq: oldest?.seq ?? state.nextSeq, point: oldest?.firstPoint ?? state.pointsIn };
  const fresh = { ...start, startPoint: start.point, ...NONE_SETTLED, dropped: 0, quarantined: 0 };
  return { ...state, sinks: names.map((name) => [name, accountOf(state, name) ?? fresh]) };
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

/** After the points before `to` are given up; a sink that is already past them is not touched. */
export function givenUp(
  account: SinkAccount,
  to: { readonly seq: number; readonly point: number },
  as: "dropped" | "quarantined",
): SinkAccount {
  if (to.seq <= account.seq && to.point <= account.point) return account;
  const point = Math.max(account.point, to.point);
  return { ...account, seq: Math.max(account.seq, to.seq), point, [as]: account[as] + point - account.point };
}

/** The first row that some sink still needs. */
export function oldestNeeded(state: SpoolState): number {
  return Math.min(state.nextSeq, ...state.sinks.map(([, account]) => account.seq));
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
  return { kind: "state", state: { ...state, sinks: state.sinks.map(completed) } };
}

/** An account of a program that filtered nothing has no number for it. */
function completed([name, account]: SpoolState["sinks"][number]): SpoolState["sinks"][number] {
  return [name, { ...account, filtered: account.filtered ?? 0 }];
}

/**
 * # The spool, as its thread runs it
 *
 * Everything here blocks. One call is at most one transaction, and answers after COMMIT: {rows + source cursor},
 * {delete + sink cursor + dead letters + counters}. A commit that failed may still be there when the file is opened again; hence `append` names the
 * cursor it continues, and `settle` of a row that is settled changes nothing.
 */

import type { Clock } from "../../runtime/clock.ts";
import { DamagedFileError, FileNewerError } from "../sqlite/failure.ts";
import type { FileHealth, Unavailable } from "../sqlite/keeper.ts";
import { keepFile } from "../sqlite/keeper.ts";
import type { SpoolDatabase } from "./database.ts";
import { openDatabase } from "./database.ts";
import type { DeadLetters } from "./dead-letters.ts";
import { lettersBytesMax } from "./dead-letters.ts";
import type { DropRange } from "./drops.ts";
import { begun, isDue } from "./drops.ts";
import type { Peeked, RowName } from "./head.ts";
import { peekHead, quarantined } from "./head.ts";
import type { DiskSpace, SpoolLimits } from "./limits.ts";
import { boundsOf, stepInto } from "./limits.ts";
import type { Ahead, AheadQuery, SettleEntry } from "./outgoing.ts";
import { rowsAhead, settleRows } from "./outgoing.ts";
import type { Batch } from "./row.ts";
import { crcOf, packPoints } from "./row.ts";
import { salvage } from "./salvage.ts";
import type { Sizes } from "./sizes.ts";
import { sizesOf, spaceOf } from "./sizes.ts";
import type { ConfiguredSinks, NewestTick, SpoolState } from "./state.ts";
import { SPOOL_FORMAT, withRow, withSinks } from "./state.ts";
import { eventOf } from "./tell.ts";

export interface StoreOptions extends SpoolLimits {
  readonly path: string;
  /** Names of the configured sinks, each with its own cursor. */
  readonly sinks: readonly string[];
  /** Those of them that begin at the tail where they are new; the others begin at the oldest row there is. */
  readonly fromNewest?: readonly string[];
}

export interface AppendEntry {
  /** The source cursor these batches continue; where the spool's is another, nothing is taken. */
  readonly after: string;
  readonly cursor: string;
  /** Of the ticks that this entry ends, if there are any. */
  readonly newestTick?: NewestTick;
  readonly batches: readonly Batch[];
  readonly ticksGone: number;
  readonly pointsTooLarge: number;
}

export interface StoreStats extends Sizes {
  readonly health: FileHealth;
  /** Since the start: appends that are durable, and how long they took together. */
  readonly appends: { readonly count: number; readonly ms: number };
  /** What the rows might use when a limit was last looked at: the cap, or less on a full disk. */
  readonly roomBytes: number | undefined;
  /** As last known; absent before the file could first be opened. */
  readonly state: SpoolState | undefined;
}

/** `begun`: ranges of points that have begun to fall off. */
type Appended = { readonly kind: "appended"; readonly begun: readonly DropRange[] } | { readonly kind: "moved" };
type Swept = { readonly kind: "swept"; readonly begun: readonly DropRange[] };

/** What the thread serves. */
export interface SpoolStore {
  cursor(): { readonly kind: "cursor"; readonly cursor: string } | Unavailable;
  append(entry: AppendEntry): Appended | Unavailable;
  peek(sink: string): Peeked | Unavailable;
  /** The rows that follow, as far as they are sound and nothing is missing. */
  ahead(query: AheadQuery): Ahead | Unavailable;
  settle(entry: SettleEntry): { readonly kind: "settled" } | Unavailable;
  /** The row's CRC holds but its points cannot be made out. */
  quarantine(row: RowName): { readonly kind: "quarantined" } | Unavailable;
  /** Enforces every limit; to be called now and then, since time passes without an append as well. */
  sweep(): Swept | Unavailable;
  /** From now on these are the sinks; the others keep their places for a while. */
  place(sinks: ConfiguredSinks): { readonly kind: "placed" } | Unavailable;
  stats(): StoreStats;
  close(): void;
}

/** The state is always the one that is durable; a call replaces it once its transaction is. */
interface Open {
  readonly db: SpoolDatabase;
  readonly letters: DeadLetters;
  state: SpoolState;
  roomBytes: number;
}

/** Pages that a transaction may need beside its rows. */
const SLACK_BYTES = 128 * 1024;
const ROW_SLACK_BYTES = 8 * 1024;
/** Of giving back pages, where the disk lacks them. */
const VACUUM_STEPS = 16;

/** What a call needs beside the file. */
interface Surroundings {
  readonly limits: SpoolLimits;
  readonly disk: DiskSpace | undefined;
  readonly nowMs: number;
}

/** Opens the file at the first call, which may throw FileLockedError or FileNewerError. */
export function openStore(options: StoreOptions, clock: Clock, diskOf = spaceOf): SpoolStore {
  const { path } = options;
  let lastState: SpoolState | undefined;
  const appends = { count: 0, ms: 0 };
  let sinks: ConfiguredSinks = { names: options.sinks, fromNewest: options.fromNewest ?? [] };
  const file = keepFile<Open>({
    path,
    clock,
    open: () => openFile(options, { sinks, nowMs: clock.nowMs() }),
    close: ({ db }) => db.close(),
    salvage: (aside) => salvageInto(aside, options),
  });
  const attempt = <A>(work: (at: Open) => Done<A>): A | Unavailable =>
    file.attempt((at) => {
      const { state, answer } = work(at);
      at.state = state;
      lastState = state;
      return answer;
    });
  const around = (): Surroundings => ({ limits: options, disk: diskOf(path), nowMs: clock.nowMs() });
  return {
    cursor: () => attempt(({ state }) => ({ state, answer: { kind: "cursor", cursor: state.sourceCursor } })),
    append: (entry) => {
      const beganMs = clock.monotonicMs();
      const answer = attempt((at) => append(at, entry, around()));
      if (answer.kind === "appended") {
        appends.count += 1;
        appends.ms += clock.monotonicMs() - beganMs;
      }
      return answer;
    },
    peek: (sink) => attempt((at) => peekHead(at, sink)),
    ahead: (query) => attempt(({ db, state }) => ({ state, answer: rowsAhead(db, query) })),
    settle: (entry) =>
      attempt((at) => ({ state: settleRows(at, entry, clock.nowMs()), answer: { kind: "settled" } as const })),
    quarantine: (row) => attempt((at) => ({ state: quarantined(at, row), answer: { kind: "quarantined" } })),
    sweep: () => attempt((at) => sweep(at, around())),
    place: (configured) => {
      // Kept, so that the file is opened with them where it is not open now.
      sinks = configured;
      return attempt((at) => ({ state: placed(at, sinks, clock.nowMs()), answer: { kind: "placed" } }));
    },
    stats: () => {
      const open = file.current();
      return {
        health: file.health(),
        ...sizesOf(open),
        appends: { ...appends },
        roomBytes: open?.roomBytes,
        state: lastState,
      };
    },
    close: () => file.close(),
  };
}

/** A call's answer, and the state it has made durable. */
interface Done<A> {
  readonly state: SpoolState;
  readonly answer: A;
}

interface Opening {
  readonly sinks: ConfiguredSinks;
  readonly nowMs: number;
}

function openFile(options: StoreOptions, opening: Opening): Open {
  const db = openDatabase(options.path, options.bytesMax);
  try {
    const letters = db.deadLetters(lettersBytesMax(options.bytesMax));
    const roomBytes = options.bytesMax;
    return { db, letters, state: db.transaction(() => adoptedState(db, options.path, opening)), roomBytes };
  } catch (error) {
    db.close();
    throw error;
  }
}

function salvageInto(aside: string, { path, bytesMax }: StoreOptions): void {
  const db = openDatabase(path, bytesMax);
  try {
    salvage(aside, db, lettersBytesMax(bytesMax));
  } finally {
    db.close();
  }
}

function adoptedState(db: SpoolDatabase, path: string, { sinks, nowMs }: Opening): SpoolState {
  const loaded = db.loadState();
  switch (loaded.kind) {
    case "newer":
      throw new FileNewerError(path, { is: loaded.format, known: SPOOL_FORMAT });
    case "damaged":
      throw new DamagedFileError("the state fails its CRC");
    case "state": {
      const { names } = sinks;
      const known = loaded.state.sinks.map(([name]) => name);
      // Nothing is written unless it must be: the disk may be full.
      if (known.length === names.length && names.every((name) => known.includes(name))) return loaded.state;
      const state = withSinks(loaded.state, sinks, { oldest: db.first(0), nowMs });
      db.saveState(state);
      return state;
    }
  }
}

function placed({ db, state }: Open, sinks: ConfiguredSinks, nowMs: number): SpoolState {
  return db.transaction(() => {
    const next = withSinks(state, sinks, { oldest: db.first(0), nowMs });
    db.saveState(next);
    return next;
  });
}

function append(at: Open, entry: AppendEntry, around: Surroundings): Done<Appended> {
  const { db, state } = at;
  if (state.sourceCursor !== entry.after) return { state, answer: { kind: "moved" } };
  const needBytes = entry.batches.reduce((sum, { body }) => sum + body.byteLength + ROW_SLACK_BYTES, SLACK_BYTES);
  const roomy = withinLimits(at, around, needBytes);
  const next = db.transaction(() => {
    let filled = roomy;
    for (const batch of entry.batches) filled = insert(db, filled, batch);
    filled = {
      ...filled,
      sourceCursor: entry.cursor,
      ...(entry.newestTick === undefined ? {} : { newestTick: entry.newestTick }),
      ticksGone: filled.ticksGone + entry.ticksGone,
      pointsTooLarge: filled.pointsTooLarge + entry.pointsTooLarge,
    };
    filled = tell(db, filled, { atMs: entry.batches.at(-1)?.lastMs, nowMs: around.nowMs });
    db.saveState(filled);
    return filled;
  });
  return { state: next, answer: { kind: "appended", begun: begun(state, next) } };
}

/** Ranges of dropped points whose time has come become events, beside the points of a tick: `atMs` is its time. */
function tell(
  db: SpoolDatabase,
  state: SpoolState,
  { atMs, nowMs }: { readonly atMs: number | undefined; readonly nowMs: number },
): SpoolState {
  const due = new Set(state.drops.filter((range) => isDue(range, nowMs)));
  if (due.size === 0 || atMs === undefined) return state;
  const { batches } = packPoints([...due].map((range) => eventOf(range, atMs)));
  const drops = state.drops.map((range) => (due.has(range) ? { ...range, told: true } : range));
  return batches.reduce<SpoolState>((filled, batch) => insert(db, filled, batch), { ...state, drops });
}

function insert(db: SpoolDatabase, state: SpoolState, batch: Batch): SpoolState {
  const row = { ...batch, seq: state.nextSeq, firstPoint: state.pointsIn };
  db.insert({ ...row, crc: crcOf(row) });
  return withRow(state, batch.points);
}

/** Drops until every limit is kept and `needBytes` have room; each step is durable by itself. */
function withinLimits(at: Open, { limits, disk, nowMs }: Surroundings, needBytes: number): SpoolState {
  const { db, letters, state } = at;
  const bounds = boundsOf(limits, { fileBytes: db.fileBytes(), disk, newestMs: db.newestMs(), nowMs });
  const { bytes, reason } = bounds.room;
  at.roomBytes = bytes;
  // Room for dead letters is kept free, so that a full spool can still settle a row.
  const reserveBytes = Math.max(0, lettersBytesMax(bytes) - letters.bytes());
  const within = { ...bounds, room: { bytes: bytes - needBytes - reserveBytes, reason } };
  let next = state;
  for (let before: SpoolState | undefined; before !== next; ) {
    before = next;
    next = stepInto(within, { db, state: before });
  }
  if (reason === "disk") for (let step = 0; step < VACUUM_STEPS; step += 1) db.shrink("few");
  return next;
}

function sweep(at: Open, around: Surroundings): Done<Swept> {
  const state = withinLimits(at, around, 0);
  at.db.shrink();
  return { state, answer: { kind: "swept", begun: begun(at.state, state) } };
}

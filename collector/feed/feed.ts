/**
 * # The feed: the newest ticks behind a cursor
 *
 *     cursor := run "." seq          the last tick read; the empty cursor stands before the oldest
 *
 * `run` names this start of the collector, since sequence numbers begin anew with it. The ring is bounded by age and by
 * bytes, whichever is less; what falls off is counted, and a reader that comes too late is told how many it missed.
 */

import type { DeployTold } from "../model/deploy.ts";
import type { Feed, FeedAnswer, Tick } from "../model/feed.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { groupEvaluationsOf } from "../model/snapshot.ts";
import { decodeSnapshot, encodeSnapshot } from "./columns.ts";

export interface FeedOptions {
  readonly run: string;
  readonly bytesMax: number;
  readonly ageMsMax: number;
  /** Compressed bytes in one answer at most, where it is more than one tick: a reader holds an answer in memory. */
  readonly answerBytesMax: number;
  /** Resolves after `waitMs`, or early when the signal aborts; never rejects. */
  readonly sleep: (waitMs: number, signal: AbortSignal) => Promise<void>;
}

/** Names and texts have their limits. */
const DEPLOY_BYTES_MAX = 4_096;

export interface FeedStats {
  readonly ticks: number;
  readonly bytes: number;
  readonly ticksDropped: number;
  readonly oldestAtMs: number | undefined;
}

export interface WritableFeed extends Feed {
  /** All clusters of one tick. */
  append(at: number, snapshots: readonly Snapshot[]): void;
  /** A tick that is put together in parts, between which others may run. */
  begin(at: number): TickWriter;
  stats(): FeedStats;
}

export interface TickWriter {
  /** Some groups of one cluster; none may come twice. */
  add(snapshot: Snapshot): void;
  tell(deploys: readonly DeployTold[]): void;
  /** All are there: readers see the tick from now on. */
  end(): void;
}

interface Kept {
  readonly seq: number;
  readonly at: number;
  readonly bytes: number;
  readonly snapshots: readonly Buffer[];
  readonly deploys: readonly DeployTold[];
}

export function createFeed(options: FeedOptions): WritableFeed {
  const ring: Kept[] = [];
  let bytes = 0;
  let next = 1;
  let ticksDropped = 0;
  let appended = Promise.withResolvers<void>();

  const dropOldest = (): void => {
    bytes -= ring.shift()?.bytes ?? 0;
    ticksDropped += 1;
  };
  const answer = (cursor: string): FeedAnswer => answerOf(ring, next, cursor, options);

  const push = (at: number, encoded: readonly Buffer[], deploys: readonly DeployTold[]): void => {
    const size = encoded.reduce((sum, one) => sum + one.length, deploys.length * DEPLOY_BYTES_MAX);
    ring.push({ seq: next, at, bytes: size, snapshots: encoded, deploys });
    next += 1;
    bytes += size;
    while (ring.length > 1 && (bytes > options.bytesMax || at - (ring[0]?.at ?? at) > options.ageMsMax)) dropOldest();
    appended.resolve();
    appended = Promise.withResolvers();
  };

  return {
    append: (at, snapshots) => push(at, snapshots.map(encodeSnapshot), []),
    begin: (at) => {
      const encoded: Buffer[] = [];
      const told: DeployTold[] = [];
      return {
        add: (snapshot) => void encoded.push(encodeSnapshot(snapshot)),
        tell: (deploys) => void told.push(...deploys),
        end: () => push(at, encoded, told),
      };
    },
    read: async (cursor, waitMs, signal) => {
      signal.throwIfAborted();
      const first = answer(cursor);
      if (first.kind === "gone" || first.ticks.length > 0 || waitMs <= 0) return first;
      const waited = new AbortController();
      await Promise.race([appended.promise, options.sleep(waitMs, AbortSignal.any([signal, waited.signal]))]);
      waited.abort();
      signal.throwIfAborted();
      return answer(cursor);
    },
    stats: () => ({ ticks: ring.length, bytes, ticksDropped, oldestAtMs: ring[0]?.at }),
  };
}

function answerOf(
  ring: readonly Kept[],
  next: number,
  cursor: string,
  { run, answerBytesMax }: FeedOptions,
): FeedAnswer {
  const oldestSeq = ring[0]?.seq ?? next;
  const oldest = `${run}.${oldestSeq - 1}`;
  const read = cursor === "" ? oldestSeq - 1 : seqOf(cursor, run);
  if (read === undefined || read >= next) return { kind: "gone", oldest, ticksGone: 0 };
  if (read < oldestSeq - 1) return { kind: "gone", oldest, ticksGone: oldestSeq - 1 - read };
  const fresh = upTo(answerBytesMax, ring.slice(read - oldestSeq + 1));
  return { kind: "ticks", ticks: fresh.map(tickOf), cursor: `${run}.${fresh.at(-1)?.seq ?? read}` };
}

/** The first tick, and those after it that fit. */
function upTo(bytesMax: number, ticks: readonly Kept[]): readonly Kept[] {
  let bytes = 0;
  const beyond = ticks.findIndex((tick, index) => {
    bytes += tick.bytes;
    return index > 0 && bytes > bytesMax;
  });
  return beyond < 0 ? ticks : ticks.slice(0, beyond);
}

/** The number behind the run's name; undefined for another run's cursor. */
function seqOf(cursor: string, run: string): number | undefined {
  const dot = cursor.lastIndexOf(".");
  const seq = Number(cursor.slice(dot + 1));
  return cursor.slice(0, dot) === run && Number.isSafeInteger(seq) && seq >= 0 ? seq : undefined;
}

function tickOf({ at, snapshots, deploys }: Kept): Tick {
  return {
    at,
    ...(deploys.length === 0 ? {} : { deploys }),
    evaluations: {
      *[Symbol.iterator]() {
        for (const one of snapshots) yield* groupEvaluationsOf(decodeSnapshot(one));
      },
    },
  };
}

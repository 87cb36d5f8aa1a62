/**
 * # Dead letters: points that a store refused for good
 *
 *     dead_letters        id, sink, refused_ms, bytes, reason, point       the point as JSON; the oldest leave first
 *     dead_letter_totals  sink, letters, bytes, over_cap, expired, taken   what is kept of a sink, and what has left since ever
 *
 * They live in the spool's file because a point must become one in the transaction that settles its row. Their cap is taken
 * off the spool's own: a full spool must still be able to let a refused point go, or it would never empty.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";

export interface DeadLetter {
  readonly reason: string;
  /** The point as JSON. */
  readonly point: string;
}

export interface KeptLetter extends DeadLetter {
  readonly sink: string;
  readonly refusedMs: number;
}

export interface NumberedLetter extends KeptLetter {
  /** Ascending with time. */
  readonly id: number;
}

export interface LetterPage {
  readonly sink: string | undefined;
  readonly afterId: number;
  readonly lettersMax: number;
}

export interface DeadLetterTotals {
  /** Kept now. */
  readonly letters: number;
  readonly bytes: number;
  /** Left because the cap was reached, since the file was made. */
  readonly overCap: number;
  /** Left because of their age, since the file was made. */
  readonly expired: number;
  /** Sent again or purged by hand, since the file was made. */
  readonly taken: number;
}

export interface DeadLetters {
  /** In the caller's transaction; what falls off the old end is counted. */
  add(letters: readonly DeadLetter[], by: { readonly sink: string; readonly nowMs: number }): void;
  totals(): ReadonlyMap<string, DeadLetterTotals>;
  /** Of all sinks. */
  bytes(): number;
  /** What is kept, oldest first; may throw where the file is damaged. */
  all(): Iterable<KeptLetter>;
  /** Oldest first. */
  page(page: LetterPage): readonly NumberedLetter[];
  /** A transaction of its own. */
  take(letters: readonly Pick<NumberedLetter, "id">[]): void;
}

export const LETTERS_BYTES_MAX = 64 * 1024 * 1024;
/** Of a spool's cap, at most. */
const SHARE_MAX = 1 / 8;
const AGE_MS_MAX = 7 * 86_400_000;
const REASON_CHARS_MAX = 500;
/** What a row takes beside its texts, pages that are not full included. */
const ROW_BYTES = 120;

export function lettersBytesMax(spoolBytesMax: number): number {
  return Math.min(LETTERS_BYTES_MAX, Math.floor(spoolBytesMax * SHARE_MAX));
}

/** A file of an earlier program lacks the tables; they are made then. */
export function openDeadLetters(db: DatabaseSync, bytesMax: number): DeadLetters {
  createTables(db);
  const insert = db.prepare("INSERT INTO dead_letters (sink, refused_ms, bytes, reason, point) VALUES (?, ?, ?, ?, ?)");
  const account =
    db.prepare(`INSERT INTO dead_letter_totals (sink, letters, bytes, over_cap, expired, taken) VALUES (?, ?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET letters = letters + excluded.letters, bytes = bytes + excluded.bytes, over_cap = over_cap + excluded.over_cap,
    expired = expired + excluded.expired, taken = taken + excluded.taken`);
  const oldest = db.prepare("SELECT id, sink, refused_ms, bytes FROM dead_letters ORDER BY id LIMIT 1");
  const remove = db.prepare("DELETE FROM dead_letters WHERE id = ?");
  const sum = db.prepare("SELECT coalesce(sum(bytes), 0) AS bytes FROM dead_letter_totals");
  const sinks = db.prepare("SELECT sink, letters, bytes, over_cap, expired, taken FROM dead_letter_totals");
  const kept = db.prepare("SELECT sink, refused_ms, reason, point FROM dead_letters ORDER BY id");
  const bytes = (): number => Number(sum.get()?.["bytes"]);

  const trim = (nowMs: number): void => {
    let used = bytes();
    for (let row = oldest.get(); row !== undefined; row = oldest.get()) {
      const expired = Number(row["refused_ms"]) < nowMs - AGE_MS_MAX;
      if (!expired && used <= bytesMax) return;
      const size = Number(row["bytes"]);
      remove.run(Number(row["id"]));
      account.run(String(row["sink"]), -1, -size, expired ? 0 : 1, expired ? 1 : 0, 0);
      used -= size;
    }
  };

  return {
    add: (letters, { sink, nowMs }) => {
      let added = 0;
      for (const { reason, point } of letters) {
        const said = reason.slice(0, REASON_CHARS_MAX);
        const size = Buffer.byteLength(said) + Buffer.byteLength(point) + ROW_BYTES;
        insert.run(sink, nowMs, size, said, point);
        added += size;
      }
      if (letters.length > 0) account.run(sink, letters.length, added, 0, 0, 0);
      trim(nowMs);
    },
    totals: () =>
      new Map(
        sinks.all().map((row) => {
          const [letters, kept] = [Number(row["letters"]), Number(row["bytes"])];
          const left = { overCap: Number(row["over_cap"]), expired: Number(row["expired"]) };
          const taken = Number(row["taken"]);
          return [String(row["sink"]), { letters, bytes: kept, ...left, taken }];
        }),
      ),
    bytes,
    all: function* () {
      for (const { sink, refused_ms, reason, point } of kept.iterate()) {
        yield { sink: String(sink), refusedMs: Number(refused_ms), reason: String(reason), point: String(point) };
      }
    },
    ...byHand(db, { remove, account }),
  };
}

interface Statements {
  readonly remove: StatementSync;
  readonly account: StatementSync;
}

/** What only a person asks for. */
function byHand(db: DatabaseSync, { remove, account }: Statements): Pick<DeadLetters, "page" | "take"> {
  const one = db.prepare("SELECT sink, bytes FROM dead_letters WHERE id = ?");
  const page = db.prepare(`SELECT id, sink, refused_ms, reason, point FROM dead_letters
    WHERE (? IS NULL OR sink = ?) AND id > ? ORDER BY id LIMIT ?`);
  return {
    page: ({ sink = null, afterId, lettersMax }) =>
      page.all(sink, sink, afterId, lettersMax).map((row) => ({
        id: Number(row["id"]),
        sink: String(row["sink"]),
        refusedMs: Number(row["refused_ms"]),
        reason: String(row["reason"]),
        point: String(row["point"]),
      })),
    take: (letters) => {
      db.exec("BEGIN IMMEDIATE");
      try {
        for (const { id } of letters) {
          const row = one.get(id);
          if (row === undefined) continue;
          remove.run(id);
          account.run(String(row["sink"]), -1, -Number(row["bytes"]), 0, 0, 1);
        }
        db.exec("COMMIT");
      } catch (error) {
        if (db.isTransaction) db.exec("ROLLBACK");
        throw error;
      }
    },
  };
}

function createTables(db: DatabaseSync): void {
  if (db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'dead_letter_totals'").get() !== undefined) return;
  db.exec("BEGIN IMMEDIATE");
  try {
    db.exec(`CREATE TABLE dead_letters (id INTEGER PRIMARY KEY AUTOINCREMENT, sink TEXT NOT NULL, refused_ms INTEGER NOT NULL,
      bytes INTEGER NOT NULL, reason TEXT NOT NULL, point TEXT NOT NULL) STRICT`);
    db.exec(`CREATE TABLE dead_letter_totals (sink TEXT PRIMARY KEY, letters INTEGER NOT NULL, bytes INTEGER NOT NULL,
      over_cap INTEGER NOT NULL, expired INTEGER NOT NULL, taken INTEGER NOT NULL DEFAULT 0) STRICT`);
    db.exec("COMMIT");
  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

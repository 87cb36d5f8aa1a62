/**
 * # No silent drop, watched in every test
 *
 *     node --import=./test/conservation.ts --test ...
 *
 * At each COMMIT of any SQLite file in the process, threads included, the state of a spool is read back, and for each sink
 *
 *     pointsIn - startPoint = stored + duplicate + filtered + rejected + dropped + quarantined + spooled
 *
 * has to hold. Where it does not the process ends at once: an error would be taken for one of the file's, and be survived. A state
 * whose CRC is wrong was damaged by a test.
 */

import { DatabaseSync } from "node:sqlite";
import { crc32 } from "node:zlib";

type Account = Readonly<Record<string, number>>;

const OUTCOMES = ["stored", "duplicate", "filtered", "rejected", "dropped", "quarantined"] as const;

/** Sentences, one per sink whose account does not add up. */
export function unbalanced(json: string): readonly string[] {
  const { pointsIn, sinks } = JSON.parse(json) as {
    readonly pointsIn: number;
    readonly sinks: readonly (readonly [string, Account])[];
  };
  return sinks.flatMap(([name, account]) => {
    const { startPoint = Number.NaN, point = Number.NaN } = account;
    // An account of an earlier format lacks a kind of outcome, of which it has none.
    const settled = OUTCOMES.reduce((sum, outcome) => sum + (account[outcome] ?? 0), 0);
    const isBalanced = pointsIn - startPoint === settled + (pointsIn - point);
    return isBalanced ? [] : [`${name}: ${JSON.stringify({ pointsIn, ...account })}`];
  });
}

const exec = DatabaseSync.prototype.exec;
const spools = new WeakMap<DatabaseSync, boolean>();

/** Tables are made before the first point comes, so that what has none now is no spool. */
function isSpool(db: DatabaseSync): boolean {
  const known = spools.get(db);
  if (known === true) return true;
  const found = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'state'").get() !== undefined;
  spools.set(db, found);
  return found;
}

function watched(this: DatabaseSync, sql: string): void {
  exec.call(this, sql);
  if (sql !== "COMMIT" || !isSpool(this)) return;
  const row = this.prepare("SELECT json, crc FROM state WHERE id = 1").get();
  const json = String(row?.["json"]);
  if (crc32(json) !== row?.["crc"]) return;
  const sentences = unbalanced(json);
  if (sentences.length === 0) return;
  process.stderr.write(`points are lost or made up:\n${sentences.join("\n")}\n${new Error("at").stack}\n`);
  // process.abort() is not for threads.
  process.kill(process.pid, "SIGABRT");
}

DatabaseSync.prototype.exec = watched;

/**
 * # The dead letters of a spool that nobody runs
 *
 * A shipper holds its spool alone, so a person looks at the dead letters and sends them again while it is stopped: what
 * happens meanwhile waits in the feed of the collector.
 */

import { stat } from "node:fs/promises";
import { join } from "node:path";
import { asError } from "../../runtime/error.ts";
import { FileLockedError, fileFailureOf } from "../sqlite/failure.ts";
import { openDatabase } from "./database.ts";
import type { DeadLetters } from "./dead-letters.ts";

export interface LettersFile extends Disposable {
  readonly letters: Pick<DeadLetters, "page" | "take">;
}

/** Undefined where there is no spool yet; rejects with FileLockedError while a shipper runs. */
export async function openLettersFile(dataDir: string): Promise<LettersFile | undefined> {
  const path = join(dataDir, "spool.db");
  // A file that is there and cannot be looked at says so when it is opened.
  const isMissing = await stat(path).then(() => false, isNoEntry);
  if (isMissing) return undefined;
  try {
    const db = openDatabase(path, 0);
    // The cap is not looked at: nothing is added here.
    return { letters: db.deadLetters(0), [Symbol.dispose]: () => db.close() };
  } catch (caught) {
    const error = asError(caught);
    throw fileFailureOf(error) === "locked" ? new FileLockedError(path, { cause: error }) : error;
  }
}

function isNoEntry(caught: unknown): boolean {
  return caught instanceof Error && "code" in caught && caught.code === "ENOENT";
}

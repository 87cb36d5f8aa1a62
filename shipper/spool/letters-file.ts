/**
 * # The dead letters of a spool that nobody runs
 *
 * A shipper holds its spool alone, so a person looks at the dead letters and sends them again while it is stopped: what
 * happens meanwhile waits in the feed of the collector.
 */

import { existsSync } from "node:fs";
import { join } from "node:path";
import { asError } from "../../runtime/error.ts";
import { FileLockedError, fileFailureOf } from "../sqlite/failure.ts";
import { openDatabase } from "./database.ts";
import type { DeadLetters } from "./dead-letters.ts";

export interface LettersFile extends Disposable {
  readonly letters: Pick<DeadLetters, "page" | "reasons" | "take">;
}

/** Undefined where there is no spool yet; throws FileLockedError while a shipper runs. */
export function openLettersFile(dataDir: string): LettersFile | undefined {
  const path = join(dataDir, "spool.db");
  if (!existsSync(path)) return undefined;
  try {
    const db = openDatabase(path, 0);
    // The cap is not looked at: nothing is added here.
    return { letters: db.deadLetters(0), [Symbol.dispose]: () => db.close() };
  } catch (caught) {
    const error = asError(caught);
    throw fileFailureOf(error) === "locked" ? new FileLockedError(path, { cause: error }) : error;
  }
}

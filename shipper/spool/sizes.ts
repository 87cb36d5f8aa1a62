/** # What the spool takes of the disk, and what the disk has */

import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import type { SpoolDatabase } from "./database.ts";
import type { DeadLetters, DeadLetterTotals } from "./dead-letters.ts";
import type { DiskSpace } from "./limits.ts";

export interface Sizes {
  readonly usedBytes: number;
  readonly fileBytes: number;
  /** Oldest grid time still spooled; absent when nothing is. */
  readonly oldestMs: number | undefined;
  /** By sink; sinks that never refused a point are not there. */
  readonly deadLetters: ReadonlyMap<string, DeadLetterTotals>;
}

const NO_SIZES: Sizes = { usedBytes: 0, fileBytes: 0, oldestMs: undefined, deadLetters: new Map() };

interface At {
  readonly db: SpoolDatabase;
  readonly letters: DeadLetters;
}

export function sizesOf(open: At | undefined): Sizes {
  try {
    if (open === undefined) return NO_SIZES;
    const { db, letters } = open;
    return {
      usedBytes: db.usedBytes(),
      fileBytes: db.fileBytes(),
      oldestMs: db.first(0)?.firstMs,
      deadLetters: letters.totals(),
    };
  } catch {
    // The next call that needs the file finds out what is wrong, and deals with it.
    return NO_SIZES;
  }
}

/** Undefined where the disk does not say: then only bytes and age count. */
export function spaceOf(path: string): DiskSpace | undefined {
  try {
    const { bavail, blocks, bsize } = statfsSync(dirname(path));
    return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
  } catch {
    return undefined;
  }
}

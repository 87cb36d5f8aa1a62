/**
 * # What went wrong with the file, by SQLite's result code
 *
 *     FULL IOERR READONLY CANTOPEN PERM NOMEM    the disk refuses for now: nothing is acknowledged, try again later
 *     BUSY LOCKED                                another process holds the file: a broken start
 *     every other code                           the file is not what we wrote: set it aside and save what can be read
 *
 * IOERR_SHORT_READ is damage: the file is shorter than it says. The other codes include plain ERROR ("no such table"), because a damaged schema page says just that.
 */

/** SQLite found nothing wrong, but the file is not one of ours. */
export class DamagedFileError extends Error {
  constructor(what: string) {
    super(`not a file as we write it: ${what}; it is set aside`);
    this.name = "DamagedFileError";
  }
}

export type FileFailure = "disk" | "locked" | "damaged";

const DISK: ReadonlySet<number> = new Set([3, 7, 8, 10, 13, 14]);
const SHORT_READ = 10 | (2 << 8);
const LOCKED: ReadonlySet<number> = new Set([5, 6]);

/** Undefined for an error that is not the file's: a bug. */
export function fileFailureOf(error: Error): FileFailure | undefined {
  if (error instanceof DamagedFileError) return "damaged";
  const code: unknown = "errcode" in error ? error.errcode : undefined;
  if (typeof code !== "number") return undefined;
  if (code === SHORT_READ) return "damaged";
  // The low byte is the primary code; the rest says more of the same.
  const primary = code & 0xff;
  if (DISK.has(primary)) return "disk";
  return LOCKED.has(primary) ? "locked" : "damaged";
}

export class FileLockedError extends Error {
  constructor(path: string, options?: ErrorOptions) {
    super(`${path} is in use by another process; stop that one or give this one its own data_dir`, options);
    this.name = "FileLockedError";
  }
}

export class FileNewerError extends Error {
  constructor(path: string, formats: { readonly is: number; readonly known: number }) {
    super(`${path} has format ${formats.is} and this program knows ${formats.known}; run the newer program`);
    this.name = "FileNewerError";
  }
}

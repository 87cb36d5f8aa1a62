/**
 * # The file of saved windows on disk
 *
 * Written beside its place and renamed once it is synced, so that there is always a whole one: the old or the new. One that
 * cannot be read is renamed, once, for whoever wants to look at it, and is never fatal.
 */

import type { FileHandle } from "node:fs/promises";
import { mkdir, open, readFile, rename, rm, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";
import { asError } from "../../runtime/error.ts";
import type { SavedPiece } from "../window/saved.ts";
import type { ReadSaved, Saved } from "./format.ts";
import { endFrame, fileHeader, frameOf, PIECE_BYTES_MAX, readSaved } from "./format.ts";
import { bodyOf } from "./piece-body.ts";

/** Some 300 bytes a group-partition before compression, a third of that after it. */
const FILE_BYTES_MAX = 1_073_741_824;
/** The fastest: it runs beside everything else, each minute. */
const COMPRESSION = { params: { [constants.ZSTD_c_compressionLevel]: 1 } };

const compressed = promisify(zstdCompress);

type Refusal = Extract<ReadSaved, { kind: "refused" }>["reason"];

export type OpenedSaved =
  | { readonly kind: "none" }
  | { readonly kind: "saved"; readonly saved: Saved; readonly bytes: number }
  | { readonly kind: "refused"; readonly reason: Refusal | "too-large"; readonly setAside: string }
  | { readonly kind: "failed"; readonly cause: Error };

export type WrittenSaved =
  | { readonly kind: "written"; readonly bytes: number }
  | { readonly kind: "failed"; readonly cause: Error };

export async function openSaved(path: string): Promise<OpenedSaved> {
  try {
    const { size } = await stat(path);
    const read: ReadSaved | { kind: "refused"; reason: "too-large" } =
      size > FILE_BYTES_MAX ? { kind: "refused", reason: "too-large" } : readSaved(await readFile(path));
    if (read.kind === "saved") return { ...read, bytes: size };
    const setAside = `${path}.${read.reason}`;
    await rename(path, setAside);
    return { ...read, setAside };
  } catch (caught) {
    const cause = asError(caught);
    return "code" in cause && cause.code === "ENOENT" ? { kind: "none" } : { kind: "failed", cause };
  }
}

/** Takes a piece, then lets others run while that is compressed and written. */
export async function writeSaved(path: string, pieces: Iterable<SavedPiece>): Promise<WrittenSaved> {
  const beside = `${path}.${process.pid}.tmp`;
  try {
    await mkdir(dirname(path), { recursive: true });
    const bytes = await writeBeside(beside, pieces);
    await rename(beside, path);
    await using folder = await open(dirname(path));
    await folder.sync();
    return { kind: "written", bytes };
  } catch (caught) {
    // Nothing to be done about one that cannot even be removed: the next one has the same name.
    await rm(beside, { force: true }).catch(() => {});
    return { kind: "failed", cause: asError(caught) };
  }
}

async function writeBeside(path: string, pieces: Iterable<SavedPiece>): Promise<number> {
  await using file = await open(path, "w");
  let bytes = await append(file, fileHeader());
  let frames = 0;
  for (const piece of pieces) {
    const raw = bodyOf(piece);
    if (raw.length > PIECE_BYTES_MAX) throw new SavedTooLargeError(raw.length);
    const body = await compressed(raw, COMPRESSION);
    bytes += await append(file, frameOf(piece.kind, { rawBytes: raw.length, body }));
    if (bytes > FILE_BYTES_MAX) throw new SavedTooLargeError(bytes);
    frames += 1;
  }
  bytes += await append(file, endFrame(frames));
  await file.sync();
  return bytes;
}

async function append(file: FileHandle, bytes: Buffer): Promise<number> {
  await file.writeFile(bytes);
  return bytes.length;
}

class SavedTooLargeError extends Error {
  override readonly name = "SavedTooLargeError";
  constructor(bytes: number) {
    super(`windows are not saved: ${bytes} bytes are more than a file of them may have`);
  }
}

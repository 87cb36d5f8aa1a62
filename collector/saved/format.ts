/**
 * # The file of saved windows, version 1
 *
 *     file  := "tidemark windows\n" version:u32 frame* end
 *     frame := kind:u8 rawBytes:u32 bytes:u32 crc:u32 body[bytes]
 *     body  := zstd(piece-body.ts), rawBytes of it
 *     end   := a frame of kind 255 whose body is the number of the others, u32
 *
 * `kind` is the position of the piece's kind in KINDS: one head first, then groups, then topics. `crc` is CRC-32 (as `zlib.crc32`)
 * of the frame without it. One frame that fails damages the file: half of a cluster's windows would be taken for all of them.
 * A reader bounds every length before it allocates.
 */

import { crc32, zstdDecompressSync } from "node:zlib";
import type { SavedGroups, SavedHead, SavedPiece, SavedTopics } from "../window/saved.ts";
import { PieceError, pieceOf } from "./piece-body.ts";

const FORMAT_VERSION = 1;
const MAGIC = Buffer.from("tidemark windows\n");
const HEADER_BYTES = MAGIC.length + 4;
const FRAME_HEADER_BYTES = 13;
const CRC_AT = 9;
/** Before compression. Pieces are some megabytes; one group of very many partitions is one piece. */
export const PIECE_BYTES_MAX = 536_870_912;

const KINDS = ["head", "groups", "topics"] as const;
const END = 255;

export interface Saved {
  readonly head: SavedHead;
  readonly groups: readonly SavedGroups[];
  readonly topics: readonly SavedTopics[];
}

export type ReadSaved =
  | { readonly kind: "saved"; readonly saved: Saved }
  | { readonly kind: "refused"; readonly reason: "foreign" | "other-version" | "damaged" };

export function fileHeader(): Buffer {
  const header = Buffer.alloc(HEADER_BYTES);
  MAGIC.copy(header);
  header.writeUInt32LE(FORMAT_VERSION, MAGIC.length);
  return header;
}

export function frameOf(
  kind: SavedPiece["kind"],
  { rawBytes, body }: { readonly rawBytes: number; readonly body: Buffer },
): Buffer {
  return framed(KINDS.indexOf(kind), { rawBytes, body });
}

/** The last one: without it the file was cut. */
export function endFrame(frames: number): Buffer {
  const body = Buffer.alloc(4);
  body.writeUInt32LE(frames);
  return framed(END, { rawBytes: body.length, body });
}

function framed(kind: number, { rawBytes, body }: { readonly rawBytes: number; readonly body: Buffer }): Buffer {
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + body.length);
  frame.writeUInt8(kind, 0);
  frame.writeUInt32LE(rawBytes, 1);
  frame.writeUInt32LE(body.length, 5);
  body.copy(frame, FRAME_HEADER_BYTES);
  frame.writeUInt32LE(crcOf(frame), CRC_AT);
  return frame;
}

function crcOf(frame: Buffer): number {
  return crc32(frame.subarray(FRAME_HEADER_BYTES), crc32(frame.subarray(0, CRC_AT)));
}

export function readSaved(file: Buffer): ReadSaved {
  if (!file.subarray(0, MAGIC.length).equals(MAGIC)) return { kind: "refused", reason: "foreign" };
  if (file.length < HEADER_BYTES) return { kind: "refused", reason: "damaged" };
  if (file.readUInt32LE(MAGIC.length) !== FORMAT_VERSION) return { kind: "refused", reason: "other-version" };
  try {
    return { kind: "saved", saved: arranged([...readFrames(file)].map(readPiece)) };
  } catch {
    // Codes of zstd, RangeErrors, SyntaxErrors, PieceErrors: whatever it is, this is not what was written.
    return { kind: "refused", reason: "damaged" };
  }
}

interface Frame {
  readonly kind: number;
  readonly rawBytes: number;
  readonly body: Buffer;
}

function* readFrames(file: Buffer): Generator<Frame> {
  let frames = 0;
  for (let at = HEADER_BYTES; ; frames += 1) {
    const end = at + FRAME_HEADER_BYTES + file.readUInt32LE(at + 5);
    const frame = file.subarray(at, end);
    if (end > file.length || frame.readUInt32LE(CRC_AT) !== crcOf(frame)) throw new PieceError("a frame is damaged");
    const body = frame.subarray(FRAME_HEADER_BYTES);
    if (frame.readUInt8(0) === END) {
      if (body.readUInt32LE(0) !== frames || end !== file.length) throw new PieceError("frames are missing");
      return;
    }
    yield { kind: frame.readUInt8(0), rawBytes: frame.readUInt32LE(1), body };
    at = end;
  }
}

function readPiece({ kind, rawBytes, body }: Frame): SavedPiece {
  const name = KINDS[kind];
  if (name === undefined || rawBytes > PIECE_BYTES_MAX) throw new PieceError("a frame of no kind, or too large");
  return pieceOf(name, zstdDecompressSync(body, { maxOutputLength: rawBytes }));
}

function arranged([first, ...others]: readonly SavedPiece[]): Saved {
  if (first?.kind !== "head") throw new PieceError("there is no head");
  const groups = others.flatMap((piece) => (piece.kind === "groups" ? [piece.groups] : []));
  const topics = others.flatMap((piece) => (piece.kind === "topics" ? [piece.topics] : []));
  return { head: first.head, groups, topics };
}

/**
 * # Mutated bytes, the same from the same seed
 *
 *   mutated := 1..4 operations on one input of the corpus
 *   operation := bit flip | byte set to what lengths trip over | byte +-1 | int16, int32, int64 or varint set to an extreme |
 *                truncation | tail of another input | range twice | range left out | random bytes put in
 */

export interface Mutator {
  /** In [0, below), an integer. */
  pick(below: number): number;
  /** A view of one buffer that the next call overwrites: an input is looked at once, and millions of copies would cost more than what is tried. */
  mutated(input: Buffer, other: Buffer): Buffer;
}

/** Largest input that comes out; what grows beyond is cut. */
export const MUTATED_BYTES_MAX = 2 ** 15;

const BYTES = [0, 1, 2, 0x7f, 0x80, 0xfe, 0xff];
const EXTREMES = [-1, -2, 0, 1, 0x7f, 0x7fff, 0x10000, 0x7fffffff, -0x80000000, -0x7fffffff];
const VARINTS = [
  "00",
  "01",
  "02",
  "80",
  "ff01",
  "ffff03",
  "ffffffff07",
  "ffffffff0f",
  "ffffffffff7f",
  "feffffff0f",
].map((hex) => Buffer.from(hex, "hex"));

export function createMutator(seed: number): Mutator {
  const random = uint32Of(seed);
  const pick = (below: number): number => Math.floor((random() / 2 ** 32) * below);
  const target = Buffer.alloc(MUTATED_BYTES_MAX);
  return {
    pick,
    mutated(input, other) {
      let length = input.copy(target);
      for (let left = 1 + pick(4); left > 0 && length > 0; left--) length = mutateOnce({ target, length, other, pick });
      return target.subarray(0, length);
    },
  };
}

/** mulberry32: small, and the same everywhere. */
function uint32Of(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return (mixed ^ (mixed >>> 14)) >>> 0;
  };
}

interface Mutation {
  readonly target: Buffer;
  readonly length: number;
  readonly other: Buffer;
  readonly pick: Mutator["pick"];
}

/** Answers with the new length. */
function mutateOnce(mutation: Mutation): number {
  const { target, length, pick } = mutation;
  const at = pick(length);
  switch (pick(16)) {
    case 0:
    case 1:
    case 2:
      target[at] = (target[at] ?? 0) ^ (1 << pick(8));
      return length;
    case 3:
    case 4:
      target[at] = BYTES[pick(BYTES.length)] ?? 0;
      return length;
    case 5:
      target[at] = (target[at] ?? 0) + (pick(2) === 0 ? 1 : -1);
      return length;
    case 6:
    case 7:
    case 8:
    case 9:
      return setExtreme(mutation, at);
    case 10:
      return at;
    default:
      return moveBytes(mutation, at);
  }
}

function setExtreme({ target, length, pick }: Mutation, at: number): number {
  const value = EXTREMES[pick(EXTREMES.length)] ?? 0;
  switch (pick(4)) {
    case 0:
      if (at + 2 <= length) target.writeInt16BE((value << 16) >> 16, at);
      return length;
    case 1:
      if (at + 4 <= length) target.writeInt32BE(value, at);
      return length;
    case 2:
      if (at + 8 <= length) target.writeInt32BE(value, at);
      return length;
    default:
      return Math.max(length, at + (VARINTS[pick(VARINTS.length)]?.copy(target, at) ?? 0));
  }
}

function moveBytes({ target, length, other, pick }: Mutation, at: number): number {
  const size = Math.min(1 + pick(pick(8) === 0 ? length : 16), length - at);
  switch (pick(5)) {
    case 0: // the tail of another
      return at + other.copy(target, at, pick(other.length));
    case 1: // a range twice
      target.copy(target, at + size, at, length);
      return Math.min(length + size, MUTATED_BYTES_MAX);
    case 2: // a range left out
      target.copy(target, at, at + size, length);
      return length - size;
    case 3: // random bytes over what is there
      for (let i = at; i < at + size; i++) target[i] = pick(256);
      return length;
    default: // random bytes put in
      target.copy(target, at + size, at, length);
      for (let i = at; i < at + size && i < MUTATED_BYTES_MAX; i++) target[i] = pick(256);
      return Math.min(length + size, MUTATED_BYTES_MAX);
  }
}

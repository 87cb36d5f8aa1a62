/**
 * # Key index: the raw bytes of a commit's key -> handle
 *
 * Commits come millions a second and nearly all of known keys; making strings of them would cost more than all the rest. So
 * the bytes of the key, after its type, are looked up as they are: open addressing over a hash, then a comparison of bytes.
 *
 *   table   one int32 a place, 0 is free: entry + 1 in the low 24 bits, 8 bits of the hash above, so that a probe rarely looks
 *           further than the table. A power of two, at most 3/4 full.
 *   entry   four int32: hash, where the bytes are, how many, handle
 *   slabs   the bytes, one key after the other, never across two slabs
 *
 * One index serves all partitions of the offsets topic of a cluster. Nothing is ever taken out: the index is emptied when the
 * observer's handles change, and when a limit is reached (keys of groups that are gone would fill it for ever); it then fills
 * itself again from the observer. Some 25 to 30 bytes a key, and the key itself.
 */

export interface KeyIndex {
  /** The handle of the bytes of `view` from `start` to `end`, or NO_HANDLE. Its own parameters: it is the hot path. */
  find(view: DataView, start: number, end: number): number;
  /** Adds a key that `find` does not know. */
  add(key: Buffer, handle: number): void;
  /** Empties the index when `epoch` is not the one its handles are of. */
  useEpoch(epoch: number): void;
  readonly keys: number;
  /** Bytes held in tables and slabs. */
  readonly bytes: number;
  /** How often it was emptied because it was full. */
  readonly overflows: number;
}

/** No handle is negative; a union would cost an allocation for each of millions of records a second. */
export const NO_HANDLE = -2;

const KEYS_MAX = 2 ** 23;
const SLAB_BYTES = 2 ** 18;
const TABLE_PLACES_MIN = 2 ** 10;
const ENTRY_WORDS = 4;
const ENTRY_MASK = 2 ** 24 - 1;
const HASH_MASK = ~ENTRY_MASK;

interface State {
  epoch: number;
  keys: number;
  overflows: number;
  table: Int32Array;
  entries: Int32Array;
  slabs: { readonly bytes: Buffer; readonly view: DataView }[];
  /** Free from here on in the newest slab. */
  slabAt: number;
}

interface KeyIndexOptions {
  /** At most 2^23, which is also the default. */
  readonly keysMax?: number;
  /** Of the keys themselves. */
  readonly keyBytesMax?: number;
}

export function createKeyIndex(options: KeyIndexOptions = {}): KeyIndex {
  const keysMax = Math.min(options.keysMax ?? KEYS_MAX, KEYS_MAX);
  const slabsMax = Math.max(1, Math.floor((options.keyBytesMax ?? 2 ** 30) / SLAB_BYTES));
  const state: State = { epoch: Number.NaN, overflows: 0, ...emptied() };
  return {
    find: (view, start, end) => find(state, view, start, end),
    add(key, handle) {
      const isFull = state.keys >= keysMax || (!fitsSlab(state, key) && state.slabs.length >= slabsMax);
      if (isFull) {
        state.overflows++;
        Object.assign(state, emptied());
      }
      add(state, key, handle);
    },
    useEpoch(epoch) {
      if (state.epoch === epoch) return;
      Object.assign(state, emptied());
      state.epoch = epoch;
    },
    get keys() {
      return state.keys;
    },
    get bytes() {
      return state.table.byteLength + state.entries.byteLength + state.slabs.length * SLAB_BYTES;
    },
    get overflows() {
      return state.overflows;
    },
  };
}

function emptied(): Omit<State, "epoch" | "overflows"> {
  return {
    keys: 0,
    table: new Int32Array(TABLE_PLACES_MIN),
    entries: new Int32Array((TABLE_PLACES_MIN / 2) * ENTRY_WORDS),
    slabs: [],
    slabAt: SLAB_BYTES,
  };
}

function find(state: State, view: DataView, start: number, end: number): number {
  const { table, entries } = state;
  const mask = table.length - 1;
  const hash = hashOf(view, start, end);
  for (let place = hash & mask; ; place = (place + 1) & mask) {
    const found = table[place] as number;
    if (found === 0) return NO_HANDLE;
    if (((found ^ hash) & HASH_MASK) !== 0) continue;
    const at = ((found & ENTRY_MASK) - 1) * ENTRY_WORDS;
    if (
      entries[at] === hash &&
      entries[at + 2] === end - start &&
      equals(state, entries[at + 1] as number, view, start, end)
    ) {
      return entries[at + 3] as number;
    }
  }
}

/** Four bytes at a step; the high bits, mixed best, are folded into the low ones that choose the place. */
function hashOf(view: DataView, start: number, end: number): number {
  let hash = end - start;
  let at = start;
  for (; at + 4 <= end; at += 4) hash = mixed(hash ^ view.getInt32(at));
  for (; at < end; at++) hash = mixed(hash ^ view.getUint8(at));
  return hash ^ (hash >>> 16);
}

function mixed(hash: number): number {
  const product = Math.imul(hash, 0x9e3779b1);
  return product ^ (product >>> 15);
}

function equals(state: State, keyAt: number, view: DataView, start: number, end: number): boolean {
  // An entry is written after its bytes, so its slab is there.
  const slab = (state.slabs[Math.floor(keyAt / SLAB_BYTES)] as { readonly view: DataView }).view;
  let there = keyAt % SLAB_BYTES;
  let at = start;
  for (; at + 4 <= end; at += 4, there += 4) if (slab.getInt32(there) !== view.getInt32(at)) return false;
  for (; at < end; at++, there++) if (slab.getUint8(there) !== view.getUint8(at)) return false;
  return true;
}

function fitsSlab(state: State, key: Buffer): boolean {
  return state.slabAt + key.length < SLAB_BYTES;
}

function add(state: State, key: Buffer, handle: number): void {
  if (!fitsSlab(state, key)) {
    const bytes = Buffer.allocUnsafeSlow(SLAB_BYTES);
    state.slabs.push({ bytes, view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length) });
    state.slabAt = 0;
  }
  const slab = state.slabs.length - 1;
  state.slabs[slab]?.bytes.set(key, state.slabAt);
  const keyAt = slab * SLAB_BYTES + state.slabAt;
  state.slabAt += key.length;

  const at = state.keys * ENTRY_WORDS;
  if (at === state.entries.length) state.entries = grown(state.entries);
  const hash = hashOf(new DataView(key.buffer, key.byteOffset, key.length), 0, key.length);
  state.entries.set([hash, keyAt, key.length, handle], at);
  state.keys++;
  if (state.keys * 4 > state.table.length * 3) rebuildTable(state);
  else place(state.table, hash, state.keys);
}

/** By a quarter: what is spare counts against the bytes that a group-partition may take. */
function grown(entries: Int32Array): Int32Array {
  const larger = new Int32Array(Math.ceil((entries.length * 1.25) / ENTRY_WORDS) * ENTRY_WORDS);
  larger.set(entries);
  return larger;
}

function rebuildTable(state: State): void {
  state.table = new Int32Array(state.table.length * 2);
  for (let key = 1; key <= state.keys; key++) {
    place(state.table, state.entries[(key - 1) * ENTRY_WORDS] as number, key);
  }
}

function place(table: Int32Array, hash: number, entryPlusOne: number): void {
  const mask = table.length - 1;
  let at = hash & mask;
  while (table[at] !== 0) at = (at + 1) & mask;
  table[at] = (hash & HASH_MASK) | entryPlusOne;
}

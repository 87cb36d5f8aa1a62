/**
 * # Column: one number per id, in chunks
 *
 * A column is a list of equal typed arrays of `CHUNK_ROWS` rows. Growing adds a chunk, so it never copies, never leaves
 * more than one chunk of slack, and an array once handed out stays the array. Ids are dense and from 0 (names.ts,
 * topic-partitions.ts, group-partitions.ts make them); a row nobody has set holds the column's `fill`. Ids are used again:
 * who gives an id back sets its rows to `fill` first.
 *
 * Loops over millions of commits read `chunks[id >> CHUNK_BITS][id & CHUNK_MASK]` themselves; for the others there are the
 * verbs at the end.
 */

export const CHUNK_BITS = 12;
export const CHUNK_ROWS = 1 << CHUNK_BITS;
export const CHUNK_MASK = CHUNK_ROWS - 1;

type ColumnArray = Float64Array | Int32Array | Uint8Array;

export interface Column<A extends ColumnArray> {
  /** For hot loops. Chunks that were never written to are missing at the end: beyond them every row is `fill`. */
  readonly chunks: readonly A[];
  readonly fill: number;
  get(id: number): number;
  /** `id` is dense: one far beyond the others allocates everything in between. */
  set(id: number, value: number): void;
}

type Cells<A extends ColumnArray> = Pick<Column<A>, "chunks" | "fill">;

function createColumn<A extends ColumnArray>(allocate: (rows: number) => A, fill: number): Omit<Column<A>, "get"> {
  const chunks: A[] = [];
  return {
    chunks,
    fill,
    set: (id, value) => {
      let chunk = chunks[id >> CHUNK_BITS];
      while (chunk === undefined) {
        const added = allocate(CHUNK_ROWS);
        if (fill !== 0) added.fill(fill);
        chunks.push(added);
        chunk = chunks[id >> CHUNK_BITS];
      }
      chunk[id & CHUNK_MASK] = value;
    },
  };
}

/** Offsets, times in ms, anything exact within ±(2^53-1). A fill of NaN marks "unknown". */
export function createFloat64Column(fill = 0): Column<Float64Array> {
  const column = createColumn((rows) => new Float64Array(rows), fill);
  return { ...column, get: (id) => readFloat64(column, id) };
}

/** Ids, partitions, counts. A fill of -1 marks "none". */
export function createInt32Column(fill = 0): Column<Int32Array> {
  const column = createColumn((rows) => new Int32Array(rows), fill);
  return { ...column, get: (id) => readInt32(column, id) };
}

/** Codes and flags, 0..255. */
export function createUint8Column(fill = 0): Column<Uint8Array> {
  const column = createColumn((rows) => new Uint8Array(rows), fill);
  return { ...column, get: (id) => readUint8(column, id) };
}

// `get` of each kind of array: one for all of them could not be specialised by the compiler.

export function readFloat64({ chunks, fill }: Cells<Float64Array>, id: number): number {
  return chunks[id >> CHUNK_BITS]?.[id & CHUNK_MASK] ?? fill;
}

export function readInt32({ chunks, fill }: Cells<Int32Array>, id: number): number {
  return chunks[id >> CHUNK_BITS]?.[id & CHUNK_MASK] ?? fill;
}

export function readUint8({ chunks, fill }: Cells<Uint8Array>, id: number): number {
  return chunks[id >> CHUNK_BITS]?.[id & CHUNK_MASK] ?? fill;
}

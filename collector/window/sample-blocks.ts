/**
 * # Sample blocks: room for 9 to 72 runs, in flat arrays
 *
 *   place := block * CLASSES + class        one number says where a partition's runs are
 *
 * Blocks of one class share chunks of equal size, so that growing never copies what others have, and a block given back is
 * used again. All together are bounded by `bytesMax`.
 */

/** Runs of a block, by its class. */
const CAPACITIES = [9, 18, 36, 72] as const;
const CLASSES = CAPACITIES.length;
const CHUNK_RUNS = 4_608;
export const RUN_BYTES = 16;

export interface RunChunk {
  readonly endOffsets: Float64Array;
  /** Both in ms after the partition's base. */
  readonly firstAnswered: Uint32Array;
  readonly lastAsked: Uint32Array;
}

interface Pool {
  readonly capacity: number;
  readonly chunks: RunChunk[];
  readonly free: number[];
  limit: number;
}

export interface SampleBlocks {
  readonly pools: readonly Pool[];
  readonly bytesMax: number;
  usedBytes: number;
}

export function createSampleBlocks(bytesMax: number): SampleBlocks {
  const pools = CAPACITIES.map((capacity) => ({ capacity, chunks: [], free: [], limit: 0 }));
  return { pools, bytesMax, usedBytes: 0 };
}

export function capacityOf(place: number): number {
  return CAPACITIES[place % CLASSES] as number; // in bounds by construction
}

/** Where the block's runs begin in its chunk. */
export function firstRun(place: number): number {
  return (Math.floor(place / CLASSES) * capacityOf(place)) % CHUNK_RUNS;
}

export function chunkAt({ pools }: SampleBlocks, place: number): RunChunk {
  const firstOfAll = Math.floor(place / CLASSES) * capacityOf(place);
  const chunk = pools[place % CLASSES]?.chunks[Math.floor(firstOfAll / CHUNK_RUNS)];
  if (chunk === undefined) throw new RangeError(`there is no block ${place}`);
  return chunk;
}

/** A block of the smallest class, or one larger than `smaller`; undefined where there is no room, or no larger class. */
export function takeBlock(blocks: SampleBlocks, smaller?: number): number | undefined {
  const ofClass = smaller === undefined ? 0 : (smaller % CLASSES) + 1;
  const pool = blocks.pools[ofClass];
  if (pool === undefined || blocks.usedBytes + pool.capacity * RUN_BYTES > blocks.bytesMax) return undefined;
  blocks.usedBytes += pool.capacity * RUN_BYTES;
  const block = pool.free.pop() ?? pool.limit++;
  if (Math.floor((block * pool.capacity) / CHUNK_RUNS) === pool.chunks.length)
    pool.chunks.push({
      endOffsets: new Float64Array(CHUNK_RUNS),
      firstAnswered: new Uint32Array(CHUNK_RUNS),
      lastAsked: new Uint32Array(CHUNK_RUNS),
    });
  return block * CLASSES + ofClass;
}

export function giveBlock(blocks: SampleBlocks, place: number): void {
  blocks.usedBytes -= capacityOf(place) * RUN_BYTES;
  blocks.pools[place % CLASSES]?.free.push(Math.floor(place / CLASSES));
}

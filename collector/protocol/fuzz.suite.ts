/**
 * # Fuzz: whatever comes in, decoders answer with a value, come to an end, and make nothing larger than a multiple of what came
 *
 * Inputs come in chunks, and each chunk from a seed of its own, which the error of an input that fails names: `fuzzChunk` with it
 * does the same again.
 */

import assert from "node:assert/strict";
import { setImmediate } from "node:timers/promises";
import { allocatedBytes, heldBytes } from "../../runtime/held-bytes.fixture.ts";
import { TARGETS, type Target } from "./fuzz-targets.fixture.ts";
import { createMutator } from "./mutator.fixture.ts";

export const CHUNK_INPUTS = 10_000;

export interface FuzzOptions {
  /** Of all targets together. */
  readonly inputs: number;
  readonly targets: readonly Target[];
}

export interface FuzzReport {
  readonly target: string;
  readonly inputs: number;
  /** Inputs that made sense. */
  readonly read: number;
  /** The most that one input made on the heap and beside it. */
  readonly madeBytesMax: number;
}

/** Throws at the first input that fails, with the input. */
export async function fuzz({ inputs, targets }: FuzzOptions): Promise<readonly FuzzReport[]> {
  const shares = targets.reduce((sum, { share }) => sum + share, 0);
  const reports: FuzzReport[] = [];
  for (const target of targets)
    reports.push(await fuzzTarget(target, Math.ceil((inputs * target.share) / shares / CHUNK_INPUTS)));
  return reports;
}

async function fuzzTarget(target: Target, chunks: number): Promise<FuzzReport> {
  let read = 0;
  let madeBytesMax = 0;
  for (let seed = 1; seed <= chunks; seed++) {
    const chunk = fuzzChunk(target, seed);
    read += chunk.read;
    madeBytesMax = Math.max(madeBytesMax, chunk.madeBytesMax);
    await setImmediate(); // what a library made is let go between turns of the event loop only
  }
  return { target: target.name, inputs: chunks * CHUNK_INPUTS, read, madeBytesMax };
}

type ChunkReport = Omit<FuzzReport, "target" | "inputs">;

/** Most inputs are malformed, and the stacks of their errors cost more than all decoding. */
export function fuzzChunk(target: Target, seed: number): ChunkReport {
  const limit = Error.stackTraceLimit;
  Error.stackTraceLimit = 0;
  try {
    return fuzzInputs(target, seed);
  } finally {
    Error.stackTraceLimit = limit;
  }
}

function fuzzInputs(target: Target, seed: number): ChunkReport {
  const { corpus } = target;
  const { mutated, pick } = createMutator(seed);
  let read = 0;
  let madeBytesMax = 0;
  for (let i = 0; i < CHUNK_INPUTS; i++) {
    const index = pick(corpus.length);
    const bytes = mutated(corpus[index] ?? NOTHING, corpus[pick(corpus.length)] ?? NOTHING);
    const chance = pick(2 ** 32);
    // Less where a collection came between; what makes too much is seen at one of the next thousands of inputs then.
    const before = allocatedBytes();
    try {
      if (target.run(bytes, index, chance)) read++;
      const madeBytes = allocatedBytes() - before;
      if (madeBytes > madeBytesMax) madeBytesMax = madeBytes;
      if (madeBytes > target.madeBytesMax(bytes.length)) throw new Error(`it made ${madeBytes} bytes`);
    } catch (cause) {
      const what = cause instanceof Error ? cause.message : String(cause);
      throw new Error(`${target.name}, seed ${seed}, input ${i}: ${what}: ${bytes.toString("hex")}`, { cause });
    }
  }
  return { read, madeBytesMax };
}

const NOTHING = Buffer.alloc(0);

/** The libraries that decompress hold what they make where the engine does not count it. */
const RESIDENT_GROWTH_BYTES_MAX = 2 ** 29;
const HELD_GROWTH_BYTES_MAX = 2 ** 22;
const WARM_UP_INPUTS = 200_000;

/** All of it: `inputs` at least, nothing held afterwards, and each target read some and refused some. Answers with lines for people. */
export async function fuzzDecoders(inputs: number, targets = TARGETS): Promise<readonly string[]> {
  await fuzz({ inputs: Math.min(WARM_UP_INPUTS, inputs), targets });
  const heldBefore = await heldBytes();
  const residentBefore = residentBytesMax();
  const reports = await fuzz({ inputs, targets });
  const held = (await heldBytes()) - heldBefore;
  const resident = residentBytesMax() - residentBefore;
  assert.ok(held < HELD_GROWTH_BYTES_MAX, `${held} bytes more are held after it`);
  assert.ok(resident < RESIDENT_GROWTH_BYTES_MAX, `the process grew by ${resident} bytes`);
  for (const { target, inputs: tried, read } of reports)
    assert.ok(read > tried * 0.02 && read < tried * 0.98, `${target}: ${read} of ${tried} inputs were read`);
  const total = reports.reduce((sum, report) => sum + report.inputs, 0);
  assert.ok(total >= inputs);
  return [
    ...reports.map(({ target, inputs: tried, read, madeBytesMax }) => {
      return `${target}: ${tried} inputs, ${read} read, ${madeBytesMax} bytes at most for one`;
    }),
    `${total} inputs; ${held} bytes more are held, ${resident} bytes more were resident at the peak`,
  ];
}

function residentBytesMax(): number {
  return process.resourceUsage().maxRSS * 2 ** 10;
}

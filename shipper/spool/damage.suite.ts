/**
 * A spool file damaged anywhere: flipped bits, zeroed sectors, a cut tail, garbage; main file or WAL. Opening and reading
 * it never throws and never ends in a loop, no altered byte is ever delivered, rows come in order, and the accounts add up
 * whatever is left of them.
 */

import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import fc from "fast-check";
import { systemClock } from "../../runtime/clock.ts";
import type { Batch } from "./row.ts";
import { temporaryFolder } from "./store.suite.ts";
import type { SpoolStore } from "./store.ts";
import { openStore } from "./store.ts";

const ROWS = 60;
const POINTS = 10;
const SINK = "sink";

const bodyOf = (row: number): string => `${row}:${"0123456789abcdef".repeat(40 + ((row * 131) % 400))}`;

const batchOf = (row: number): Batch => ({ points: POINTS, firstMs: row, lastMs: row, body: Buffer.from(bodyOf(row)) });

/** A spool as kill -9 leaves it: some of it in the main file, the newest of it in the WAL. */
function killedSpool(folder: string): string {
  const path = join(folder, "killed.db");
  const store = openStore({ path, bytesMax: 2 ** 26, sinks: [SINK] }, systemClock);
  for (let row = 0; row < ROWS; row += 1) {
    const after = row === 0 ? "" : String(row);
    const entry = { after, cursor: String(row + 1), batches: [batchOf(row)], ticksGone: 0, pointsTooLarge: 0 };
    assert.equal(store.append(entry).kind, "appended");
  }
  for (let row = 0; row < 5; row += 1) settleNext(store);
  const copy = join(folder, "spool.db");
  for (const suffix of ["", "-wal"]) copyFileSync(`${path}${suffix}`, `${copy}${suffix}`);
  store.close();
  return copy;
}

/** Delivers the next row; answers its number, or undefined when there is none. */
function settleNext(store: SpoolStore): number | undefined {
  const answer = store.peek(SINK);
  if (answer.kind === "unavailable") throw answer.cause;
  if (answer.kind === "empty") return undefined;
  const { row } = answer;
  const text = Buffer.from(row.body).toString();
  const number = Number(text.slice(0, text.indexOf(":")));
  assert.equal(text, bodyOf(number), "no altered byte is delivered");
  const tally = { stored: row.points, duplicate: 0, filtered: 0, rejected: 0 };
  const settled = store.settle({ sink: SINK, rows: [{ row: { seq: row.seq, crc: row.crc }, tally, letters: [] }] });
  assert.equal(settled.kind, "settled");
  return number;
}

interface Damage {
  readonly file: "" | "-wal";
  readonly how: "bit" | "zeros" | "cut" | "garbage" | "empty" | "gone" | "directory";
  readonly place: number;
}

const damages: fc.Arbitrary<Damage> = fc.record({
  file: fc.constantFrom("", "-wal"),
  how: fc.oneof(
    { weight: 8, arbitrary: fc.constant("bit" as const) },
    { weight: 4, arbitrary: fc.constant("zeros" as const) },
    { weight: 2, arbitrary: fc.constant("cut" as const) },
    {
      weight: 1,
      arbitrary: fc.constantFrom("garbage" as const, "empty" as const, "gone" as const, "directory" as const),
    },
  ),
  place: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
});

function apply(path: string, { file, how, place }: Damage): void {
  const name = `${path}${file}`;
  const bytes = readFileSync(name);
  const at = Math.floor(place * bytes.length);
  switch (how) {
    case "bit":
      bytes[at] = (bytes[at] ?? 0) ^ (1 << (at % 8));
      writeFileSync(name, bytes);
      break;
    case "zeros":
      writeFileSync(name, bytes.fill(0, at - (at % 512), Math.min(bytes.length, at - (at % 512) + 512)));
      break;
    case "cut":
      writeFileSync(name, bytes.subarray(0, at));
      break;
    case "garbage":
      writeFileSync(name, Buffer.alloc(8_192, "not a database "));
      break;
    case "empty":
      writeFileSync(name, "");
      break;
    case "gone":
      rmSync(name);
      break;
    case "directory":
      rmSync(name);
      mkdirSync(name);
      break;
  }
}

/** How many rows of damaged spools came through, so that a test can say that salvage is worth something. */
export function checkDamage(spools: number): { readonly delivered: number; readonly offered: number } {
  const folder = temporaryFolder();
  let delivered = 0;
  try {
    const killed = killedSpool(folder);
    fc.assert(
      fc.property(damages, (damage) => {
        const path = join(folder, "damaged", "spool.db");
        rmSync(join(folder, "damaged"), { recursive: true, force: true });
        mkdirSync(join(folder, "damaged"));
        for (const suffix of ["", "-wal"]) copyFileSync(`${killed}${suffix}`, `${path}${suffix}`);
        apply(path, damage);
        delivered += drain(path);
      }),
      { numRuns: spools },
    );
  } finally {
    if (existsSync(folder)) rmSync(folder, { recursive: true });
  }
  return { delivered, offered: spools * (ROWS - 5) };
}

function drain(path: string): number {
  const store = openStore({ path, bytesMax: 2 ** 26, sinks: [SINK] }, systemClock);
  try {
    const numbers: number[] = [];
    for (let number = settleNext(store); number !== undefined; number = settleNext(store)) {
      assert.ok(numbers.length <= ROWS, "it comes to an end");
      numbers.push(number);
    }
    assert.deepEqual(
      numbers,
      numbers.toSorted((a, b) => a - b),
    );
    assert.equal(new Set(numbers).size, numbers.length);
    const state = store.stats().state;
    const account = state?.sinks[0]?.[1];
    assert.ok(state !== undefined && account !== undefined);
    const settled = account.stored + account.duplicate + account.rejected;
    assert.equal(state.pointsIn - account.startPoint, settled + account.dropped + account.quarantined);
    const cursor = store.cursor();
    assert.ok(cursor.kind === "cursor");
    const entry = { after: cursor.cursor, cursor: "next", batches: [batchOf(99)], ticksGone: 0, pointsTooLarge: 0 };
    assert.equal(store.append(entry).kind, "appended", "it takes points again");
    assert.equal(settleNext(store), 99);
    return numbers.length;
  } finally {
    store.close();
  }
}

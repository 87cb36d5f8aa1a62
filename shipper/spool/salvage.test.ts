/** A file whose accounts cannot be believed: its rows go to every sink once more, in order, and the source begins at its oldest. */

import assert from "node:assert/strict";
import { readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { systemClock } from "../../runtime/clock.ts";
import { temporaryFolder } from "./store.suite.ts";
import type { SpoolStore } from "./store.ts";
import { openStore } from "./store.ts";

const ROWS = 120;
const SETTLED = 20;
const POINTS = 4;

function settleNext(store: SpoolStore): number | undefined {
  const head = store.peek("a");
  if (head.kind !== "row") return undefined;
  const tally = { stored: POINTS, duplicate: 0, filtered: 0, rejected: 0 };
  const { seq, crc, firstMs } = head.row;
  store.settle({ sink: "a", rows: [{ row: { seq, crc }, tally, letters: [] }] });
  return firstMs;
}

const damages: readonly (readonly [what: string, sql: string])[] = [
  ["fail their CRC", "UPDATE state SET crc = crc + 1"],
  ["are gone", "DELETE FROM state"],
  ["are no JSON", "UPDATE state SET json = 'x'"],
];

for (const [what, sql] of damages)
  test(`accounts that ${what}: the file is set aside, its rows come again in order, and new ones behind them`, () => {
    const folder = temporaryFolder();
    const options = { path: join(folder, "spool.db"), bytesMax: 2 ** 26, sinks: ["a"] };
    try {
      const before = openStore(options, systemClock);
      for (let row = 0; row < ROWS; row += 1) {
        const batch = { points: POINTS, firstMs: row, lastMs: row, body: Buffer.from(`row ${row}`) };
        const entry = { after: row === 0 ? "" : `${row}`, cursor: `${row + 1}`, ticksGone: 0, pointsTooLarge: 0 };
        assert.equal(before.append({ ...entry, batches: [batch] }).kind, "appended");
      }
      for (let row = 0; row < SETTLED; row += 1) assert.equal(settleNext(before), row);
      before.close();
      const db = new DatabaseSync(options.path);
      db.exec(sql);
      db.close();

      const after = openStore(options, systemClock);
      assert.deepEqual(after.cursor(), { kind: "cursor", cursor: "" }, "the source begins anew");
      assert.equal(after.stats().health.kind, "degraded");
      const batch = { points: POINTS, firstMs: ROWS, lastMs: ROWS, body: Buffer.from("new") };
      const entry = { after: "", cursor: "1", batches: [batch], ticksGone: 0, pointsTooLarge: 0 };
      assert.equal(after.append(entry).kind, "appended");
      for (let row = SETTLED; row <= ROWS; row += 1) assert.equal(settleNext(after), row);
      assert.equal(settleNext(after), undefined);
      const account = after.stats().state?.sinks[0]?.[1];
      assert.deepEqual([account?.stored, account?.quarantined], [(ROWS - SETTLED + 1) * POINTS, 0]);
      after.close();
      assert.equal(
        readdirSync(folder).filter((name) => name.includes(".unreadable-") && !name.endsWith("-wal")).length,
        1,
      );
    } finally {
      rmSync(folder, { recursive: true });
    }
  });

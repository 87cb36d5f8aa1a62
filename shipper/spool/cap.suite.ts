/** The cap: four times as much is offered as fits; the oldest goes first, to the point, and the file stays below it. */

import assert from "node:assert/strict";
import { rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { systemClock } from "../../runtime/clock.ts";
import { temporaryFolder } from "./store.suite.ts";
import { openStore } from "./store.ts";

const BODY_BYTES = 100_000;
const POINTS = 7;

/** Offers so much, with one sink that keeps up and one that is dead; throws on the first broken promise. */
export function checkCap({
  capBytes,
  offeredBytes,
}: {
  readonly capBytes: number;
  readonly offeredBytes: number;
}): void {
  const rows = Math.ceil(offeredBytes / BODY_BYTES);
  const folder = temporaryFolder();
  const path = join(folder, "spool.db");
  const store = openStore({ path, bytesMax: capBytes, sinks: ["quick", "dead"] }, systemClock);
  try {
    let fileBytesMax = 0;
    for (let row = 0; row < rows; row += 1) {
      const batch = { points: POINTS, firstMs: row, lastMs: row, body: Buffer.alloc(BODY_BYTES, row % 251) };
      const after = row === 0 ? "" : String(row);
      const entry = { after, cursor: String(row + 1), batches: [batch], ticksGone: 0, pointsTooLarge: 0 };
      assert.equal(store.append(entry).kind, "appended");
      const head = store.peek("quick");
      assert.ok(head.kind === "row");
      const tally = { stored: POINTS, duplicate: 0, filtered: 0, rejected: 0 };
      store.settle({ sink: "quick", rows: [{ row: { seq: head.row.seq, crc: head.row.crc }, tally, letters: [] }] });
      fileBytesMax = Math.max(fileBytesMax, statSync(path).size + statSync(`${path}-wal`).size);
    }
    assert.ok(fileBytesMax <= capBytes + 8 * 1024 * 1024, `${fileBytesMax} bytes on disk`);
    const { state } = store.stats();
    assert.ok(state !== undefined);
    assert.equal(state.pointsIn, rows * POINTS);
    const accounts = new Map(state.sinks);
    assert.equal(accounts.get("quick")?.stored, rows * POINTS);
    assert.equal(accounts.get("quick")?.dropped, 0);
    const dropped = accounts.get("dead")?.dropped ?? 0;
    assert.ok(dropped > 0);
    assert.deepEqual(accounts.get("dead")?.droppedBy, { bytes: dropped, age: 0, disk: 0 });
    assert.equal(
      state.drops.reduce(
        (sum, { sink, reason, points }) => (sink === "dead" && reason === "bytes" ? sum + points : sum),
        0,
      ),
      dropped,
    );

    let left = 0;
    for (let head = store.peek("dead"); head.kind === "row"; head = store.peek("dead")) {
      assert.equal(head.row.firstMs, dropped / POINTS + left, "the oldest are gone, the others come in order");
      left += 1;
      const tally = { stored: POINTS, duplicate: 0, filtered: 0, rejected: 0 };
      store.settle({ sink: "dead", rows: [{ row: { seq: head.row.seq, crc: head.row.crc }, tally, letters: [] }] });
    }
    assert.equal(dropped + left * POINTS, rows * POINTS);
    assert.ok(left * BODY_BYTES > 0.8 * capBytes, "the cap is used");
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

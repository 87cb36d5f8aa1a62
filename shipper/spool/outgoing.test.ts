/** Several rows in hand: looking ahead changes nothing, and only what is still the sink's next row is settled. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { systemClock } from "../../runtime/clock.ts";
import type { SpoolRow } from "./row.ts";
import { temporaryFolder } from "./store.suite.ts";
import type { SpoolStore } from "./store.ts";
import { openStore } from "./store.ts";

const SINK = "a";
const POINTS = 10;

interface Opened {
  readonly store: SpoolStore;
  /** Does something to the file behind the store's back. */
  readonly behind: (statement: string) => SpoolStore;
}

function withRows(rows: number, work: (opened: Opened) => void): void {
  const folder = temporaryFolder();
  const path = join(folder, "spool.db");
  const open = () => openStore({ path, bytesMax: 2 ** 26, sinks: [SINK] }, systemClock);
  let store = open();
  try {
    const batches = Array.from({ length: rows }, (_, tag) => ({
      ...{ points: POINTS, firstMs: tag, lastMs: tag },
      body: Buffer.from(`row ${tag}`),
    }));
    store.append({ after: "", cursor: "1", batches, ticksGone: 0, pointsTooLarge: 0 });
    const behind = (statement: string): SpoolStore => {
      store.close();
      const db = new DatabaseSync(path);
      db.exec(statement);
      db.close();
      store = open();
      return store;
    };
    work({ store, behind });
  } finally {
    store.close();
    rmSync(folder, { recursive: true });
  }
}

function ahead(store: SpoolStore, seq: number, pointsMax: number): readonly SpoolRow[] {
  const answer = store.ahead({ after: { seq, firstPoint: (seq - 1) * POINTS, points: POINTS }, pointsMax });
  assert.ok(answer.kind === "rows");
  return answer.rows;
}

const numbersOf = (rows: readonly SpoolRow[]) => rows.map(({ seq }) => seq);

function account(store: SpoolStore) {
  const [, found] = store.stats().state?.sinks[0] ?? [];
  assert.ok(found !== undefined);
  const { point, stored, duplicate, dropped, quarantined } = found;
  return { point, stored, duplicate, dropped, quarantined };
}

const settledRow = ({ seq, crc }: SpoolRow) => ({
  row: { seq, crc },
  tally: { stored: POINTS - 1, duplicate: 1, filtered: 0, rejected: 0 },
  letters: [],
});

test("rows come as far as they fit, the first one in any case, and nothing moves", () =>
  withRows(5, ({ store }) => {
    assert.deepEqual(numbersOf(ahead(store, 1, 3 * POINTS)), [2, 3, 4]);
    assert.deepEqual(numbersOf(ahead(store, 1, 3 * POINTS - 1)), [2, 3]);
    assert.deepEqual(numbersOf(ahead(store, 1, 1)), [2]);
    assert.deepEqual(numbersOf(ahead(store, 5, 100)), []);
    assert.equal(account(store).point, 0);
  }));

for (const [name, statement] of [
  ["a damaged row", "UPDATE rows SET body = CAST('x' AS BLOB) WHERE seq = 3"],
  ["a missing row", "DELETE FROM rows WHERE seq = 3"],
] as const)
  test(`${name} ends what is read ahead, and is counted once, in its turn`, () =>
    withRows(5, ({ behind }) => {
      const store = behind(statement);
      assert.deepEqual(numbersOf(ahead(store, 1, 100)), [2]);
      assert.deepEqual(numbersOf(ahead(store, 2, 100)), []);
      assert.equal(account(store).quarantined, 0);
      const first = store.peek(SINK);
      assert.ok(first.kind === "row");
      store.settle({ sink: SINK, rows: [first.row, ...ahead(store, 1, 100)].map(settledRow) });
      const next = store.peek(SINK);
      assert.deepEqual([next.kind, next.kind === "row" && next.row.seq], ["row", 4]);
      assert.deepEqual(account(store), { point: 30, stored: 18, duplicate: 2, dropped: 0, quarantined: POINTS });
    }));

test("rows are settled together, in order, once; what is no longer the next row is passed over", () =>
  withRows(4, ({ store }) => {
    const first = store.peek(SINK);
    assert.ok(first.kind === "row");
    const rows = [first.row, ...ahead(store, 1, 100)];
    const [one, two, three, four] = rows.map(settledRow);
    assert.ok(one !== undefined && two !== undefined && three !== undefined && four !== undefined);
    store.settle({ sink: SINK, rows: [two] });
    assert.equal(account(store).point, 0, "not its turn");
    store.settle({ sink: SINK, rows: [one, two] });
    store.settle({ sink: SINK, rows: [one, two, three] });
    assert.deepEqual(account(store), { point: 30, stored: 27, duplicate: 3, dropped: 0, quarantined: 0 });
    store.settle({ sink: SINK, rows: [{ ...four, row: { ...four.row, crc: four.row.crc + 1 } }] });
    assert.equal(account(store).point, 30, "of another file");
  }));

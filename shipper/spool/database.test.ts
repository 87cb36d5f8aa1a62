/** All of a transaction or none of it, whatever ends it. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { openDatabase } from "./database.ts";
import type { SpoolRow } from "./row.ts";
import { temporaryFolder } from "./store.suite.ts";

const rowOf = (seq: number, bytes: number): SpoolRow => ({
  seq,
  firstPoint: seq,
  points: 1,
  firstMs: 1,
  lastMs: 1,
  crc: 0,
  body: new Uint8Array(bytes),
});

test("what fails after its first row leaves none of its rows, also where the file is opened again", () => {
  const folder = temporaryFolder();
  const path = join(folder, "spool.db");
  const db = openDatabase(path, 2 ** 24);
  const insertThen = (fail: () => void) => () =>
    db.transaction(() => {
      db.insert(rowOf(1, 100));
      fail();
    });
  assert.throws(
    insertThen(() => {
      throw new Error("a bug");
    }),
    /a bug/,
  );
  assert.throws(
    insertThen(() => db.insert(rowOf(2, 2 ** 25))),
    /full/,
  );
  assert.equal(db.first(0), undefined);
  db.close();
  const again = openDatabase(path, 2 ** 24);
  assert.equal(again.first(0), undefined);
  again.close();
  rmSync(folder, { recursive: true });
});

/** The watch on every account of points can fail, and what it reads are the accounts of a spool. */

import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";

const WATCH = resolve(import.meta.dirname, "conservation.ts");
const STORE = resolve(import.meta.dirname, "../shipper/spool/database.ts");

/** A spool whose only sink has stored `stored` of 10 points, 4 of which are settled. */
const script = (path: string, stored: number) => `
  import { openDatabase } from ${JSON.stringify(STORE)};
  const account = { seq: 1, startPoint: 0, point: 4, stored: ${stored}, duplicate: 1, filtered: 0, rejected: 0, dropped: 0, quarantined: 0 };
  const db = openDatabase(${JSON.stringify(path)}, 2 ** 24);
  const { state } = db.loadState();
  db.transaction(() => db.saveState({ ...state, pointsIn: 10, sinks: [["a", account]] }));
  db.close();`;

function run(stored: number): { readonly status: number | null; readonly said: string } {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-conservation-"));
  const flags = ["--disable-warning=ExperimentalWarning", `--import=${WATCH}`, "--input-type=module", "-e"];
  try {
    const { status, stderr } = spawnSync(process.execPath, [...flags, script(join(folder, "spool.db"), stored)]);
    return { status, said: stderr.toString() };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

test("an account that adds up passes; one with a point too few or too many ends the process", () => {
  assert.deepEqual(run(3), { status: 0, said: "" });
  for (const stored of [2, 4]) {
    const { status, said } = run(stored);
    assert.notEqual(status, 0);
    assert.match(said, /points are lost or made up:\na: .*"pointsIn":10/);
  }
});

/** A row that its sink cannot make out is kept for a person, counted by every sink, and the next one comes. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../runtime/clock.ts";
import type { Point } from "../schema/point.ts";
import { packPoints } from "./row.ts";
import { temporaryFolder } from "./store.suite.ts";
import { openStore } from "./store.ts";

const point = (group: string): Point => ({
  kind: "group",
  atMs: 1,
  dimensions: { cluster: "c", group },
  fields: { lag: 1 },
});

test("a row in quarantine costs its own points at each sink, and no other", () => {
  const folder = temporaryFolder();
  const store = openStore({ path: join(folder, "spool.db"), bytesMax: 2 ** 26, sinks: ["a", "b"] }, systemClock);
  for (const [after, name] of [
    ["", "first"],
    ["1", "second"],
  ] as const) {
    const { batches } = packPoints([point(name)]);
    store.append({ after, cursor: `${Number(after) + 1}`, ticksGone: 0, batches, pointsTooLarge: 0 });
  }
  const first = store.peek("a");
  assert.ok(first.kind === "row");
  assert.equal(store.quarantine({ seq: first.row.seq, crc: first.row.crc }).kind, "quarantined");
  for (const sink of ["a", "b"]) {
    const next = store.peek(sink);
    assert.ok(next.kind === "row");
    assert.equal(next.row.seq, first.row.seq + 1);
  }
  const accounts = store.stats().state?.sinks.map(([, { quarantined }]) => quarantined);
  assert.deepEqual(accounts, [1, 1]);
  store.close();
  rmSync(folder, { recursive: true });
});

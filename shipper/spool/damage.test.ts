/** Damaged spool files; the long form damages more of them. */

import assert from "node:assert/strict";
import { readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { systemClock } from "../../runtime/clock.ts";
import { COUNTS } from "../../test/claims/counts.ts";
import { checkDamage } from "./damage.suite.ts";
import { temporaryFolder } from "./store.suite.ts";
import { openStore } from "./store.ts";

test("S18: a damaged file never stops us, delivers no altered byte, and most of it comes through", () => {
  const { delivered, offered } = checkDamage(COUNTS.damagedFiles.everyChange);
  assert.ok(delivered > offered * 0.7, `${delivered} of ${offered} rows came through`);
});

const inFolder = (run: (path: string, folder: string) => void) => (): void => {
  const folder = temporaryFolder();
  try {
    run(join(folder, "spool.db"), folder);
  } finally {
    rmSync(folder, { recursive: true });
  }
};

test(
  "a file that is no database is set aside with its time, and health says so",
  inFolder((path, folder) => {
    writeFileSync(path, "garbage ".repeat(1_000));
    const store = openStore({ path, bytesMax: 2 ** 26, sinks: ["a"] }, { ...systemClock, nowMs: () => 0 });
    assert.deepEqual(store.cursor(), { kind: "cursor", cursor: "" });
    const aside = `${path}.unreadable-1970-01-01T000000.000Z`;
    assert.deepEqual(store.stats().health, { kind: "degraded", aside });
    assert.ok(readdirSync(folder).includes("spool.db.unreadable-1970-01-01T000000.000Z"));
    store.close();
  }),
);

test(
  "however often a file is set aside, only the oldest and the newest are kept",
  inFolder((path, folder) => {
    for (let nowMs = 1; nowMs <= 5; nowMs += 1) {
      rmSync(path, { force: true });
      writeFileSync(path, "garbage ".repeat(1_000));
      const store = openStore({ path, bytesMax: 2 ** 26, sinks: ["a"] }, { ...systemClock, nowMs: () => nowMs });
      store.cursor();
      store.close();
    }
    const asides = readdirSync(folder).filter((name) => name.includes("unreadable"));
    assert.deepEqual(asides, [
      "spool.db.unreadable-1970-01-01T000000.001Z",
      "spool.db.unreadable-1970-01-01T000000.005Z",
    ]);
  }),
);

test(
  "S19: a second process is refused with a sentence, and the first goes on",
  inFolder((path) => {
    const first = openStore({ path, bytesMax: 2 ** 26, sinks: ["a"] }, systemClock);
    assert.equal(first.cursor().kind, "cursor");
    const second = openStore({ path, bytesMax: 2 ** 26, sinks: ["a"] }, systemClock);
    assert.throws(() => second.cursor(), /in use by another process/);
    assert.equal(first.peek("a").kind, "empty");
    first.close();
  }),
);

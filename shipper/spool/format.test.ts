/** Files of other programs: each format that was ever released is read for ever, a newer one is left alone. */

import assert from "node:assert/strict";
import { copyFileSync, readdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { systemClock } from "../../runtime/clock.ts";
import { unpackPoints } from "./row.ts";
import { decodeState, EMPTY_STATE, encodeState, SPOOL_FORMAT } from "./state.ts";
import { temporaryFolder } from "./store.suite.ts";
import { openStore } from "./store.ts";

const GOLDEN = join(import.meta.dirname, "golden");
const BYTES_MAX = 2 ** 26;

test("S24: a spool of an older program is read as it was meant, and one of a newer program is refused and left as it is", () => {
  const folder = temporaryFolder();
  try {
    const path = join(folder, "spool.db");
    copyFileSync(join(GOLDEN, "format-1.db"), path);
    const store = openStore({ path, bytesMax: BYTES_MAX, sinks: ["dead", "slow"] }, systemClock);
    assert.deepEqual(store.cursor(), { kind: "cursor", cursor: "run:40" });
    for (const [sink, points] of [
      ["dead", 1_440 - 60],
      ["slow", 1_140],
    ] as const)
      assert.equal(drain(store, sink), points);
    const appended = store.append({ after: "run:40", cursor: "run:41", batches: [], ticksGone: 0, pointsTooLarge: 0 });
    assert.equal(appended.kind, "appended");
    checkOlderAccounts(store);
    store.close();
    assert.equal(formatOf(path), SPOOL_FORMAT, "what is written is of this format");

    setFormat(path, SPOOL_FORMAT + 1);
    const newer = openStore({ path, bytesMax: BYTES_MAX, sinks: ["dead", "slow"] }, systemClock);
    assert.throws(() => newer.cursor(), new RegExp(`format ${SPOOL_FORMAT + 1} .* run the newer program`));
    assert.deepEqual(readdirSync(folder), ["spool.db"]);
    assert.equal(formatOf(path), SPOOL_FORMAT + 1);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("every format that was released has its file here", () => {
  const formats = Array.from({ length: SPOOL_FORMAT - 1 }, (_, index) => `format-${index + 1}.db`);
  assert.deepEqual(
    readdirSync(GOLDEN)
      .filter((name) => name.endsWith(".db"))
      .toSorted(),
    formats,
  );
});

type Store = ReturnType<typeof openStore>;

/** Settles all that is left, and answers how many points that were; the newest lag of a group is among them. */
function drain(store: Store, sink: string): number {
  let points = 0;
  for (let head = store.peek(sink); head.kind === "row"; head = store.peek(sink)) {
    const { seq, crc, body } = head.row;
    const unpacked = unpackPoints(body);
    assert.ok(unpacked.every(({ kind, fields }) => kind === "group" && "lag" in fields));
    points += unpacked.length;
    const tally = { stored: unpacked.length, duplicate: 0, filtered: 0, rejected: 0 };
    store.settle({ sink, rows: [{ row: { seq, crc }, tally, letters: [] }] });
  }
  return points;
}

/** What the accounts of format 1 said, and what was settled here. */
function checkOlderAccounts(store: Store): void {
  const { state, deadLetters } = store.stats();
  assert.ok(state !== undefined);
  const { sinks, ...rest } = state;
  const want = {
    ...EMPTY_STATE,
    nextSeq: 41,
    pointsIn: 2_400,
    sourceCursor: "run:41",
    ticksGone: 2,
    pointsTooLarge: 1,
  };
  assert.deepEqual({ ...rest, sinks: [] }, { ...want, rowsDamaged: 1 });
  const place = { seq: 41, point: 2_400, startPoint: 0 };
  assert.deepEqual(Object.fromEntries(sinks), {
    dead: {
      ...place,
      ...{ stored: 1_380, duplicate: 0, filtered: 0, rejected: 0, dropped: 960, quarantined: 60 },
      droppedBy: { bytes: 960, age: 0, disk: 0 },
    },
    slow: {
      ...place,
      ...{ stored: 2_280, duplicate: 20, filtered: 20, rejected: 20, dropped: 0, quarantined: 60 },
      droppedBy: { bytes: 0, age: 0, disk: 0 },
    },
  });
  assert.equal(deadLetters.get("slow")?.letters, 20);
}

function formatOf(path: string): number {
  const db = new DatabaseSync(path, { readOnly: true });
  const row = db.prepare("SELECT json FROM state").get();
  db.close();
  return JSON.parse(String(row?.["json"])).format;
}

function setFormat(path: string, format: number): void {
  const db = new DatabaseSync(path);
  const { json, crc } = encodeState({ ...EMPTY_STATE, format });
  db.prepare("UPDATE state SET json = ?, crc = ?").run(json, crc);
  db.close();
  assert.deepEqual(decodeState(json, crc), { kind: "newer", format });
}

/** The limits of the spool: who loses what, for which reason, exactly; and whose place is kept. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { unpackPoints } from "./row.ts";
import { temporaryFolder } from "./store.suite.ts";
import type { StoreOptions } from "./store.ts";
import { openStore } from "./store.ts";

const MIB = 2 ** 20;
const HOUR_MS = 3_600_000;
const START_MS = Date.UTC(2026, 10, 21);
const POINTS = 7;

interface World {
  nowMs: number;
  freeBytes: number;
}

/** A store whose clock and disk the test moves. */
function inWorld(run: (world: World, open: (options?: Partial<StoreOptions>) => Store) => void): void {
  const folder = temporaryFolder();
  const world: World = { nowMs: START_MS, freeBytes: 500 * MIB };
  const clock = { nowMs: () => world.nowMs, monotonicMs: () => world.nowMs };
  const disk = () => ({ freeBytes: world.freeBytes, totalBytes: 1_000 * MIB });
  const fixed = { path: join(folder, "spool.db"), bytesMax: 256 * MIB, sinks: ["quick", "dead"] };
  const stores: Store[] = [];
  const open = (options: Partial<StoreOptions> = {}): Store => {
    stores.at(-1)?.close();
    const store = openStore({ ...fixed, ...options }, clock, disk);
    stores.push(store);
    assert.equal(store.cursor().kind, "cursor");
    return store;
  };
  try {
    run(world, open);
  } finally {
    stores.at(-1)?.close();
    rmSync(folder, { recursive: true });
  }
}

type Store = ReturnType<typeof openStore>;

function append(store: Store, atMs: number, bytes = 100): void {
  const { cursor } = store.cursor() as { cursor: string };
  const batches = [{ points: POINTS, firstMs: atMs, lastMs: atMs, body: Buffer.alloc(bytes, 1) }];
  const entry = { after: cursor, cursor: String(Number(cursor) + 1), batches, ticksGone: 0, pointsTooLarge: 0 };
  assert.equal(store.append(entry).kind, "appended");
}

function settle(store: Store, sink: string): void {
  const head = store.peek(sink);
  assert.ok(head.kind === "row");
  const tally = { stored: POINTS, duplicate: 0, filtered: 0, rejected: 0 };
  store.settle({ sink, rows: [{ row: { seq: head.row.seq, crc: head.row.crc }, tally, letters: [] }] });
}

const stateOf = (store: Store) => {
  const { state } = store.stats();
  assert.ok(state !== undefined);
  return state;
};

const accountOf = (store: Store, sink: string) => {
  const account = new Map(stateOf(store).sinks).get(sink);
  assert.ok(account !== undefined);
  return account;
};

test("what is older than the age falls off, by our clock and by that of the points; a quick sink loses nothing", () =>
  inWorld((world, open) => {
    const store = open({ ageMsMax: 2 * HOUR_MS });
    for (let hour = 0; hour < 4; hour += 1) {
      world.nowMs = START_MS + hour * HOUR_MS;
      append(store, world.nowMs);
      settle(store, "quick");
    }
    const [quick, dead] = [accountOf(store, "quick"), accountOf(store, "dead")];
    assert.deepEqual([quick.stored, quick.dropped, dead.dropped], [4 * POINTS, 0, 0]);
    store.sweep();
    assert.deepEqual(accountOf(store, "dead").droppedBy, { bytes: 0, age: POINTS, disk: 0 });
    assert.equal(stateOf(store).drops.length, 1);

    world.nowMs += 87_600 * HOUR_MS;
    store.sweep();
    assert.equal(accountOf(store, "dead").dropped, POINTS, "our clock alone, ten years ahead, makes nothing old");
    append(store, START_MS + 5.5 * HOUR_MS);
    store.sweep();
    assert.equal(accountOf(store, "dead").droppedBy.age, 4 * POINTS);
    world.nowMs = START_MS - HOUR_MS;
    store.sweep();
    assert.equal(accountOf(store, "dead").droppedBy.age, 4 * POINTS, "nor does one that went back");
  }));

test("the share of the disk that is to stay free is kept, down to what the spool needs to work", () =>
  inWorld((world, open) => {
    const store = open({ freeDiskMin: 0.05 });
    for (let row = 0; row < 40; row += 1) append(store, START_MS + row, MIB);
    assert.equal(accountOf(store, "dead").dropped, 0);
    while (store.peek("quick").kind === "row") settle(store, "quick");
    // 10 MiB of others beyond what may be taken.
    world.freeBytes = 40 * MIB;
    const before = store.stats().fileBytes;
    store.sweep();
    const { droppedBy } = accountOf(store, "dead");
    assert.deepEqual([droppedBy.bytes, droppedBy.age], [0, 0]);
    const reserve = 40 / 8 + 1;
    assert.ok(droppedBy.disk / POINTS >= 10 && droppedBy.disk / POINTS <= 10 + reserve, `${droppedBy.disk}`);
    assert.ok(store.stats().fileBytes < before, "pages are given back");

    world.freeBytes = 0;
    store.sweep();
    for (let row = 0; row < 4; row += 1) append(store, START_MS + 41 + row, MIB);
    while (store.peek("quick").kind === "row") settle(store, "quick");
    assert.equal(accountOf(store, "quick").dropped, 0, "what a quick sink needs is there on any disk");
  }));

test("each range is exact: sink, reason, running numbers, grid times; one that goes on is one range", () =>
  inWorld((world, open) => {
    const store = open({ ageMsMax: HOUR_MS });
    for (let row = 0; row < 3; row += 1) append(store, START_MS + row);
    settle(store, "quick");
    world.nowMs = START_MS + 2 * HOUR_MS;
    append(store, world.nowMs);
    store.sweep();
    const range = { reason: "age", lastMs: START_MS + 2, openedMs: world.nowMs, grewMs: world.nowMs, told: false };
    // Row by row: the first was needed by the dead one alone.
    assert.deepEqual(stateOf(store).drops, [
      { ...range, sink: "dead", firstPoint: 0, points: 3 * POINTS, firstMs: START_MS },
      { ...range, sink: "quick", firstPoint: POINTS, points: 2 * POINTS, firstMs: START_MS + 1 },
    ]);
  }));

test("a range is told once it is over, or after five minutes, by one event to every sink", () =>
  inWorld((world, open) => {
    const store = open({ ageMsMax: HOUR_MS });
    const events = (sink: string): readonly string[] => {
      const texts: string[] = [];
      for (let head = store.peek(sink); head.kind === "row"; head = store.peek(sink)) {
        const { seq, crc, points, body } = head.row;
        if (body.byteLength !== 100)
          texts.push(
            ...unpackPoints(body).map(({ kind, fields }) => `${kind}: ${"text" in fields ? fields.text : ""}`),
          );
        store.settle({
          sink,
          rows: [{ row: { seq, crc }, tally: { stored: points, duplicate: 0, filtered: 0, rejected: 0 }, letters: [] }],
        });
      }
      return texts;
    };
    // A tick a minute; from the second hour on one row a minute is too old for the dead sink.
    const told: string[] = [];
    for (let minute = 0; minute < 75; minute += 1) {
      world.nowMs = START_MS + minute * 60_000;
      append(store, world.nowMs);
      store.sweep();
      told.push(...events("quick"));
    }
    const points = told.map((text) =>
      Number(
        /^event: (\d+) points of .* left the spool before dead took them: they were older than age_max$/.exec(
          text,
        )?.[1],
      ),
    );
    const untold = stateOf(store)
      .drops.filter(({ told: isTold }) => !isTold)
      .reduce((sum, range) => sum + range.points, 0);
    assert.equal(
      points.reduce((sum, one) => sum + one, untold),
      accountOf(store, "dead").dropped,
    );
    assert.ok(points.length > 1 && points.length <= 14, `${points.length} events`);
    world.nowMs += 60_000;
    assert.deepEqual(events("dead"), told, "the one that was away is told the same, once");
  }));

test("a removed sink keeps its place for a while: back in time it goes on, later it pins nothing and is counted", () =>
  inWorld((world, open) => {
    const removedMsMax = 24 * HOUR_MS;
    let store = open({ removedMsMax });
    for (let row = 0; row < 3; row += 1) append(store, START_MS + row);
    settle(store, "dead");
    store = open({ removedMsMax, sinks: ["quick"] });
    while (store.peek("quick").kind === "row") settle(store, "quick");
    world.nowMs += 23 * HOUR_MS;
    store.sweep();
    store = open({ removedMsMax });
    assert.deepEqual([accountOf(store, "dead").stored, accountOf(store, "dead").point], [POINTS, POINTS]);
    settle(store, "dead");

    store.place({ names: ["quick"], fromNewest: [] });
    world.nowMs += 23 * HOUR_MS;
    store.sweep();
    assert.equal(stateOf(store).pointsReleased, 0);
    world.nowMs += HOUR_MS;
    store.sweep();
    assert.deepEqual([stateOf(store).pointsReleased, stateOf(store).removed], [POINTS, []]);
    const { sink, reason, points } = stateOf(store).drops.at(-1) ?? {};
    assert.deepEqual({ sink, reason, points }, { sink: "dead", reason: "removed", points: POINTS });
    assert.equal(store.stats().oldestMs, undefined, "nothing is held back any more");
    store = open();
    assert.deepEqual([accountOf(store, "dead").startPoint, accountOf(store, "dead").stored], [3 * POINTS, 0]);
  }));

test("a new sink begins at the oldest row there is, or at the tail where it says so; an old one stays where it is", () =>
  inWorld((_, open) => {
    const store = open({ sinks: ["a", "b"] });
    for (let row = 0; row < 3; row += 1) append(store, START_MS + row);
    settle(store, "a");
    settle(store, "b");
    settle(store, "a");
    store.place({ names: ["a", "b", "old", "new"], fromNewest: ["new", "a"] });
    const places = stateOf(store).sinks.map(([name, { point, startPoint }]) => [name, point, startPoint]);
    assert.deepEqual(places, [
      ["a", 2 * POINTS, 0],
      ["b", POINTS, 0],
      ["old", POINTS, POINTS],
      ["new", 3 * POINTS, 3 * POINTS],
    ]);
  }));

test("a lowered cap is reached in steps, each durable by itself, and to the point", () =>
  inWorld((_, open) => {
    let store = open();
    for (let row = 0; row < 200; row += 1) append(store, START_MS + row, MIB / 2);
    store = open({ bytesMax: 20 * MIB });
    store.sweep();
    const { dropped, point } = accountOf(store, "dead");
    assert.ok(store.stats().usedBytes <= 20 * MIB && dropped > 140 * POINTS);
    assert.equal(point, dropped);
    const head = store.peek("dead");
    assert.ok(head.kind === "row" && head.row.firstPoint === dropped);
  }));

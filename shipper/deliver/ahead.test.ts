/** Requests before their turn: how many, in which order they count, and what becomes of them in trouble. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { createLogger } from "../../runtime/logger.ts";
import type { Point } from "../schema/point.ts";
import { identityOf } from "../schema/point.ts";
import type { WriteOutcome } from "../sink/sink.ts";
import { packPoints } from "../spool/row.ts";
import type { Spool } from "../spool/spool.ts";
import { openSpool } from "../spool/spool.ts";
import { temporaryFolder } from "../spool/store.suite.ts";
import { createDeliverer } from "./deliver.ts";

const NEVER = new AbortController().signal;
const WRITTEN: WriteOutcome = { kind: "written", duplicates: 0, rejected: [], kept: [] };
const DOWN: WriteOutcome = { kind: "kept", retryAfterMs: undefined, cause: new Error("scripted") };
const policy = { delayMsFirst: 0, delayMsMax: 0, retryAfterMsMax: 0 };
const logger = createLogger("silent");
const ROW_POINTS = 10;

const pointsOfRow = (row: number): readonly Point[] =>
  Array.from({ length: ROW_POINTS }, (_, index) => ({
    kind: "group",
    atMs: row,
    dimensions: { cluster: "c", group: `g${index}` },
    fields: { lag: index },
  }));

/** A request that waits for its answer. */
interface Asked {
  readonly batch: readonly Point[];
  answer(outcome: WriteOutcome): void;
}

interface Stage {
  readonly spool: Spool;
  readonly asked: Asked[];
  /** Requests that have no answer yet, at most, so far. */
  most(): number;
  /** The next request, once it is made. */
  next(): Promise<Asked>;
  point(): Promise<number>;
}

async function onStage(rows: number, batchPointsMax: number, play: (stage: Stage) => Promise<void>): Promise<void> {
  const dataDir = temporaryFolder();
  const spool = await openSpool({ dataDir, bytesMax: 2 ** 26, sinks: ["s"], random: () => 0, logger });
  const batches = Array.from({ length: rows }, (_, row) => packPoints(pointsOfRow(row)).batches).flat();
  await spool.append({ after: "", cursor: "1", batches, ticksGone: 0, pointsTooLarge: 0 }, NEVER);
  const asked: Asked[] = [];
  let [underWay, most, rung] = [0, 0, Promise.withResolvers<void>()];
  let taken = 0;
  const write = (batch: readonly Point[], signal: AbortSignal): Promise<WriteOutcome> => {
    underWay += 1;
    most = Math.max(most, underWay);
    const { promise, resolve, reject } = Promise.withResolvers<WriteOutcome>();
    signal.addEventListener("abort", () => reject(signal.reason));
    asked.push({ batch, answer: resolve });
    rung.resolve();
    rung = Promise.withResolvers();
    return promise.finally(() => {
      underWay -= 1;
    });
  };
  const sink = { name: "s", batchPointsMax, write };
  const { actor } = createDeliverer({
    ...{ sink, spool, policy, logger },
    ...{ wants: () => true, random: () => 0, graceMs: 0 },
  });
  const stop = new AbortController();
  const running = actor(stop.signal);
  const next = async (): Promise<Asked> => {
    while (asked[taken] === undefined) await rung.promise;
    taken += 1;
    return asked[taken - 1] as Asked;
  };
  const point = async () => (await spool.stats()).state?.sinks[0]?.[1].point ?? -1;
  await play({ spool, asked, most: () => most, next, point });
  stop.abort();
  await running;
  await spool[Symbol.asyncDispose]();
  rmSync(dataDir, { recursive: true });
}

test("two requests are under way and never three; the cursor waits for the first answer, whichever comes first", () =>
  onStage(6, ROW_POINTS, async ({ next, most, point, asked }) => {
    const [first, second] = [await next(), await next()];
    second.answer(WRITTEN);
    assert.equal(await point(), 0, "the second is taken, but the first is not");
    first.answer(WRITTEN);
    for (let count = 2; count < 6; count += 1) {
      assert.equal((await point()) <= count * ROW_POINTS, true);
      (await next()).answer(WRITTEN);
    }
    while ((await point()) < 6 * ROW_POINTS);
    assert.equal(most(), 2);
    assert.deepEqual(
      asked.map(({ batch }) => batch[0]?.atMs),
      [0, 1, 2, 3, 4, 5],
    );
  }));

test("small rows share a request, and each is settled with its own points", () =>
  onStage(9, 4 * ROW_POINTS, async ({ next, point, asked }) => {
    const first = await next();
    const second = await next();
    first.answer(WRITTEN);
    second.answer({ kind: "written", duplicates: 3, rejected: [{ index: 12, reason: "scripted" }], kept: [] });
    (await next()).answer(WRITTEN);
    while ((await point()) < 9 * ROW_POINTS);
    assert.deepEqual(
      asked.map(({ batch }) => batch.length),
      [10, 40, 40],
    );
    assert.equal(new Set(asked.flatMap(({ batch }) => batch.map(identityOf))).size, 9 * ROW_POINTS);
  }));

test("in trouble there is one request at a time, and what was asked early is asked again in its turn", () =>
  onStage(3, ROW_POINTS, async ({ next, point, asked }) => {
    const [first, early] = [await next(), await next()];
    early.answer(WRITTEN);
    first.answer(DOWN);
    const again = await next();
    assert.deepEqual([again.batch[0]?.atMs, asked.length], [0, 3]);
    again.answer(DOWN);
    for (const half of ["one", "other"]) {
      const piece = await next();
      assert.deepEqual([piece.batch[0]?.atMs, half.length > 0], [0, true]);
      piece.answer(WRITTEN);
    }
    for (const row of [1, 2]) {
      const request = await next();
      assert.equal(request.batch[0]?.atMs, row);
      request.answer(WRITTEN);
    }
    while ((await point()) < 3 * ROW_POINTS);
  }));

test("told to stop, an early request is let go and its row stays in the spool", () =>
  onStage(2, ROW_POINTS, async ({ next, point }) => {
    await next();
    await next();
    assert.equal(await point(), 0);
  }));

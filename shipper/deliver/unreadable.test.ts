/** Rows whose CRC holds and whose points cannot be made out: each costs itself, wherever it stands, and the others go out. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { zstdCompressSync } from "node:zlib";
import { createLogger } from "../../runtime/logger.ts";
import type { Point } from "../schema/point.ts";
import type { Sink } from "../sink/sink.ts";
import type { Batch } from "../spool/row.ts";
import { packPoints } from "../spool/row.ts";
import { openSpool } from "../spool/spool.ts";
import { temporaryFolder } from "../spool/store.suite.ts";
import { createDeliverer } from "./deliver.ts";

const POINTS = 3;

const soundBatch = (atMs: number): Batch => {
  const points = Array.from(
    { length: POINTS },
    (_, index): Point => ({
      kind: "group",
      atMs,
      dimensions: { cluster: "c", group: `g${index}` },
      fields: { lag: 1 },
    }),
  );
  const [batch] = packPoints(points).batches;
  assert.ok(batch !== undefined);
  return batch;
};

const bodies: readonly (readonly [what: string, body: Uint8Array])[] = [
  ["bytes that are not compressed", Buffer.from("no zstd")],
  ["text that is no JSON", zstdCompressSync("[[")],
  ["JSON of another shape", zstdCompressSync('{"a":1}')],
  ["fewer points than it says", soundBatch(0).body],
];

for (const [what, body] of bodies)
  test(`${what}, first, between and last: quarantined, and every other row is delivered`, async () => {
    const dataDir = temporaryFolder();
    const logger = createLogger("silent");
    const batch = (atMs: number, isSound: boolean): Batch =>
      isSound ? soundBatch(atMs) : { points: POINTS + 1, firstMs: atMs, lastMs: atMs, body };
    const sound = [false, true, true, false, false, true, false];
    const taken: number[] = [];
    const stop = new AbortController();
    const sink: Sink = {
      name: "store",
      batchPointsMax: 5_000,
      write: async (points) => {
        taken.push(...points.map(({ atMs }) => atMs));
        return { kind: "written", duplicates: 0, rejected: [], kept: [] };
      },
    };
    const spool = await openSpool({ dataDir, bytesMax: 2 ** 26, sinks: [sink.name], random: () => 0, logger });
    try {
      const batches = sound.map((isSound, at) => batch(at, isSound));
      await spool.append({ after: "", cursor: "1", batches, ticksGone: 0, pointsTooLarge: 0 }, stop.signal);
      const policy = { delayMsFirst: 0, delayMsMax: 0, retryAfterMsMax: 0 };
      const wants = () => true;
      const loop = createDeliverer({ sink, wants, spool, policy, random: () => 0, logger, graceMs: 1_000 });
      const running = loop.actor(stop.signal);
      const account = async () => (await spool.stats()).state?.sinks[0]?.[1];
      const offered = sound.reduce((sum, isSound) => sum + (isSound ? POINTS : POINTS + 1), 0);
      while ((await account())?.point !== offered) await new Promise(setImmediate);
      stop.abort();
      await running;
      const { stored, quarantined, rejected, dropped } = (await account()) ?? {};
      assert.deepEqual([stored, quarantined, rejected, dropped], [3 * POINTS, 4 * (POINTS + 1), 0, 0]);
      const want = [1, 2, 5].flatMap((at) => Array.from({ length: POINTS }, () => at));
      assert.deepEqual(taken.toSorted(), want);
    } finally {
      await spool[Symbol.asyncDispose]();
      rmSync(dataDir, { recursive: true });
    }
  });

/** One tick is taken later by chance, a backlog at once, and nobody waits who is told to stop. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Feed, Tick } from "../../collector/model/feed.ts";
import { jittered } from "./jitter.ts";

const feedOf = (ticks: number): Feed => ({
  read: async () => ({
    kind: "ticks",
    ticks: Array.from({ length: ticks }, (_, at): Tick => ({ at, evaluations: [] })),
    cursor: "next",
  }),
});

async function waitsFor(ticks: number, chance: number): Promise<readonly number[]> {
  const waits: number[] = [];
  const wait = async (waitMs: number): Promise<void> => void waits.push(waitMs);
  const feed = jittered(feedOf(ticks), { jitterMs: 4_000, random: () => chance, wait });
  const answer = await feed.read("", 0, new AbortController().signal);
  assert.equal(answer.kind === "ticks" && answer.ticks.length, ticks);
  return waits;
}

test("a tick waits for its share of the jitter; none and several wait for nothing", async () => {
  assert.deepEqual(await waitsFor(1, 0), [0]);
  assert.deepEqual(await waitsFor(1, 0.75), [3_000]);
  assert.deepEqual(await waitsFor(0, 0.75), []);
  assert.deepEqual(await waitsFor(2, 0.75), []);
});

test("told to stop while it waits, it is as a feed that is told to stop: the cursor has not moved, the tick comes again", async () => {
  const stop = new AbortController();
  const wait = async (): Promise<void> => stop.abort();
  const feed = jittered(feedOf(1), { jitterMs: 1, random: () => 1, wait });
  await assert.rejects(feed.read("", 0, stop.signal), { name: "AbortError" });
});

/** Actors: the first to settle stops the rest, and every error is kept. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Actor } from "./lifecycle.ts";
import { repeating, runTogether } from "./lifecycle.ts";

const untilStopped: Actor = (signal) =>
  new Promise((resolve) => (signal.aborted ? resolve() : signal.addEventListener("abort", () => resolve())));

test("the first actor to settle stops the others", async () => {
  await runTogether([untilStopped, async () => {}], new AbortController().signal);
});

test("a failing actor stops the others, and its error is in the aggregate", async () => {
  const boom = new Error("boom");
  const run = runTogether([untilStopped, () => Promise.reject(boom)], new AbortController().signal);
  await assert.rejects(run, (error: AggregateError) => error.errors[0] === boom);
});

test("the outer signal stops all", async () => {
  const outer = new AbortController();
  const run = runTogether([untilStopped, untilStopped], outer.signal);
  outer.abort();
  await run;
});

test("a task that takes longer than its interval skips, and does not overlap", async () => {
  let monotonicMs = 0;
  let calls = 0;
  const stop = new AbortController();
  const actor = repeating(10, { nowMs: () => 0, monotonicMs: () => monotonicMs }, async () => {
    calls += 1;
    monotonicMs += 35;
    if (calls === 3) stop.abort();
  });
  await actor(stop.signal);
  assert.equal(calls, 3);
});

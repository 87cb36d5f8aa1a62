/** /healthz answers while the process runs; /readyz says what is not ready, in words. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask } from "./ask.fixture.ts";
import { createHealthHandler } from "./health.ts";

const NOT_READY = {
  ready: false,
  reasons: ["cluster c is warming: 0 of 50 partitions of the offsets topic are replayed"],
};

test("health does not depend on readiness", async () => {
  const handler = createHealthHandler(() => NOT_READY);
  const answer = await ask(handler, "/healthz");
  assert.deepEqual([answer?.status, answer?.body], [200, "ok\n"]);
});

test("what somebody may want to look at stands below", async () => {
  const handler = createHealthHandler(
    () => NOT_READY,
    () => ["the wall clock is ahead"],
  );
  assert.equal((await ask(handler, "/healthz"))?.body, "ok\nthe wall clock is ahead\n");
});

test("readiness is 200 or 503, with the reasons", async () => {
  let now: { ready: boolean; reasons: string[] } = NOT_READY;
  const handler = createHealthHandler(() => now);
  const cold = await ask(handler, "/readyz");
  assert.deepEqual([cold?.status, JSON.parse(String(cold?.body))], [503, NOT_READY]);
  now = { ready: true, reasons: [] };
  const warm = await ask(handler, "/readyz");
  assert.deepEqual([warm?.status, JSON.parse(String(warm?.body))], [200, now]);
});

test("other paths are left to others", async () => {
  const handler = createHealthHandler(() => NOT_READY);
  for (const path of ["/", "/healthz/more", "/metrics"]) assert.equal(await ask(handler, path), undefined);
});

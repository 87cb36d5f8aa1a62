/** A file that is read anew: when that is noticed, and that it is taken over as a whole or not at all. */

import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger } from "../runtime/logger.ts";
import { readConfigText } from "./config.ts";
import type { Reloading, ReloadOptions } from "./reload.ts";
import { createReloading } from "./reload.ts";

const NOTHING = { added: [], removed: [], changed: [] };
const STARTED = "clusters: { a: { brokers: [a:1] } }\nlog: { level: error }\n";
const CHANGED = "clusters: { b: { brokers: [b:1] } }\nlog: { level: error }\n";

type Parts = Pick<ReloadOptions, "collector" | "shipper">;

/** The process was started with one text, and the file has another by the time anybody looks. */
async function reloaded(
  parts: Parts,
  isOver: (reloading: Reloading) => boolean,
  signal: AbortSignal,
): Promise<Reloading> {
  const dir = await mkdtemp(join(tmpdir(), "tidemark-reload-"));
  const file = join(dir, "tidemark.yaml");
  writeFileSync(file, STARTED);
  const started = readConfigText(file, {});
  writeFileSync(file, CHANGED);
  const reloading = createReloading({ ...started, ...parts, file, logger: createLogger("silent"), lookMs: 1 });
  const stop = new AbortController();
  const running = reloading.run(stop.signal);
  try {
    while (!isOver(reloading) && !signal.aborted) await new Promise((resolve) => setImmediate(resolve));
    return reloading;
  } finally {
    stop.abort();
    await running;
    await rm(dir, { recursive: true });
  }
}

test("a change between the start and the first look is noticed", { timeout: 60_000 }, async ({ signal }) => {
  const told: string[] = [];
  const did = (what: string) => {
    told.push(what);
    return NOTHING;
  };
  const { stats } = await reloaded(
    {
      collector: {
        prepare: ({ clusters }) => {
          told.push(`prepare ${Object.keys(clusters).join()}`);
          return { apply: async () => did("apply") };
        },
      },
      shipper: { reload: async () => did("sinks"), flush: () => {} },
    },
    (reloading) => reloading.stats().applied > 0,
    signal,
  );
  assert.deepEqual(told, ["prepare b", "sinks", "apply"]);
  assert.equal(stats().problem, undefined);
});

test("where a sink cannot be opened no cluster changes", { timeout: 60_000 }, async ({ signal }) => {
  const { stats } = await reloaded(
    {
      collector: { prepare: () => ({ apply: () => assert.fail("it was applied") }) },
      shipper: { reload: () => Promise.reject(new Error("the sink is held")), flush: () => {} },
    },
    (reloading) => reloading.stats().refused > 0,
    signal,
  );
  assert.deepEqual([stats().problem, stats().applied], ["the sink is held", 0]);
});

test("where a cluster cannot be opened no sink changes", { timeout: 60_000 }, async ({ signal }) => {
  const { stats } = await reloaded(
    {
      collector: {
        prepare: () => {
          throw new Error("no such signer");
        },
      },
      shipper: { reload: () => assert.fail("a sink was changed"), flush: () => {} },
    },
    (reloading) => reloading.stats().refused > 0,
    signal,
  );
  assert.deepEqual([stats().problem, stats().applied], ["no such signer", 0]);
});

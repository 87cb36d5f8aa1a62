/** The loops over a real spool and scripted sinks: what becomes of each point is counted once, and no sink waits for another. */

import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import type { Feed } from "../../collector/model/feed.ts";
import { runTogether } from "../../runtime/lifecycle.ts";
import { createLogger } from "../../runtime/logger.ts";
import { createEndlessFeed, POINTS_PER_TICK } from "../faults/endless-feed.ts";
import { identityOf } from "../schema/point.ts";
import type { Sink, WriteOutcome } from "../sink/sink.ts";
import type { Spool } from "../spool/spool.ts";
import { openSpool } from "../spool/spool.ts";
import type { SinkAccount } from "../spool/state.ts";
import { temporaryFolder } from "../spool/store.suite.ts";
import type { DeliverStats } from "./deliver.ts";
import { createDeliverer } from "./deliver.ts";
import { createPuller } from "./pull.ts";

const TICKS = 6;
const OFFERED = TICKS * POINTS_PER_TICK;
const logger = createLogger("silent");
const policy = { delayMsFirst: 0, delayMsMax: 0, retryAfterMsMax: 0 };
const cause = new Error("scripted");
const batchPointsMax = 5_000;

const finiteFeed = (): Feed => createEndlessFeed({ ticksEnd: TICKS, ticksPerRead: 2, acknowledged: () => {} });

interface Finished {
  readonly accounts: ReadonlyMap<string, SinkAccount>;
  readonly pointsIn: number;
  readonly ticksGone: number;
  readonly stats: readonly DeliverStats[];
}

/** Runs feed, spool and sinks until `done` says so, then stops them. */
async function run(feed: Feed, sinks: readonly Sink[], done: (finished: Finished) => boolean): Promise<Finished> {
  const dataDir = temporaryFolder();
  const names = sinks.map(({ name }) => name);
  const spool: Spool = await openSpool({ dataDir, bytesMax: 2 ** 26, sinks: names, random: () => 0, logger });
  try {
    const puller = createPuller({ feed, spool, partitionPoints: new Set(["all" as const]), logger });
    const deliverers = sinks.map((sink) =>
      createDeliverer({ sink, wants: () => true, spool, policy, random: () => 0, logger, graceMs: 1_000 }),
    );
    const stop = new AbortController();
    const running = runTogether([puller.actor, ...deliverers.map(({ actor }) => actor)], stop.signal);
    const look = async (): Promise<Finished> => {
      const { state } = await spool.stats();
      const { pointsIn = 0, ticksGone = 0 } = state ?? {};
      return { accounts: new Map(state?.sinks), pointsIn, ticksGone, stats: deliverers.map((one) => one.stats()) };
    };
    let finished = await look();
    while (!done(finished)) finished = await look();
    stop.abort();
    await running;
    return finished;
  } finally {
    await spool[Symbol.asyncDispose]();
    rmSync(dataDir, { recursive: true });
  }
}

const settledAll = ({ accounts, pointsIn }: Finished, sink: string): boolean =>
  pointsIn === OFFERED && accounts.get(sink)?.point === pointsIn;

/** A store that keeps identities, and answers as its script says; at the end of the script it takes everything. */
function scriptedStore(name: string, script: readonly number[]) {
  const stored = new Set<string>();
  const rejected = new Set<string>();
  let at = 0;
  const next = (): number => script[at++] ?? 0;
  const write: Sink["write"] = async (batch): Promise<WriteOutcome> => {
    const kind = next();
    if (kind === 1) return { kind: "kept", retryAfterMs: undefined, cause };
    if (kind === 2) return { kind: "held", cause };
    if (kind === 3 && batch.length > 1) return { kind: "split", why: "refused", cause };
    const outcome = {
      kind: "written" as const,
      duplicates: 0,
      rejected: [] as { index: number; reason: string }[],
      kept: [] as number[],
    };
    batch.forEach((point, index) => {
      const identity = identityOf(point);
      const fate = kind === 4 && !stored.has(identity) ? (index + script.length) % 3 : 0;
      if (fate === 1) outcome.kept.push(index);
      else if (fate === 2) {
        outcome.rejected.push({ index, reason: "scripted" });
        rejected.add(identity);
      } else if (stored.has(identity)) outcome.duplicates += 1;
      else {
        stored.add(identity);
        rejected.delete(identity);
      }
    });
    // The store took it all, but its answer is lost: everything comes again.
    return kind === 5 ? { kind: "kept", retryAfterMs: undefined, cause } : outcome;
  };
  return { sink: { name, batchPointsMax, write } satisfies Sink, stored, rejected };
}

test("whatever a store answers, in = stored + duplicate + rejected, and the store holds each point once", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.nat(5), { maxLength: 40 }), async (script) => {
      const store = scriptedStore("s", script);
      const finished = await run(finiteFeed(), [store.sink], (now) => settledAll(now, "s"));
      const account = finished.accounts.get("s");
      assert.ok(account !== undefined);
      assert.equal(account.stored + account.duplicate + account.rejected, OFFERED);
      assert.equal(account.dropped + account.quarantined, 0);
      assert.equal(account.rejected, store.rejected.size);
      assert.equal(store.stored.size, account.stored + account.duplicate);
      assert.equal(store.stored.union(store.rejected).size, OFFERED);
    }),
    { numRuns: 25 },
  );
});

test("a sink that is down holds up nobody, and shows why", async () => {
  const up = scriptedStore("up", []);
  const down: Sink = {
    name: "down",
    batchPointsMax,
    write: async () => ({ kind: "kept", retryAfterMs: undefined, cause }),
  };
  const finished = await run(finiteFeed(), [up.sink, down], (now) => settledAll(now, "up"));
  assert.equal(up.stored.size, OFFERED);
  assert.equal(finished.accounts.get("down")?.point, 0);
  assert.deepEqual([finished.stats[1]?.condition, finished.stats[1]?.why], ["unreachable", "scripted"]);
});

test("a sink that throws is a bug that costs no point", async () => {
  const store = scriptedStore("s", []);
  let calls = 0;
  const write: Sink["write"] = async (batch, signal) => {
    calls += 1;
    if (calls % 2 === 1) throw new Error("a bug");
    return store.sink.write(batch, signal);
  };
  await run(finiteFeed(), [{ name: "s", batchPointsMax, write }], (now) => settledAll(now, "s"));
  assert.equal(store.stored.size, OFFERED);
});

test("S20: ticks that the feed no longer has are counted, and reading goes on from its oldest", async () => {
  const rest = finiteFeed();
  const feed: Feed = {
    read: async (cursor, waitMs, signal) =>
      cursor === "" ? { kind: "gone", oldest: "4", ticksGone: 4 } : rest.read(cursor, waitMs, signal),
  };
  const store = scriptedStore("s", []);
  const offered = 2 * POINTS_PER_TICK;
  const done = ({ accounts, pointsIn }: Finished): boolean =>
    pointsIn === offered && accounts.get("s")?.point === offered;
  const finished = await run(feed, [store.sink], done);
  assert.equal(finished.ticksGone, 4);
  assert.equal(store.stored.size, offered);
});

test("told to stop while a store hangs, the loop ends and the row stays in the spool", async () => {
  let asked = 0;
  const write: Sink["write"] = (_batch, signal) => {
    asked += 1;
    return new Promise((_resolve, reject) => signal.addEventListener("abort", () => reject(signal.reason)));
  };
  const finished = await run(finiteFeed(), [{ name: "s", batchPointsMax, write }], () => asked > 0);
  assert.equal(finished.accounts.get("s")?.point, 0);
});

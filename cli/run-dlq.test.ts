/** Dead letters of a shipper that ended: listed, shown, sent again, purged; and nothing of it while it runs. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger } from "../runtime/logger.ts";
import { SinksConfig } from "../shipper/config.ts";
import { createEndlessFeed, PARTITIONS, POINTS_PER_TICK } from "../shipper/faults/endless-feed.ts";
import { createShipper } from "../shipper/shipper.ts";
import type { FakeInflux } from "../test/stores/influxdb.ts";
import { startFakeInflux } from "../test/stores/influxdb.ts";
import { ALL_LETTERS, timeMsOf } from "./dlq-filter.ts";
import type { DlqOptions, DlqVerb } from "./run-dlq.ts";
import { runDlq } from "./run-dlq.ts";

const NEVER = new AbortController().signal;
const TICKS = 3;
const POISON = TICKS * (2 + PARTITIONS);

interface Under {
  readonly store: FakeInflux;
  /** Whether the store still refuses the points of one group. */
  refuse(refuses: boolean): void;
  dlq(
    verb: DlqVerb,
    sink?: string,
    more?: Partial<DlqOptions>,
  ): Promise<{ readonly done: boolean; readonly said: string }>;
  openShipper(): ReturnType<typeof createShipper>;
}

async function withLetters(run: (under: Under) => Promise<void>): Promise<void> {
  const dataDir = await mkdtemp(join(tmpdir(), "tidemark-dlq-"));
  let refuses = true;
  await using store = await startFakeInflux({
    dialect: "v2",
    databases: ["tidemark"],
    refuses: ({ tags }) => (refuses && tags.get("group") === "g3" ? "poison" : undefined),
  });
  const sinks = SinksConfig.parse({ influx: { type: "influxdb", url: store.url } });
  const feed = createEndlessFeed({ ticksEnd: TICKS, ticksPerRead: TICKS, acknowledged: () => {} });
  const logger = createLogger("silent");
  const openShipper = () =>
    createShipper({ feed, dataDir, spoolBytesMax: 64 * 1024 * 1024, sinks, random: () => 0, logger, graceMs: 1_000 });
  const dlq: Under["dlq"] = async (verb, sink, more) => {
    let said = "";
    const say = (text: string) => {
      said += text;
    };
    return {
      done: await runDlq({ ...ALL_LETTERS, dataDir, sinks, verb, sink, dryRun: false, say, ...more }, NEVER),
      said,
    };
  };
  try {
    assert.deepEqual(await dlq("list"), { done: true, said: "there is no spool yet, and so no dead letters\n" });
    await shipAll(openShipper);
    await run({ store, refuse: (next) => (refuses = next), dlq, openShipper });
  } finally {
    await rm(dataDir, { recursive: true });
  }
}

async function shipAll(openShipper: Under["openShipper"]): Promise<void> {
  await using shipper = await openShipper();
  const stop = new AbortController();
  const running = shipper.run(stop.signal);
  const isDone = async () => (await shipper.stats()).spool.state?.sinks[0]?.[1].point === TICKS * POINTS_PER_TICK;
  while (!(await isDone())) await new Promise(setImmediate);
  stop.abort();
  await running;
}

test("list says how many and why, show gives each point, and both change nothing", () =>
  withLetters(async ({ dlq }) => {
    for (let round = 0; round < 2; round += 1) {
      assert.match((await dlq("list")).said, new RegExp(`^influx: ${POISON} points, 2.*: .*poison.*\n$`));
      const lines = (await dlq("show")).said.trimEnd().split("\n");
      assert.equal(lines.length, POISON);
      for (const { sink, point } of lines.map((line) => JSON.parse(line)))
        assert.deepEqual([sink, point.dimensions.group], ["influx", "g3"]);
    }
    assert.equal((await dlq("show", "another")).said, "");
  }));

test("replay stores what the sink takes now, once, and keeps what it refuses again", () =>
  withLetters(async ({ store, refuse, dlq }) => {
    const stored = store.points.size;
    const refused = await dlq("replay");
    assert.equal(refused.done, false);
    assert.match(refused.said, /0 points are stored now/);
    assert.equal(store.points.size, stored);
    refuse(false);
    const said = `influx: ${POISON} points are stored now, 0 were refused again and stay\n`;
    assert.deepEqual(await dlq("replay", "influx"), { done: true, said });
    assert.equal(store.points.size, TICKS * POINTS_PER_TICK);
    assert.deepEqual(await dlq("list"), { done: true, said: "no dead letters\n" });
  }));

test("a store that is away loses none of them", () =>
  withLetters(async ({ store, dlq }) => {
    store.rest({ kind: "answer", status: 503 });
    const { done, said } = await dlq("replay");
    assert.equal(done, false);
    assert.match(said, /0 points are stored now; then it ended, the others stay: it answered 503/);
    assert.equal((await dlq("show")).said.trimEnd().split("\n").length, POISON);
  }));

test("purge takes away those of one sink, or all", () =>
  withLetters(async ({ dlq }) => {
    assert.equal((await dlq("purge", "another")).said, "0 dead letters are gone\n");
    assert.equal((await dlq("purge")).said, `${POISON} dead letters are gone\n`);
    assert.equal((await dlq("list")).said, "no dead letters\n");
  }));

test("what is meant is chosen by reason and by time, and only what is meant is touched", () =>
  withLetters(async ({ dlq, refuse, store }) => {
    const points = async (more: Partial<DlqOptions>) => {
      const lines = (await dlq("show", undefined, more)).said.trimEnd();
      return lines === "" ? 0 : lines.split("\n").length;
    };
    assert.equal(await points({ reason: "POISON" }), POISON);
    assert.equal(await points({ reason: "mapping" }), 0);
    const [first = ""] = (await dlq("show")).said.split("\n");
    const refusedMs = Date.parse(JSON.parse(first).refused_at);
    assert.equal(await points({ sinceMs: refusedMs }), POISON);
    assert.equal(await points({ untilMs: refusedMs }), 0);
    assert.equal((await dlq("list", undefined, { untilMs: refusedMs })).said, "no dead letters\n");
    for (const verb of ["purge", "replay"] as const) await dlq(verb, undefined, { untilMs: refusedMs });
    assert.equal(await points({}), POISON);
    const stored = store.points.size;
    refuse(false);
    assert.deepEqual(await dlq("replay", undefined, { dryRun: true }), {
      done: true,
      said: `influx: ${POISON} points would be sent again\n`,
    });
    assert.equal((await dlq("purge", undefined, { dryRun: true })).said, `${POISON} dead letters would go\n`);
    assert.deepEqual([await points({}), store.points.size], [POISON, stored]);
    assert.equal((await dlq("replay", undefined, { reason: "poison" })).done, true);
    assert.deepEqual([await points({}), store.points.size], [0, TICKS * POINTS_PER_TICK]);
  }));

const NOW_MS = Date.UTC(2026, 10, 21, 5);
const times: readonly (readonly [text: string, want: number | undefined])[] = [
  ["2h", NOW_MS - 7_200_000],
  ["2026-11-21T03:00Z", NOW_MS - 7_200_000],
  ["2026-11-21", Date.UTC(2026, 10, 21)],
  ["yesterday", undefined],
  ["3", undefined],
  ["2026-13-45", undefined],
];
for (const [text, want] of times) {
  test(`the time "${text}" is ${want === undefined ? "none" : new Date(want).toISOString()}`, () =>
    assert.equal(timeMsOf(text, NOW_MS), want));
}

test("while the shipper runs they are its own, and afterwards its account still adds up", () =>
  withLetters(async ({ dlq, openShipper }) => {
    await dlq("purge");
    await using shipper = await openShipper();
    for (const verb of ["list", "show", "replay", "purge"] as const) {
      const { done, said } = await dlq(verb);
      assert.equal(done, false);
      assert.match(
        said,
        new RegExp(`a shipper is running .*: stop it, run "tidemark dlq ${verb}" again, and start it`),
      );
    }
    const { spool } = await shipper.stats();
    const totals = spool.deadLetters.get("influx");
    assert.deepEqual([totals?.letters, totals?.bytes, totals?.taken], [0, 0, POISON]);
  }));

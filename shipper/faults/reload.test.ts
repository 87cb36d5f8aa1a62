/** Sinks that change while the shipper runs: each place in the spool stays with its name, and the other roads do not notice. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { createLogger } from "../../runtime/logger.ts";
import { startFakeInflux } from "../../test/stores/influxdb.ts";
import { SinksConfig } from "../config.ts";
import type { Shipper, ShipperStats } from "../shipper.ts";
import { createShipper } from "../shipper.ts";
import { createEndlessFeed } from "./endless-feed.ts";
import { accountOf, isDone, OFFERED, TICKS } from "./run-shipper.fixture.ts";

type Run = (
  shipper: Shipper,
  until: (done: (stats: ShipperStats) => boolean) => Promise<ShipperStats>,
) => Promise<void>;

async function running({ dataDir, sinks }: { readonly dataDir: string; readonly sinks: SinksConfig }, run: Run) {
  await using shipper = await createShipper({
    feed: createEndlessFeed({ ticksEnd: TICKS, ticksPerRead: 4, acknowledged: () => {} }),
    dataDir,
    spoolBytesMax: 64 * 1024 * 1024,
    spoolLimits: { removedMsMax: 86_400_000 },
    sinks,
    // As long a wait as there may be: only a flush, or a change, ends it early.
    random: () => 0.999,
    logger: createLogger("silent"),
    graceMs: 1_000,
  });
  const stop = new AbortController();
  const ended = shipper.run(stop.signal);
  const until = async (done: (stats: ShipperStats) => boolean): Promise<ShipperStats> => {
    for (;;) {
      const stats = await shipper.stats();
      if (done(stats)) return stats;
      await new Promise(setImmediate);
    }
  };
  try {
    await run(shipper, until);
  } finally {
    stop.abort();
    await ended;
  }
}

const attemptsOf = (stats: ShipperStats, name: string): number =>
  Object.values(stats.sinks.get(name)?.attempts ?? {}).reduce((sum, one) => sum + one, 0);

test("sinks are added, changed and removed while others run; a rotated token or another option moves no cursor", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tidemark-reload-"));
  await using steady = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
  await using guarded = await startFakeInflux({
    dialect: "v2",
    databases: ["tidemark"],
    authorization: () => "Token new",
  });
  await using late = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
  const token = (name: string): string => join(dataDir, name);
  try {
    await writeFile(token("old"), "old");
    await writeFile(token("new"), "new");
    const first = {
      local: { type: "sqlite" },
      steady: { type: "influxdb", url: steady.url },
      guarded: { type: "influxdb", url: guarded.url, token_file: token("old"), batch_points: 100 },
    };
    await running({ dataDir, sinks: SinksConfig.parse(first) }, async (shipper, until) => {
      await until(
        (now) => isDone(now, "steady") && isDone(now, "local") && now.sinks.get("guarded")?.condition === "held",
      );
      const attempts = attemptsOf(await shipper.stats(), "steady");
      const second = {
        ...first,
        guarded: { ...first.guarded, token_file: token("new"), batch_points: 50, timeout: "5s" },
        fresh: { type: "influxdb", url: late.url, from: "newest" },
        old: { type: "influxdb", url: late.url },
      };
      const changes = await shipper.reload(SinksConfig.parse(second));
      assert.deepEqual(changes, { added: ["fresh", "old"], removed: [], changed: ["guarded"] });
      const stats = await until((now) => isDone(now, "guarded"));
      const { startPoint, stored } = accountOf(stats, "guarded");
      assert.deepEqual(
        [startPoint, stored, guarded.points.size],
        [0, OFFERED, OFFERED],
        "all of its backlog, from its own place",
      );
      assert.deepEqual([accountOf(stats, "fresh").startPoint, accountOf(stats, "fresh").stored], [OFFERED, 0]);
      assert.ok(accountOf(stats, "old").startPoint < OFFERED, "from the oldest row, which the held sink had kept");
      assert.equal(attemptsOf(stats, "steady"), attempts, "the other road was not touched");

      const { guarded: _, fresh: __, ...third } = second;
      assert.deepEqual(await shipper.reload(SinksConfig.parse(third)), {
        added: [],
        removed: ["guarded", "fresh"],
        changed: [],
      });
      const { state } = (await shipper.stats()).spool;
      assert.deepEqual(
        state?.sinks.map(([name]) => name),
        ["local", "steady", "old"],
      );
      assert.deepEqual(
        state?.removed.map(({ name }) => name),
        ["guarded", "fresh"],
      );
      const back = { ...third, guarded: first.guarded, local: { type: "sqlite", retention: "2d" } };
      assert.deepEqual(await shipper.reload(SinksConfig.parse(back)), {
        added: ["guarded"],
        removed: [],
        changed: ["local"],
      });
      assert.equal(accountOf(await shipper.stats(), "guarded").stored, OFFERED, "back in time, it is where it was");
      const range = { cluster: "c", sinceMs: 0, untilMs: Number.MAX_SAFE_INTEGER, pointsMax: 10 };
      assert.ok(
        ((await shipper.history?.sparklines(range))?.size ?? 0) > 0,
        "the page reads the history that is there now",
      );
    });
  } finally {
    await rm(dataDir, { recursive: true });
  }
});

test("a sink that cannot be opened changes nothing: the old ones go on", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tidemark-reload-"));
  await using store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
  try {
    const first = { store: { type: "influxdb", url: store.url } };
    await running({ dataDir, sinks: SinksConfig.parse(first) }, async (shipper, until) => {
      await until((now) => isDone(now, "store"));
      using other = new DatabaseSync(join(dataDir, "local.history.db"));
      other.exec("PRAGMA locking_mode = EXCLUSIVE; CREATE TABLE held (x)");
      const broken = { store: { ...first.store, batch_points: 7 }, local: { type: "sqlite" } };
      await assert.rejects(shipper.reload(SinksConfig.parse(broken)), /in use by another process/);
      const { state } = (await shipper.stats()).spool;
      assert.deepEqual([state?.sinks.map(([name]) => name), state?.removed], [["store"], []]);
      assert.deepEqual([...(await shipper.stats()).sinks.keys()], ["store"]);
    });
  } finally {
    await rm(dataDir, { recursive: true });
  }
});

test("a flush ends the wait of a sink that was away", async () => {
  const dataDir = await mkdtemp(join(tmpdir(), "tidemark-reload-"));
  await using store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"] });
  try {
    // Ten minutes, which nobody waits for here.
    store.rest({ kind: "answer", status: 503, headers: { "retry-after": "600" } });
    await running(
      { dataDir, sinks: SinksConfig.parse({ store: { type: "influxdb", url: store.url } }) },
      async (shipper, until) => {
        await until((now) => now.sinks.get("store")?.condition === "unreachable");
        store.rest({ kind: "serve" });
        await until((now) => {
          shipper.flush();
          return isDone(now, "store");
        });
        assert.equal(store.points.size, OFFERED);
      },
    );
  } finally {
    await rm(dataDir, { recursive: true });
  }
});

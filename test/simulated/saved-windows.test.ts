/**
 * The real collector over TCP, stopped and started again: its windows are those of one that never stopped, also where the log
 * is not read back far enough to make them again, and a file that is no good costs nothing but the windows.
 */

import assert from "node:assert/strict";
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { suite, test } from "node:test";
import { createSaver } from "../../collector/saved/saver.ts";
import { consumerList, fetchConsumer } from "../../collector/window/burrow-reads.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createLogger } from "../../runtime/logger.ts";
import type { Cluster } from "../../simulator/cluster/cluster.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { done, notYet } from "../real/until.ts";
import type { Stage } from "./collector.fixture.ts";
import { commitAll, furnishedCluster, PARTITIONS, TOPIC, watchCluster } from "./collector.fixture.ts";

const LOG = "__consumer_offsets";
const AUDIT = "audit-trail";

/** Offsets, orders and times of every window; the rest says when they were seen, which a restart changes. */
function windows({ view }: Stage) {
  const { burrow } = view.state;
  return consumerList(burrow)
    .toSorted()
    .map((group) => {
      const topics = fetchConsumer(burrow, group, Math.floor(Date.now() / 1_000)) ?? [];
      const inShort = topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ offsets, owner, clientId }) => ({
          owner,
          clientId,
          commits: offsets.flatMap((one) => (one === undefined ? [] : [[one.offset, one.order, one.timestampMs]])),
        })),
      }));
      return [group, inShort];
    });
}

async function untilSame(one: Stage, other: Stage): Promise<void> {
  await one.until("windows are the same", () => {
    const [is, should] = [JSON.stringify(windows(one)), JSON.stringify(windows(other))];
    return is === should ? done(undefined) : notYet(`${is}\ninstead of\n${should}`);
  });
}

/** Old commits: no replay of a second finds them again. */
function commitOften(cluster: Cluster): void {
  const startMs = systemClock.nowMs() - 50_000;
  for (let i = 0; i < 5; i += 1) {
    for (const group of ["classic", "simple", "modern"]) commitAll(cluster, group, 55 + i, startMs + i * 1_000);
  }
}

interface Place extends AsyncDisposable {
  readonly cluster: Cluster;
  readonly dataDir: string;
  /** A collector that reads next to nothing back, and so knows what it saved or nothing. */
  start(): Stage & AsyncDisposable;
  /** One that never stops and keeps nothing. */
  startOther(): Stage & AsyncDisposable;
}

async function furnished(): Promise<Place> {
  const cluster = furnishedCluster();
  commitOften(cluster);
  const brokers = await startBrokers({ view: cluster, random: randomOf(1, "brokers") });
  const dataDir = await mkdtemp(join(tmpdir(), "tidemark-saved-"));
  return {
    cluster,
    dataDir,
    start: () => watchCluster({ cluster, brokers, collector: { data_dir: dataDir, replay: "1s", backfill: false } }),
    startOther: () => watchCluster({ cluster, brokers }),
    [Symbol.asyncDispose]: async () => {
      await brokers[Symbol.asyncDispose]();
      await rm(dataDir, { recursive: true });
    },
  };
}

/** A run that has all windows, and ends. */
async function firstRun({ cluster, dataDir }: Place, other: Stage): Promise<void> {
  await using first = watchCluster({ cluster, brokers: other.brokers, collector: { data_dir: dataDir } });
  await first.untilRight("all is shown");
  await untilSame(first, other);
}

function untilOk({ until, view }: Stage): Promise<void> {
  return until("it is warm", () => (view.condition().kind === "ok" ? done(undefined) : notYet(view.condition().kind)));
}

/** It has seen a commit as it was made, and ends. */
async function savedBy(run: Stage & AsyncDisposable, cluster: Cluster): Promise<void> {
  await using first = run;
  await untilOk(first);
  commitAll(cluster, "modern", 61);
  await first.until("a window has it", () =>
    JSON.stringify(windows(first)).includes("[61,") ? done(undefined) : notYet(""),
  );
}

/** Each happens while nobody watches. */
const changes: readonly (readonly [string, (cluster: Cluster) => void])[] = [
  ["nothing happens", () => {}],
  [
    "groups commit",
    (cluster) => {
      commitAll(cluster, "classic", 70);
      commitAll(cluster, "modern", 71);
    },
  ],
  ["a group is deleted", (cluster) => cluster.deleteGroup("simple", Date.now())],
  [
    "coordinators and leaders move",
    (cluster) => {
      for (let i = 0; i < cluster.offsetsPartitions; i += 1) cluster.moveLeader(LOG, i, 3);
      for (let i = 0; i < PARTITIONS; i += 1) cluster.moveLeader(TOPIC, i, 2);
    },
  ],
  ["a transaction that was open is committed", (cluster) => cluster.endOffsetsTransaction(9, "commit", Date.now())],
  [
    "its log is compacted",
    (cluster) => {
      commitAll(cluster, "simple", 72);
      for (let i = 0; i < cluster.offsetsPartitions; i += 1) {
        const end = cluster.partition(LOG, i)?.endOffset ?? 0;
        cluster.compactLog(i, { beforeOffset: end - 1, retainEmpty: true });
      }
    },
  ],
];

suite("a collector that starts again", { concurrency: true }, () => {
  for (const [what, change] of changes) {
    test(`${what} while it is away: its windows are those of one that stayed`, async () => {
      await using place = await furnished();
      const { cluster } = place;
      const offsets = [{ topic: TOPIC, partition: 0, committedOffset: 66 }];
      cluster.commit({ group: "simple", offsets, atMs: Date.now() - 40_000, producerId: 9 });
      await using other = place.startOther();
      await other.untilRight("all is shown");
      await firstRun(place, other);
      change(cluster);
      await other.untilRight(what);
      await using again = place.start();
      await again.untilRight("all is shown again");
      await untilSame(again, other);
      commitAll(cluster, "classic", 80);
      cluster.append(TOPIC, 2, 5, Date.now());
      await again.untilRight("it goes on");
      await other.untilRight("so does the other");
      await untilSame(again, other);
    });
  }

  test("a transaction that began long before the replay is known at a first start, and what it commits is", async () => {
    const cluster = furnishedCluster();
    const offsets = [{ topic: TOPIC, partition: 0, committedOffset: 66 }];
    cluster.commit({ group: "simple", offsets, atMs: Date.now() - 40_000, producerId: 9 });
    commitAll(cluster, "modern", 60);
    await using brokers = await startBrokers({ view: cluster, random: randomOf(1, "brokers") });
    await using first = watchCluster({ cluster, brokers, collector: { replay: "1s" } });
    await first.untilRight("all is shown");
    await first.until("it is told how long it waits", () => {
      const waits = first.shown("simple")?.pending_transaction_seconds ?? 0;
      return waits >= 40 ? done(undefined) : notYet(`${waits} s`);
    });
    cluster.endOffsetsTransaction(9, "commit", Date.now());
    await first.untilRight("it has ended");
    assert.equal(first.shown("simple")?.partitions[0]?.committed_offset, 66);
  });

  test("a topic that was deleted and made again meanwhile has none of its old windows", async () => {
    await using place = await furnished();
    const { cluster } = place;
    await using other = place.startOther();
    await other.untilRight("all is shown");
    await firstRun(place, other);
    cluster.deleteTopic(TOPIC, Date.now());
    cluster.createTopic({ topic: TOPIC, partitions: PARTITIONS }, Date.now());
    cluster.append(TOPIC, 0, 7, Date.now());
    const offsets = [{ topic: TOPIC, partition: 0, committedOffset: 3 }];
    cluster.commit({ group: "classic", offsets, atMs: Date.now() });
    await using again = place.start();
    await again.untilRight("the new topic is shown");
    const kept = JSON.stringify(windows(again));
    assert.ok(!/\[5\d,/.test(kept), kept);
  });

  for (const [what, before, now] of [
    ["a group that was left out is in", { groups: ["!simple"] }, {}],
    ["a topic that was left out is in", { topics: [`!${AUDIT}`] }, {}],
    ["another group is left out", { groups: ["!simple"] }, { groups: ["!classic"] }],
    ["a topic is left out", {}, { topics: [`!${AUDIT}`] }],
    ["a group is left out", {}, { groups: ["!simple"] }],
    ["commits were polled", { source: "polling", poll_interval: "200ms" }, {}],
  ] as const) {
    test(`${what}, and was not when windows were saved: they are those of one that was never configured otherwise`, async () => {
      await using place = await furnished();
      const { cluster, dataDir } = place;
      cluster.createTopic({ topic: AUDIT, partitions: 1 }, 0);
      cluster.append(AUDIT, 0, 5_000, 0);
      const offsets = [{ topic: AUDIT, partition: 0, committedOffset: 10 }];
      cluster.commit({ group: "classic", offsets, atMs: Date.now() - 30_000 });
      await using stays = place.startOther();
      await stays.untilRight("all is shown");
      const { brokers } = stays;
      await savedBy(watchCluster({ cluster, brokers, client: before, collector: { data_dir: dataDir } }), cluster);
      await using other = watchCluster({ cluster, brokers, client: now });
      await untilOk(other);
      await using again = watchCluster({ cluster, brokers, client: now, collector: { data_dir: dataDir } });
      await untilOk(again);
      await untilSame(again, other);
      commitAll(cluster, "modern", 90);
      await again.until("it goes on", () =>
        JSON.stringify(windows(again)).includes("[90,") ? done(undefined) : notYet(""),
      );
      await untilSame(again, other);
    });
  }

  for (const [what, spoil, reason] of [
    ["one bit of it is another", (file: Buffer) => file.fill((file[200] ?? 0) ^ 4, 200, 201), "damaged"],
    ["its end is missing", (file: Buffer) => file.subarray(0, file.length - 5), "damaged"],
    ["it is of a later version", (file: Buffer) => file.fill(99, 17, 18), "other-version"],
    ["it is no such file", () => Buffer.from("windows? no"), "foreign"],
    ["it is empty", () => Buffer.alloc(0), "foreign"],
  ] as const) {
    test(`the file is no good, ${what}: it is set aside, the rest is as at a first start`, async () => {
      await using place = await furnished();
      await using other = place.startOther();
      await other.untilRight("all is shown");
      await firstRun(place, other);
      const folder = join(place.dataDir, "windows");
      const path = join(folder, "sim.saved");
      const spoilt = Buffer.from(spoil(await readFile(path)));
      await writeFile(path, spoilt);
      await firstRun(place, other);
      assert.deepEqual((await readdir(folder)).toSorted(), ["sim.saved", `sim.saved.${reason}`]);
      assert.deepEqual(await readFile(`${path}.${reason}`), spoilt);
    });
  }

  test("a folder that cannot be written is said and counted, and costs nothing else", async () => {
    await using place = await furnished();
    await using other = place.startOther();
    await other.untilRight("all is shown");
    const blocked = join(place.dataDir, "file");
    await writeFile(blocked, "");
    const readTopic = () => ({ logTopicId: undefined, logs: [] });
    const { state } = other.view;
    const saver = createSaver({
      dataDir: blocked,
      state,
      readTopic,
      clock: systemClock,
      logger: createLogger("silent"),
    });
    await saver.save();
    await saver.restore();
    assert.deepEqual([saver.stats().saved, saver.stats().failed], [0, 2]);
  });
});

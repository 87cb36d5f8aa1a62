/** The reader of the offsets topic, round by round against brokers on sockets: positions, what is said, when it pauses. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Observation } from "../model/observation.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import { groupPartition } from "../protocol/group-partition.ts";
import { createOffsetsReader } from "./offsets-reader.ts";
import {
  byteLog,
  groupNamed,
  recorder,
  type Staged,
  type StagedLog,
  staged,
  stagedLog,
  stoppedClock,
} from "./sockets.fixture.ts";

const RETRY_MS = 1_000;
const BUNDLE_MS = 200;

function reading(cluster: Staged, { backfill = true } = {}) {
  const observer = recorder();
  let reads = 0;
  const onRead = () => {
    reads += 1;
  };
  const options = {
    ...cluster,
    observer,
    clock: stoppedClock,
    replayMs: 60_000,
    backfill,
    openLog: () => byteLog,
    onRead,
  };
  const reader = createOffsetsReader(options);
  return {
    observer,
    reader,
    reads: () => reads,
    position: (index = 0) => reader.partitions().find((one) => one.index === index)?.live.position,
    said: () => observer.take("log-progress", "log-unavailable", "baseline").map(inShort),
  };
}

function inShort(one: Observation): string {
  switch (one.kind) {
    case "log-progress":
      return `${one.logPartition} ${one.backfilled ? "backfilled" : one.replayed ? "replayed" : `at ${one.progress}`} from ${one.baselineOrder}`;
    case "log-unavailable":
      return `${one.logPartition} ${one.reason}`;
    default:
      return one.kind;
  }
}

test("an empty log is ready in its first round, and waits in the broker from then on", async () => {
  await using cluster = await staged([stagedLog()]);
  const { reader, said } = reading(cluster);
  assert.equal(await reader.round(1), BUNDLE_MS);
  assert.deepEqual(said(), ["0 at 0 from 0", "0 at 1 from 0", "0 backfilled from 0"]);
  assert.equal(await reader.round(1), 0);
});

test("the replay comes before the backfill, and progress is told on the way", async () => {
  await using cluster = await staged([stagedLog({ end: 300, replayFrom: 150 })]);
  const { reader, said, position } = reading(cluster);
  const waits = [await reader.round(1), await reader.round(1), await reader.round(1)];
  assert.deepEqual(said(), [
    "0 at 0 from 300",
    "0 at 0 from 300",
    `0 at ${100 / 150} from 300`,
    "0 replayed from 300",
    "0 replayed from 300",
    "0 backfilled from 300",
  ]);
  assert.deepEqual([waits, position()], [[0, 0, 0], 300]);
});

test("without backfill the end of the replay is all there is to read", async () => {
  await using cluster = await staged([stagedLog({ end: 50, replayFrom: 20 })]);
  const { reader, said } = reading(cluster, { backfill: false });
  await reader.round(1);
  assert.equal(said().at(-1), "0 backfilled from 50");
});

test("it is ready only past the end captured after the baselines", async () => {
  await using cluster = await staged([stagedLog({ end: 10, replayFrom: 0 })], [groupNamed("g")]);
  const { observer, reader, said } = reading(cluster, { backfill: false });
  const observe = observer.observe;
  observer.observe = (one) => {
    observe(one);
    if (one.kind === "baseline") for (const log of cluster.logs) log.end = 110;
  };
  await reader.round(1);
  assert.deepEqual(said(), ["0 at 0 from 10", "baseline", "0 at 0 from 10", `0 at ${100 / 110} from 10`]);
  await reader.round(1);
  assert.deepEqual(said(), ["0 backfilled from 10"]);
});

test("records that come share a fetch; a moved target does not undo readiness", async () => {
  await using cluster = await staged([stagedLog()]);
  const { reader, said, position, reads } = reading(cluster);
  await reader.round(1);
  for (const log of cluster.logs) log.end = 250;
  said();
  assert.equal(await reader.round(1), BUNDLE_MS);
  assert.deepEqual([said(), position(), reads()], [["0 backfilled from 0"], 100, 2]);
});

test("a broker that is away, then back: unavailable at once, ready again past the end of then", async () => {
  await using cluster = await staged([stagedLog()]);
  const { reader, said } = reading(cluster);
  await reader.round(1);
  said();
  await cluster.setAway(1, "unreachable");
  assert.equal(await reader.round(1), RETRY_MS);
  assert.deepEqual([said(), cluster.refreshes], [["0 broker-unreachable"], 1]);
  await cluster.setAway(1, undefined);
  for (const log of cluster.logs) log.end = 150;
  await reader.round(1);
  assert.deepEqual(said(), [`0 at ${100 / 150} from 0`]);
  await reader.round(1);
  assert.deepEqual(said(), ["0 backfilled from 0"]);
});

test("a broker that is away from the start: nothing is half open", async () => {
  for (const [away, reason] of [
    ["unreachable", "broker-unreachable"],
    ["refused", "unauthorised"],
    ["unsupported", "error"],
  ] as const) {
    await using cluster = await staged([stagedLog(), stagedLog()]);
    await cluster.setAway(1, away);
    const { reader, said } = reading(cluster);
    assert.equal(await reader.round(1), RETRY_MS);
    assert.deepEqual([said(), reader.partitions()], [[`0 ${reason}`, `1 ${reason}`], []]);
  }
});

const errors: readonly (readonly [name: keyof typeof ERROR_CODE, reason: string])[] = [
  ["NOT_LEADER_OR_FOLLOWER", "no-leader"],
  ["TOPIC_AUTHORIZATION_FAILED", "unauthorised"],
  ["KAFKA_STORAGE_ERROR", "error"],
];
for (const [name, reason] of errors) {
  test(`${name} while reading makes the partition ${reason}, pauses, and keeps the position`, async () => {
    await using cluster = await staged([stagedLog({ end: 30 }), stagedLog({ end: 30 })]);
    const { reader, said, position } = reading(cluster);
    await reader.round(1);
    said();
    for (const log of cluster.logs.slice(0, 1)) log.error = ERROR_CODE[name];
    assert.equal(await reader.round(1), BUNDLE_MS);
    assert.deepEqual(said().toSorted(), [`0 ${reason}`, "1 backfilled from 30"]);
    for (const log of cluster.logs) log.error = 0;
    await reader.round(1);
    assert.deepEqual([said().includes("0 backfilled from 30"), position()], [true, 30]);
  });

  test(`${name} while opening makes the partition ${reason}, and the others are opened`, async () => {
    await using cluster = await staged([stagedLog({ error: ERROR_CODE[name] }), stagedLog({ end: 30 })]);
    const { reader, said } = reading(cluster);
    assert.equal(await reader.round(1), RETRY_MS);
    assert.deepEqual(said(), [
      "1 at 0 from 30",
      "1 at 1 from 30",
      `0 ${reason}`,
      "1 replayed from 30",
      "1 backfilled from 30",
    ]);
  });
}

test("a log that was cut is opened anew, from a new baseline", async () => {
  await using cluster = await staged([stagedLog({ end: 90, replayFrom: 0 })], [groupNamed("g")]);
  const { reader, said, position } = reading(cluster);
  await reader.round(1);
  assert.equal(position(), 90);
  said();
  for (const log of cluster.logs) log.end = 40;
  assert.equal(await reader.round(1), BUNDLE_MS);
  assert.deepEqual([said(), reader.partitions()], [["0 error"], []]);
  await reader.round(1);
  assert.deepEqual(said(), ["0 at 0 from 40", "baseline", "0 at 0 from 40", "0 backfilled from 40"]);
  assert.equal(position(), 40);
});

test("while one partition cannot be opened, the others are read on", async () => {
  await using cluster = await staged([stagedLog(), stagedLog()]);
  const { reader, position } = reading(cluster);
  await reader.round(1);
  const [cut, well] = cluster.logs as [StagedLog, StagedLog];
  cut.start = 10;
  cut.end = 20;
  await reader.round(1);
  cut.error = ERROR_CODE.KAFKA_STORAGE_ERROR;
  well.end = 60;
  assert.equal(await reader.round(1), RETRY_MS);
  assert.deepEqual([position(0), position(1)], [undefined, 60]);
});

test("a group that its coordinator cannot give holds up its own log only", async () => {
  const group = "loading";
  const mine = groupPartition(group, 2);
  await using cluster = await staged(
    [stagedLog(), stagedLog()],
    [groupNamed(group, { error: ERROR_CODE.COORDINATOR_LOAD_IN_PROGRESS })],
  );
  const { reader, said } = reading(cluster);
  assert.equal(await reader.round(1), RETRY_MS);
  assert.deepEqual(
    reader.partitions().map(({ index }) => index),
    [1 - mine],
  );
  assert.ok(said().includes(`${mine} error`));
  for (const one of cluster.groups) one.error = 0;
  await reader.round(1);
  assert.equal(reader.partitions().length, 2);
});

test("a log whose coordinator is loading is not opened: its groups are not known, and not none", async () => {
  await using cluster = await staged([stagedLog({ isLoading: true }), stagedLog()]);
  const { reader, said, position } = reading(cluster);
  await reader.round(1);
  assert.deepEqual([position(0), position(1)], [undefined, 0]);
  assert.ok(said().includes("0 error"));
  cluster.logs[0] = stagedLog();
  await reader.round(1);
  assert.equal(position(0), 0);
});

test("a listing of groups that fails opens nothing", async () => {
  await using cluster = await staged([stagedLog()]);
  cluster.listGroupsError = ERROR_CODE.COORDINATOR_LOAD_IN_PROGRESS;
  const { reader, said } = reading(cluster);
  assert.equal(await reader.round(1), RETRY_MS);
  assert.deepEqual([said().at(-1), reader.partitions()], ["0 error", []]);
});

test("where records are promised and none come, it pauses instead of asking for ever", async () => {
  for (const log of [
    stagedLog({ end: 50, replayFrom: 0, stepMax: 0 }),
    stagedLog({ end: 50, replayFrom: 50, stepMax: 0 }),
  ]) {
    await using cluster = await staged([log]);
    const { reader } = reading(cluster);
    assert.deepEqual([await reader.round(1), await reader.round(1)], [BUNDLE_MS, BUNDLE_MS]);
  }
});

test("what retention took from a backfill is nothing to wait for", async () => {
  await using cluster = await staged([stagedLog({ end: 200, replayFrom: 150 })]);
  const { reader, said } = reading(cluster);
  await reader.round(1);
  for (const log of cluster.logs) log.start = 140;
  await reader.round(1);
  assert.equal(said().at(-1), "0 backfilled from 200");
});

test("a leader that moved is read by its new broker, from where the old one was", async () => {
  await using cluster = await staged([stagedLog({ end: 80 })]);
  cluster.setNodes(1, 2);
  const { reader, said, position } = reading(cluster);
  await reader.round(1);
  for (const log of cluster.logs) {
    log.leader = 2;
    log.end = 100;
  }
  said();
  assert.equal(await reader.round(1), RETRY_MS, "it leads nothing now");
  await reader.round(2);
  assert.deepEqual([position(), said()], [100, ["0 backfilled from 80"]]);
});

test("a partition without a leader is said, and its reader stops when told to", async () => {
  await using cluster = await staged([stagedLog({ leader: undefined })]);
  cluster.setNodes();
  const { reader, said } = reading(cluster);
  const stop = new AbortController();
  const running = reader.actor(stop.signal);
  stop.abort();
  await running;
  assert.deepEqual(said(), ["0 no-leader"]);
});

test("a quiet second costs a handful of requests", async () => {
  await using cluster = await staged([stagedLog({ error: ERROR_CODE.TOPIC_AUTHORIZATION_FAILED })]);
  const { reader } = reading(cluster);
  let waitedMs = 0;
  let rounds = 0;
  for (; waitedMs < 1_000; rounds += 1) waitedMs += await reader.round(1);
  assert.ok(rounds <= 5 && cluster.calls.length <= 20, `${rounds} rounds, ${cluster.calls.length} requests`);
});

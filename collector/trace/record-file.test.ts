/** Files that are bounded, stand alone, survive a restart and a disk that fails; every line is written, dropped or waiting. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { appendFile, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { createLogger } from "../../runtime/logger.ts";
import { BURROW_STORE_DEFAULTS } from "../window/burrow-store.ts";
import { createClusterState } from "../window/cluster-state.ts";
import { createLineQueue } from "./line-queue.ts";
import type { Recording } from "./record-file.ts";
import { createRecording } from "./record-file.ts";
import { at, GRID_MS, INTERVAL_MS, replayed } from "./trace.fixture.ts";

const CLUSTER = "prod/eu";
const NAME = "prod%2Feu";
const MIB = 1_048_576;

interface Recorded {
  readonly recording: Recording;
  readonly clock: { ms: number };
  /** `seconds` of the cluster: a poll and a commit each. */
  run(seconds: number): void;
  readonly paths: readonly [current: string, before: string];
}

const opened: Recording[] = [];

async function inFolder(body: (dir: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), "tidemark-record-"));
  try {
    await body(dir);
  } finally {
    for (const { actor } of opened.splice(0)) await actor(AbortSignal.abort());
    await rm(dir, { recursive: true });
  }
}

function record(dir: string, { bytesMax = 64 * MIB, groups = 1, name = "g", startS = 0 } = {}): Recorded {
  const clock = { ms: at(startS) };
  const nowS = () => Math.floor(clock.ms / 1_000);
  const state = createClusterState({ cluster: CLUSTER, burrow: BURROW_STORE_DEFAULTS, nowS });
  const recording = createRecording({
    dir,
    bytesMax,
    watermarksEveryMs: INTERVAL_MS,
    intervalMs: INTERVAL_MS,
    state,
    clock: { nowMs: () => clock.ms, monotonicMs: () => clock.ms },
    logger: createLogger("silent"),
  });
  opened.push(recording);
  const { observer } = recording;
  observer.observe({ kind: "topics", topics: [{ topic: "t", topicId: "i", partitions: 1 }] });
  const read = { baselineOrder: 0, replayed: true, backfilled: true, progress: 1, atMs: GRID_MS };
  observer.observe({ kind: "log-progress", logPartition: 0, logPartitions: 1, ...read });
  const run = (seconds: number): void => {
    for (let s = 0; s < seconds; s += 1) {
      clock.ms += 1_000;
      const second = Math.round((clock.ms - GRID_MS) / 1_000);
      const times = { atMs: clock.ms, answeredAtMs: clock.ms };
      const asked = { ...times, topics: ["t"], topicIndex: Int32Array.of(0), partitions: Int32Array.of(0) };
      const offsets = Float64Array.of(second);
      observer.observe({ kind: "watermarks", which: "end", ...asked, offsets, unavailable: new Map() });
      for (let group = 0; group < groups; group += 1)
        observer.commit(observer.handleOf(`${name}${group}`, "t", 0), second, clock.ms, second, 0, second);
    }
  };
  return { recording, clock, run, paths: [join(dir, `${NAME}.ndjson`), join(dir, `${NAME}.1.ndjson`)] };
}

async function linesOf(path: string): Promise<readonly string[]> {
  return (await readFile(path, "utf8")).split("\n").slice(0, -1);
}

test("what is observed is in the file, which is nobody else's to read, and is judged", async () => {
  await inFolder(async (dir) => {
    const { recording, run, paths } = record(join(dir, "made", "here"));
    await recording.step();
    run(60);
    await recording.step();
    const lines = await linesOf(paths[0]);
    assert.deepEqual(
      replayed(lines).answers.map(({ group, status }) => [group, status]),
      [["g0", "OK"]],
    );
    assert.deepEqual(recording.stats(), {
      written: lines.length,
      dropped: { queue_full: 0, write_failed: 0 },
      waiting: 0,
      bytes: (await stat(paths[0])).size,
    });
    assert.equal((await stat(paths[0])).mode & 0o077, 0);
  });
});

test("two files take no more than they may, each stands alone, and joined they are what was observed", async () => {
  await inFolder(async (dir) => {
    const bytesMax = 2 * MIB;
    const { recording, run, paths } = record(dir, { bytesMax, groups: 50, name: "größe-🌊-" });
    for (let i = 0; i < 400; i += 1) {
      const step = recording.step();
      run(1); // while it writes
      await step;
      if (i % 50 === 0) assert.ok(recording.stats().bytes <= bytesMax);
    }
    assert.deepEqual((await readdir(dir)).toSorted(), [`${NAME}.1.ndjson`, `${NAME}.ndjson`]);
    await recording.step();
    const files = await Promise.all(paths.map(linesOf));
    const [current, before] = [(await stat(paths[0])).size, (await stat(paths[1])).size];
    assert.equal(recording.stats().bytes, current + before);
    assert.ok(current + before <= bytesMax && before > bytesMax / 4);
    for (const lines of files) {
      assert.match(lines[0] ?? "", /^{"trace":1,"cluster":"prod\/eu"/);
      const { answers, summary } = replayed(lines);
      assert.deepEqual(new Set(answers.map(({ status }) => status)), new Set(["OK"]));
      assert.equal(summary.groups, 50);
    }
    const joined = replayed([...(files[1] ?? []), ...(files[0] ?? [])]);
    assert.deepEqual(
      joined.answers.map(({ status }) => status),
      Array(50).fill("OK"),
    );
  });
});

test("after a restart it goes on behind the last whole line", async () => {
  await inFolder(async (dir) => {
    const first = record(dir);
    await first.recording.step();
    first.run(30);
    await first.recording.step();
    const before = await linesOf(first.paths[0]);
    await appendFile(first.paths[0], '{"t":17000000');
    const second = record(dir, { startS: 40 });
    await second.recording.step();
    second.run(30);
    await second.recording.step();
    const after = await linesOf(second.paths[0]);
    assert.deepEqual(after.slice(0, before.length), before);
    assert.equal(after.filter((line) => line.startsWith('{"trace"')).length, 2);
    assert.equal(second.recording.stats().bytes, (await stat(second.paths[0])).size);
    assert.equal(replayed(after).answers.at(-1)?.status, "OK");
  });
});

test("a file that is full when it starts is kept as the one before", async () => {
  await inFolder(async (dir) => {
    const { recording, paths } = record(dir, { bytesMax: 2 * MIB });
    await writeFile(paths[0], `${"x".repeat(MIB)}\n`);
    await recording.step();
    assert.equal((await stat(paths[1])).size, MIB + 1);
    assert.equal((await linesOf(paths[0])).length, 2);
  });
});

test("where the disk fails lines are dropped and counted, and later a new beginning is written", async () => {
  await inFolder(async (dir) => {
    const blocked = join(dir, "blocked");
    await writeFile(blocked, "");
    const { recording, run, clock, paths } = record(blocked);
    await recording.step();
    run(5);
    await recording.step();
    assert.deepEqual(recording.stats(), {
      written: 0,
      dropped: { queue_full: 0, write_failed: 0 },
      waiting: 0,
      bytes: 0,
    });
    await rm(blocked);
    await recording.step();
    assert.equal(recording.stats().written, 0, "it waits before it tries again");
    clock.ms += 10_000;
    await recording.step();
    run(30);
    await recording.step();
    assert.equal(replayed(await linesOf(paths[0])).answers.at(-1)?.status, "OK");
  });
});

test("a disk without room costs the lines it did not take, and each is counted", async (context) => {
  if (!existsSync("/dev/full")) return context.skip("this machine has no /dev/full");
  await inFolder(async (dir) => {
    const { recording, run, clock, paths } = record(dir);
    await symlink("/dev/full", paths[0]);
    await recording.step();
    assert.deepEqual(recording.stats(), {
      written: 0,
      dropped: { queue_full: 0, write_failed: 2 },
      waiting: 0,
      bytes: 0,
    });
    await rm(paths[0]);
    clock.ms += 10_000;
    await recording.step();
    run(30);
    await recording.step();
    const lines = await linesOf(paths[0]);
    assert.equal(recording.stats().written, lines.length);
    assert.equal(replayed(lines).answers.at(-1)?.status, "OK");
  });
});

test("an actor writes until it is told to stop, and then what is left", async () => {
  await inFolder(async (dir) => {
    const { recording, run, paths } = record(dir);
    await recording.step();
    const stop = new AbortController();
    const actor = recording.actor(stop.signal);
    run(20);
    stop.abort();
    await actor;
    assert.equal((await linesOf(paths[0])).length, recording.stats().written);
    assert.equal(recording.stats().waiting, 0);
  });
});

test("a cluster whose head does not fit is not recorded, rather than again and again", async () => {
  await inFolder(async (dir) => {
    const { recording, run } = record(dir, { bytesMax: MIB / 8, groups: 2_000 });
    run(1);
    for (let i = 0; i < 5; i += 1) {
      await recording.step();
      run(1);
    }
    const { bytes, written, waiting } = recording.stats();
    assert.ok(bytes <= MIB / 8 && written > 0);
    assert.equal(waiting, 0);
  });
});

test("a queue takes what fits, counts what does not, and gives out what it took", () => {
  const queue = createLineQueue(10);
  queue.push("abcd");
  queue.push("ü\nb", 2);
  queue.push("x");
  assert.deepEqual([queue.waiting, queue.dropped], [3, 1]);
  assert.deepEqual(queue.drain(), { text: "abcd\nü\nb\n", lines: 3 });
  assert.deepEqual(queue.drain(), { text: "", lines: 0 });
  queue.push("123456789");
  queue.push("", 1);
  assert.deepEqual([queue.waiting, queue.dropped], [1, 2]);
});

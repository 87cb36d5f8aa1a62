/** A trace from a file or standard input, answers to a stream that may be slow or go away, and an end on request. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough, Readable, Writable } from "node:stream";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { EvaluateConfig } from "../collector/config.ts";
import { TraceError } from "../collector/trace/replay.ts";
import type { ReplayCommand } from "./run-replay.ts";
import { runReplay, strictOptions, TraceFileError } from "./run-replay.ts";

const START_MS = 1_700_000_000_000;
const LINES = [
  { trace: 1, cluster: "c", interval_ms: 10_000 },
  { t: START_MS, topic: "t", id: "i", partitions: 1 },
  ...Array.from({ length: 200 }, (_, i) => {
    const t = START_MS + i * 10_000;
    const names = { topic: "t", partition: 0 };
    return [
      { t, ...names, end: i, start: 0 },
      { t, group: "groß 🌊", ...names, commit: i, at: t, order: i },
    ];
  }).flat(),
];
const TRACE = LINES.map((line) => `${JSON.stringify(line)}\n`).join("");

function command(more: Partial<ReplayCommand> = {}): ReplayCommand & { readonly stdout: PassThrough } {
  const clock = { nowMs: () => 0, monotonicMs: () => 0 };
  const options = { trace: "-", evaluate: undefined, everyTick: false, lenient: false, clock };
  return { ...options, stdin: Readable.from([]), stdout: new PassThrough(), ...more } as ReturnType<typeof command>;
}

/** The answers, parsed; all that came until it ended, well or not. */
async function answersOf(asked: ReturnType<typeof command>): Promise<readonly Record<string, unknown>[]> {
  const written = text(asked.stdout);
  await runReplay(asked, new AbortController().signal).finally(() => asked.stdout.end());
  return (await written).split("\n").flatMap((line) => (line === "" ? [] : [JSON.parse(line)]));
}

test("a file and standard input are judged alike, and the last line is the summary", async () => {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-replay-"));
  try {
    const trace = join(folder, "trace.ndjson");
    await writeFile(trace, TRACE);
    const fromFile = await answersOf(command({ trace }));
    assert.deepEqual(fromFile.at(-1), { ticks: 200, groups: 1, lines: LINES.length, skipped: {}, seconds: 0 });
    assert.deepEqual([fromFile[0]?.["group"], fromFile[0]?.["status"]], ["groß 🌊", "OK"]);
    // Cut in the middle of letters.
    const bytes = Buffer.from(TRACE);
    const pieces = Array.from({ length: Math.ceil(bytes.length / 7) }, (_, i) => bytes.subarray(i * 7, i * 7 + 7));
    assert.deepEqual(await answersOf(command({ stdin: Readable.from(pieces, { objectMode: false }) })), fromFile);
  } finally {
    await rm(folder, { recursive: true });
  }
});

test("a file that is not there, and a folder, are said with their name", async () => {
  for (const trace of ["/nowhere/trace.ndjson", tmpdir()])
    await assert.rejects(
      runReplay(command({ trace }), new AbortController().signal),
      (thrown) => thrown instanceof TraceFileError && thrown.message.includes(trace),
    );
});

test("a line that cannot be read ends it after the answers before it", async () => {
  const asked = command({ stdin: Readable.from([`${TRACE}{"t":1,"log":-1}\n`], { objectMode: false }) });
  const written = text(asked.stdout);
  await assert.rejects(runReplay(asked, new AbortController().signal), TraceError);
  asked.stdout.end();
  assert.match(await written, /"status":"OK"/);
});

test("a reader that goes away ends it without an error", async () => {
  const stdout = new Writable({
    write: (_, __, done) => done(Object.assign(new Error("write EPIPE"), { code: "EPIPE" })),
  });
  const endless = Readable.from(
    (function* () {
      yield TRACE;
      for (let t = START_MS; ; t += 10_000) yield `${JSON.stringify({ t, log: 0 })}\n`;
    })(),
    { objectMode: false },
  );
  const { trace, evaluate, lenient, clock } = command();
  const asked: ReplayCommand = { trace, evaluate, lenient, clock, everyTick: true, stdin: endless, stdout };
  await runReplay(asked, new AbortController().signal);
});

test("a slow reader gets all there is", async () => {
  const taken: string[] = [];
  const stdout = new Writable({
    highWaterMark: 1,
    write: (chunk, _, done) => {
      taken.push(String(chunk));
      setImmediate(done);
    },
  });
  const { trace, evaluate, lenient, clock } = command();
  const stdin = Readable.from([TRACE], { objectMode: false });
  await runReplay({ trace, evaluate, lenient, clock, everyTick: true, stdin, stdout }, new AbortController().signal);
  assert.equal(taken.join("").split("\n").length, 200 + 1 + 1);
});

test("told to stop, it says what it has judged so far", async () => {
  const stop = new AbortController();
  const stdin = new PassThrough();
  const asked = command({ stdin });
  const written = text(asked.stdout);
  const run = runReplay(asked, stop.signal);
  await new Promise((resolve) => stdin.write(TRACE, resolve));
  stop.abort();
  await run;
  asked.stdout.end();
  assert.match(await written, /"ticks":\d+,.*"seconds":0}\n$/);
});

test("the strict options are those of the configuration", () => {
  const burrow = {
    allowed_lag: 5,
    expire_group: "1h",
    minimum_complete: 0.5,
    min_distance: "1s",
    offset_refresh: "2s",
  };
  assert.deepEqual(strictOptions(EvaluateConfig.parse({ window: 3, burrow })), {
    store: { intervals: 3, minDistanceMs: 1_000, expireGroupMs: 3_600_000 },
    rules: { minimumComplete: 0.5, allowedLag: 5 },
    offsetRefreshMs: 2_000,
  });
});

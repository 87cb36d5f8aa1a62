/** Lines to a stream: the conformance suite in both formats, a reader that is slow, one that goes away, and a real pipe. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { PassThrough, Writable } from "node:stream";
import { test } from "node:test";
import type { Line } from "../../../test/stores/line-protocol-reader.ts";
import { readLine, splitLines } from "../../../test/stores/line-protocol-reader.ts";
import { dimensionText } from "../../encode/bulk.ts";
import type { Kind } from "../../schema/kind.ts";
import type { Point } from "../../schema/point.ts";
import { testSink } from "../sink.suite.ts";
import { openStdoutSink } from "./stdout-sink.ts";

const NEVER = new AbortController().signal;
const POINT: Point = { kind: "group", atMs: 5, dimensions: { cluster: "c", group: "g" }, fields: { lag: 1 } };

/** What a reader of the lines has: each point by its identity, a repeat over what was there. */
interface Read {
  readonly kind: string;
  readonly identity: ReadonlyMap<string, string>;
  readonly atMs: string;
  readonly fields: Readonly<Record<string, number | string>>;
}

function ofLine({ measurement, tags, time = "", fields }: Line): Read {
  assert.match(time, /000000$/, "nanoseconds");
  const values = [...fields].map(([name, { type, value }]) => [name, type === "string" ? value : Number(value)]);
  const kind = measurement.replace(/^tidemark_/, "");
  return { kind, identity: tags, atMs: time.slice(0, -6), fields: Object.fromEntries(values) };
}

function ofJson(text: string, points: readonly Point[]): Read {
  const { "@timestamp": atMs, kind, ...rest } = JSON.parse(text);
  const names = Object.keys(points.find((point) => point.kind === kind)?.dimensions ?? {});
  const identity = new Map(names.map((name) => [name, rest[name]] as const));
  const fields = Object.fromEntries(Object.entries(rest).filter(([name]) => !names.includes(name)));
  return { kind, identity, atMs: String(atMs), fields: fields as Read["fields"] };
}

for (const format of ["influx", "ndjson"] as const) {
  testSink(`stdout ${format}`, async (run) => {
    const stream = new PassThrough({ highWaterMark: 2 ** 26 });
    const offered: Point[] = [];
    let text = "";
    const read = (): readonly Read[] => {
      text += String(stream.read() ?? "");
      const all =
        format === "influx"
          ? splitLines(text).map((line) => ofLine(readLine(line)))
          : text.split("\n").flatMap((line) => (line === "" ? [] : [ofJson(line, offered)]));
      const byIdentity = all.map((one) => [JSON.stringify([one.kind, one.atMs, [...one.identity].toSorted()]), one]);
      return [...new Map(byIdentity as [string, Read][]).values()];
    };
    using sink = openStdoutSink({ name: "out", format, stream });
    const remembered = {
      ...sink,
      write: (batch: readonly Point[], signal: AbortSignal) => {
        offered.push(...batch);
        return sink.write(batch, signal);
      },
    };
    await run({
      sink: remembered,
      tellsDuplicates: false,
      count: async (kind: Kind) => read().filter((one) => one.kind === kind).length,
      fields: async (points) => {
        const all = read();
        return points.map(({ kind, atMs, dimensions }) => {
          const wanted = Object.entries(dimensions).map(([name, value]) => [name, dimensionText(value)] as const);
          return all.find(
            (one) =>
              one.kind === kind &&
              one.atMs === String(atMs) &&
              wanted.every(([name, value]) => one.identity.get(name) === value),
          )?.fields;
        });
      },
    });
  });
}

test("a reader that is slow is waited for, and waiting ends when told to stop", async () => {
  const taken: (() => void)[] = [];
  const stream = new Writable({ write: (_chunk, _encoding, done) => void taken.push(done) });
  using sink = openStdoutSink({ name: "out", format: "influx", stream });
  const stop = new AbortController();
  const writing = sink.write([POINT], stop.signal);
  let settled = false;
  void writing.catch(() => {}).finally(() => (settled = true));
  await new Promise(setImmediate);
  assert.equal(settled, false);
  stop.abort();
  await assert.rejects(writing, { name: "AbortError" });
  taken[0]?.();
});

test("a reader that has gone away holds the sink, at once and for ever, and nothing is thrown", async () => {
  const stream = new PassThrough();
  using sink = openStdoutSink({ name: "out", format: "influx", stream });
  assert.equal((await sink.write([POINT], NEVER)).kind, "written");
  stream.destroy(Object.assign(new Error("write EPIPE"), { code: "EPIPE" }));
  for (let round = 0; round < 2; round += 1) {
    const outcome = await sink.write([POINT], NEVER);
    assert.equal(outcome.kind, "held");
    assert.match("cause" in outcome ? outcome.cause.message : "", /nobody reads standard output/);
  }
});

const SCRIPT = `
  const { openStdoutSink } = await import(${JSON.stringify(new URL("./stdout-sink.ts", import.meta.url).href)});
  const sink = openStdoutSink({ name: "out", format: "influx", stream: process.stdout });
  const point = ${JSON.stringify(POINT)};
  const batch = Array.from({ length: 5_000 }, () => point);
  let outcome;
  do outcome = await sink.write(batch, new AbortController().signal); while (outcome.kind === "written");
  process.stderr.write(outcome.kind);`;

test("a real pipe whose reader ends: the process lives on, and the sink is held", async () => {
  const flags = ["--disable-warning=ExperimentalWarning", "--input-type=module", "-e", SCRIPT];
  const child = spawn(process.execPath, flags, { stdio: ["ignore", "pipe", "pipe"] });
  let said = "";
  child.stderr.on("data", (chunk) => (said += String(chunk)));
  await once(child.stdout, "data");
  child.stdout.destroy();
  const [code] = await once(child, "close");
  assert.deepEqual([code, said], [0, "held"]);
});

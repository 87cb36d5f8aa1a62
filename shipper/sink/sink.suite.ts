/**
 * What every sink must do, whatever its store. A sink's test hands in how to open it on an empty store and how to look at
 * what the store holds; a deviation is a named skip with its reason.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Kind } from "../schema/kind.ts";
import type { Point } from "../schema/point.ts";
import type { Sink } from "./sink.ts";

export interface SinkUnderTest {
  readonly sink: Sink;
  /** A store that overwrites does not know that it does. */
  readonly tellsDuplicates: boolean;
  /** How many points of a kind the store holds. */
  count(kind: Kind): Promise<number>;
  /** The fields of each point as the store gives them back; an absent one must not be there. */
  fields(points: readonly Point[]): Promise<readonly (Readonly<Record<string, number | string>> | undefined)[]>;
}

export type WithSink = (run: (under: SinkUnderTest) => Promise<void>) => Promise<void>;

/** Far enough ahead that no retention reaches it, at the end of a day, and within every store's window. */
const AT_MS = Date.UTC(2099, 11, 31, 23, 59, 50) - 86_400_000;
const HOSTILE = [
  "",
  " ",
  "a b/c%#,ü\\",
  "new\nline",
  'quo"te',
  "'; DROP TABLE series; --",
  "🎉",
  "__proto__",
  "x".repeat(249),
  "y".repeat(600),
  "y".repeat(601),
  "_none_",
  "_esc_:",
  "a,b=c d",
  "\\",
  "\ud800",
  "\udc00",
  "back\\slash\\",
];

const partition = (group: string, index: number, atMs = AT_MS): Point => ({
  kind: "partition",
  atMs,
  dimensions: { cluster: "c", group, topic: "t", partition: index },
  fields: {
    status: "OK",
    lag: index,
    committed_offset: Number.MAX_SAFE_INTEGER,
    commit_age_seconds: 0.25,
    owner: "/10.0.0.1",
  },
});

const group = (name: string, atMs = AT_MS): Point => ({
  kind: "group",
  atMs,
  dimensions: { cluster: "c", group: name },
  fields: { status: "warming", partitions: 3 },
});

const groupTopic: Point = {
  kind: "group_topic",
  atMs: AT_MS,
  dimensions: { cluster: "c", group: "g", topic: "t" },
  fields: { lag: 4 },
};

const topic: Point = {
  kind: "topic",
  atMs: AT_MS,
  dimensions: { cluster: "c", topic: "t", partition: 0 },
  fields: { end_offset: 9 },
};

const event = (id: string): Point => ({
  kind: "event",
  atMs: AT_MS,
  dimensions: { cluster: "c", group: "", event: "reset", id },
  fields: { text: 'it says, in a text: "this"', tags: "reset,t" },
});

const self: Point = {
  kind: "self",
  atMs: AT_MS,
  dimensions: { instance: "host-1", sink: "" },
  fields: { points_in: 12, sink_state: "up", lateness_seconds: 1.5 },
};

const NEVER = new AbortController().signal;
const STORED = { kind: "written", duplicates: 0, rejected: [], kept: [] };

export function testSink(name: string, withSink: WithSink): void {
  const check = (sentence: string, run: (under: SinkUnderTest) => Promise<void>): void => {
    test(`${name}: ${sentence}`, () => withSink(run));
  };

  check("every kind is stored, and its fields come back; what is absent stays absent", async ({ sink, fields }) => {
    const points = [group("g"), groupTopic, partition("g", 0), topic, event("1"), self];
    assert.deepEqual(await sink.write(points, NEVER), STORED);
    assert.deepEqual(
      await fields(points),
      points.map((point) => point.fields),
    );
  });

  check("two events of one name for one group in one tick stay two, and are told once", async ({ sink, count }) => {
    await sink.write([event("1"), event("2")], NEVER);
    await sink.write([event("2")], NEVER);
    assert.equal(await count("event"), 2);
  });

  check(
    "a second write of the same points changes nothing, and is told by a store that can",
    async ({ sink, tellsDuplicates, count }) => {
      const points = [group("g"), partition("g", 0), partition("g", 1)];
      await sink.write(points, NEVER);
      const duplicates = tellsDuplicates ? 3 : 0;
      assert.deepEqual(await sink.write([...points, partition("g", 2)], NEVER), { ...STORED, duplicates });
      assert.deepEqual([await count("group"), await count("partition")], [1, 3]);
    },
  );

  check("the same point twice in one batch is stored once", async ({ sink, tellsDuplicates, count }) => {
    const duplicates = tellsDuplicates ? 1 : 0;
    assert.deepEqual(await sink.write([group("g"), group("g")], NEVER), { ...STORED, duplicates });
    assert.equal(await count("group"), 1);
  });

  check("identity is kind, dimensions and grid time, nothing less", async ({ sink, count }) => {
    const next = AT_MS + 10_000;
    const points = [
      partition("g", 0),
      partition("g", 1),
      partition("h", 0),
      partition("g", 0, next),
      group("g"),
      group("g", next),
    ];
    assert.deepEqual(await sink.write(points, NEVER), STORED);
    assert.deepEqual([await count("group"), await count("partition"), await count("topic")], [2, 4, 0]);
  });

  check("names of any kind stay themselves and distinct", async ({ sink, count, fields }) => {
    const points = HOSTILE.map((hostile) => group(hostile));
    assert.deepEqual(await sink.write(points, NEVER), STORED);
    assert.equal(await count("group"), HOSTILE.length);
    assert.deepEqual(
      await fields(points),
      points.map((point) => point.fields),
    );
  });

  check("an empty batch is written", async ({ sink }) => {
    assert.deepEqual(await sink.write([], NEVER), STORED);
  });

  check("5,000 points are one write", async ({ sink, count }) => {
    const points = Array.from({ length: 5_000 }, (_, index) => partition("g", index));
    assert.deepEqual(await sink.write(points, NEVER), STORED);
    assert.equal(await count("partition"), 5_000);
  });

  check("an aborted write rejects with AbortError", async ({ sink }) => {
    await assert.rejects(sink.write([group("g")], AbortSignal.abort()), { name: "AbortError" });
  });
}

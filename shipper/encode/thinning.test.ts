/** What each way of thinning keeps, tick by tick, and that sinks that differ each get theirs from one spool. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { PointOf } from "../schema/point.ts";
import type { PartitionPoints } from "../schema/thinning.ts";
import { FULL_EVERY_MS, isKept } from "../schema/thinning.ts";
import { createThinning } from "./thinning.ts";

const point = (atMs: number, fields: PointOf<"partition">["fields"]): PointOf<"partition"> => ({
  kind: "partition",
  atMs,
  dimensions: { cluster: "c", group: "g", topic: "t", partition: 0 },
  fields,
});
const idle = { status: "OK", lag: 0, committed_offset: 5, commit_age_seconds: 1, complete: 0.5 } as const;
const TICK_MS = 10_000;

const steps: readonly {
  readonly name: string;
  readonly atMs: number;
  readonly fields: object;
  readonly kept: boolean;
}[] = [
  { name: "the first", atMs: 0, fields: idle, kept: true },
  { name: "the same once more", atMs: TICK_MS, fields: idle, kept: false },
  {
    name: "only older and less complete",
    atMs: 2 * TICK_MS,
    fields: { ...idle, commit_age_seconds: 9, complete: 0.4 },
    kept: false,
  },
  { name: "an offset moved", atMs: 3 * TICK_MS, fields: { ...idle, committed_offset: 6 }, kept: true },
  { name: "that tick read again", atMs: 3 * TICK_MS, fields: { ...idle, committed_offset: 6 }, kept: true },
  { name: "a field is gone", atMs: 4 * TICK_MS, fields: { status: "OK", lag: 0 }, kept: true },
  { name: "a status changed", atMs: 5 * TICK_MS, fields: { status: "STALL", lag: 0 }, kept: true },
  {
    name: "unchanged, a moment before five minutes",
    atMs: 5 * TICK_MS + FULL_EVERY_MS - 1,
    fields: { status: "STALL", lag: 0 },
    kept: false,
  },
  {
    name: "unchanged for five minutes",
    atMs: 5 * TICK_MS + FULL_EVERY_MS,
    fields: { status: "STALL", lag: 0 },
    kept: true,
  },
  { name: "an older tick", atMs: 0, fields: { status: "STALL", lag: 0 }, kept: true },
];

test("changed keeps the first, what changed, and one every five minutes", () => {
  const thinning = createThinning(new Set(["changed"] as const));
  for (const { name, atMs, fields, kept } of steps)
    assert.equal(thinning.thin(point(atMs, fields), true) !== undefined, kept, name);
});

test("a partition that was away for long is forgotten, and is the first again", () => {
  const thinning = createThinning(new Set(["changed"] as const));
  assert.ok(thinning.thin(point(0, idle), true));
  assert.ok(
    thinning.thin(
      { ...point(3 * FULL_EVERY_MS, idle), dimensions: { cluster: "c", group: "h", topic: "t", partition: 0 } },
      true,
    ),
  );
  assert.ok(thinning.thin(point(3 * FULL_EVERY_MS + 1, idle), true));
});

const ALL: readonly PartitionPoints[] = ["all", "unhealthy", "changed"];

test("three sinks of one spool: each gets what it would get alone", () => {
  const together = createThinning(new Set(ALL));
  const alone = new Map(ALL.map((way) => [way, createThinning(new Set([way]))]));
  for (const { name, atMs, fields } of steps) {
    for (const isHealthy of [true, false]) {
      const spooled = together.thin(point(atMs, fields), isHealthy);
      assert.ok(spooled !== undefined);
      for (const way of ALL) {
        const want = alone.get(way)?.thin(point(atMs, fields), isHealthy) !== undefined;
        assert.equal(isKept(spooled, way), want, `${way}: ${name}`);
      }
    }
  }
});

test("where every sink wants all, a point says nothing of thinning", () => {
  const thinned = createThinning(new Set(["all"] as const)).thin(point(0, idle), true);
  assert.deepEqual(thinned, point(0, idle));
});

/** Which points a sink gets: kinds, clusters and groups by pattern, and the way of thinning. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Point } from "../schema/point.ts";
import { KEPT_BY } from "../schema/thinning.ts";
import { isMatch, selects } from "./selection.ts";

const NONE = { kinds: [], clusters: [], groups: [], partitionPoints: "all" } as const;
const group = (cluster: string, name: string): Point => ({
  kind: "group",
  atMs: 0,
  dimensions: { cluster, group: name },
  fields: { status: "OK" },
});
const topic: Point = { kind: "topic", atMs: 0, dimensions: { cluster: "prod", topic: "t", partition: 0 }, fields: {} };
const event = (cluster: string, name: string): Point => ({
  kind: "event",
  atMs: 0,
  dimensions: { cluster, group: name, event: "reset", id: "1" },
  fields: { text: "went back" },
});
const self: Point = { kind: "self", atMs: 0, dimensions: { instance: "i", sink: "es" }, fields: { points_in: 1 } };
const ELSEWHERE = { clusters: ["test"], groups: ["nobody"], partitionPoints: "unhealthy" };

const rows: readonly {
  readonly name: string;
  readonly selection: object;
  readonly point: Point;
  readonly want: boolean;
}[] = [
  { name: "nothing asked for: everything", selection: {}, point: group("prod", "a"), want: true },
  { name: "its kind", selection: { kinds: ["group"] }, point: group("prod", "a"), want: true },
  { name: "another kind", selection: { kinds: ["topic"] }, point: group("prod", "a"), want: false },
  { name: "its cluster", selection: { clusters: ["pr*"] }, point: group("prod", "a"), want: true },
  { name: "another cluster", selection: { clusters: ["test"] }, point: group("prod", "a"), want: false },
  { name: "one of the groups", selection: { groups: ["b", "a"] }, point: group("prod", "a"), want: true },
  { name: "left out", selection: { groups: ["!a*"] }, point: group("prod", "ab"), want: false },
  { name: "not left out", selection: { groups: ["!a*"] }, point: group("prod", "ba"), want: true },
  { name: "in and left out", selection: { groups: ["*", "!a"] }, point: group("prod", "a"), want: false },
  { name: "a topic, whatever the groups", selection: { groups: ["nobody"] }, point: topic, want: true },
  { name: "a topic of another cluster", selection: { clusters: ["test"] }, point: topic, want: false },
  { name: "a heartbeat, whatever the names", selection: ELSEWHERE, point: self, want: true },
  { name: "an event of no group of no cluster", selection: ELSEWHERE, point: event("", ""), want: true },
  { name: "an event of another group", selection: { groups: ["b"] }, point: event("prod", "a"), want: false },
  { name: "an event of its group", selection: { groups: ["b"] }, point: event("prod", "b"), want: true },
  { name: "an event of another cluster", selection: { clusters: ["test"] }, point: event("prod", ""), want: false },
  {
    name: "the group whose name is empty, by its name",
    selection: { groups: ["b"] },
    point: group("prod", ""),
    want: false,
  },
  {
    name: "kept by the way",
    selection: { partitionPoints: "changed" },
    point: { ...topic, keptBy: KEPT_BY.changed },
    want: true,
  },
  {
    name: "kept by the other way",
    selection: { partitionPoints: "changed" },
    point: { ...topic, keptBy: KEPT_BY.unhealthy },
    want: false,
  },
  {
    name: "a name that every object has",
    selection: { groups: ["a"] },
    point: group("prod", "constructor"),
    want: false,
  },
  { name: "kept by none", selection: {}, point: { ...topic, keptBy: 0 }, want: true },
];

for (const { name, selection, point, want } of rows) {
  test(name, () => {
    const wants = selects({ ...NONE, ...selection });
    assert.equal(wants(point), want);
    assert.equal(wants(point), want, "the answer that was kept");
  });
}

const matches: readonly (readonly [pattern: string, name: string, want: boolean])[] = [
  ["", "", true],
  ["", "a", false],
  ["*", "", true],
  ["a*b*c", "axxbyyc", true],
  ["a*b*c", "axxbyy", false],
  ["a?c", "abc", true],
  ["a?c", "ac", false],
  ["?", "", false],
  ["a.b", "axb", false],
  ["*a", "aaa", true],
  ["[a]", "a", false],
];

for (const [pattern, name, want] of matches) {
  test(`"${pattern}" ${want ? "is" : "is not"} "${name}"`, () => assert.equal(isMatch(pattern, name), want));
}

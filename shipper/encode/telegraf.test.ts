/**
 * What Telegraf printed for a cluster, made from points with the same numbers, to the letter; what it never wrote; and names of
 * any kind, read back by a reader that shares nothing with the writer.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readLine, splitLines } from "../../test/stores/line-protocol-reader.ts";
import type { Point, PointOf } from "../schema/point.ts";
import { lineOf, linesOf } from "./line-protocol.ts";
import { storedName } from "./stored-name.ts";
import type { TelegrafOptions } from "./telegraf.ts";
import { telegrafLineOf } from "./telegraf.ts";

/** The newest commit was 8 ms after the time that Telegraf rounded to its second: no age of ours is negative. */
const COMMITTED_AFTER_SECONDS = -0.008;
const AT_MS = 1_515_609_490_000;
const LIKE_TELEGRAF: TelegrafOptions = { host: "tg1", owner: "tag", rewindStatusCode: 7 };
const NO_HOST: TelegrafOptions = { host: undefined, owner: "tag", rewindStatusCode: 7 };

const group: PointOf<"group"> = {
  kind: "group",
  atMs: AT_MS,
  dimensions: { cluster: "prod", group: "billing" },
  fields: {
    status: "OK",
    status_code: 1,
    burrow_status: "WARN",
    burrow_status_code: 2,
    lag: 210,
    lag_max: 120,
    committed_offset: 1_291_109_155,
    partitions: 4,
    partitions_without_commit: 1,
    commit_age_seconds: COMMITTED_AFTER_SECONDS,
  },
};
const partition: PointOf<"partition"> = {
  kind: "partition",
  atMs: AT_MS,
  dimensions: { cluster: "prod", group: "billing", topic: "orders", partition: 0 },
  fields: {
    status: "OK",
    burrow_status: "WARN",
    burrow_status_code: 2,
    lag: 120,
    committed_offset: 431_323_195,
    end_offset: 431_323_315,
    commit_age_seconds: COMMITTED_AFTER_SECONDS,
    owner: "/10.0.0.7",
    client_id: "client",
  },
};
const topic: PointOf<"topic"> = {
  kind: "topic",
  atMs: AT_MS,
  dimensions: { cluster: "prod", topic: "orders", partition: 0 },
  fields: { end_offset: 459_178_195, start_offset: 1 },
};

test("a group, a partition and a topic are the lines that Telegraf prints, but for the unit of the time", () => {
  assert.deepEqual(
    [group, partition, topic].map((point) => `${telegrafLineOf(point, LIKE_TELEGRAF)}000000`),
    [
      'burrow_group,cluster=prod,group=billing,host=tg1 lag=120i,offset=1291109155i,partition_count=3i,status="WARN",status_code=3i,timestamp=1515609490008i,total_lag=210i 1515609490000000000',
      'burrow_partition,cluster=prod,group=billing,host=tg1,owner=/10.0.0.7,partition=0,topic=orders lag=120i,offset=431323195i,status="WARN",status_code=3i,timestamp=1515609490008i 1515609490000000000',
      "burrow_topic,cluster=prod,host=tg1,partition=0,topic=orders offset=459178195i 1515609490000000000",
    ],
  );
});

test("the owner is a tag, a field of another name, or nowhere; an empty one is nowhere in any case", () => {
  const line = (owner: TelegrafOptions["owner"], value = "/10.0.0.7") =>
    readLine(
      telegrafLineOf({ ...partition, fields: { ...partition.fields, owner: value } }, { ...NO_HOST, owner }) ?? "",
    );
  const [tag, field, drop] = [line("tag"), line("field"), line("drop")];
  assert.deepEqual([...tag.tags.keys()], ["cluster", "group", "owner", "partition", "topic"]);
  assert.deepEqual([tag.tags.get("owner"), tag.fields.get("owner_id")], ["/10.0.0.7", undefined]);
  assert.deepEqual([field.tags.has("owner"), field.fields.get("owner_id")?.value], [false, "/10.0.0.7"]);
  assert.deepEqual([drop.tags.has("owner"), drop.fields.has("owner_id")], [false, false]);
  assert.deepEqual([...field.fields.keys()], [...field.fields.keys()].toSorted());
  for (const owner of ["tag", "field"] as const) assert.deepEqual(line(owner, ""), drop);
});

const codes: readonly (readonly [status: string, code: number])[] = [
  ["OK", 1],
  ["WARN", 3],
  ["STOP", 5],
  ["STALL", 6],
  ["REWIND", 7],
];

for (const [status, code] of codes) {
  test(`${status} is ${code}, in Telegraf's numbers`, () => {
    const point = { ...partition, fields: { ...partition.fields, burrow_status: status } } as Point;
    const { fields } = readLine(telegrafLineOf(point, NO_HOST) ?? "");
    assert.deepEqual([fields.get("status")?.value, fields.get("status_code")?.value], [status, BigInt(code)]);
  });
}

test("REWIND is 0, as Telegraf wrote it, where that is wished", () => {
  const point = { ...partition, fields: { ...partition.fields, burrow_status: "REWIND" } } as Point;
  const { fields } = readLine(telegrafLineOf(point, { ...NO_HOST, rewindStatusCode: 0 }) ?? "");
  assert.deepEqual([fields.get("status")?.value, fields.get("status_code")?.value], ["REWIND", 0n]);
});

test("a group that is ERR is 4", () => {
  const point = { ...group, fields: { ...group.fields, burrow_status: "ERR" } } as Point;
  assert.equal(readLine(telegrafLineOf(point, NO_HOST) ?? "").fields.get("status_code")?.value, 4n);
});

const at = { atMs: AT_MS } as const;
const nothing: readonly (readonly [what: string, point: Point])[] = [
  ["a group without a verdict of Burrow's rules", { ...group, fields: { status: "warming", lag: 1 } }],
  ["a group that Burrow answers with 404", { ...group, fields: { burrow_status: "NOTFOUND", lag: 1 } }],
  ["a partition without a verdict", { ...partition, fields: { status: "OK", committed_offset: 1 } }],
  ["a partition without a commit", { ...partition, fields: { burrow_status: "OK", owner: "/10.0.0.7" } }],
  ["a partition of a topic whose end is not known", { ...topic, fields: { start_offset: 1 } }],
  [
    "a topic of a group",
    { ...at, kind: "group_topic", dimensions: { cluster: "c", group: "g", topic: "t" }, fields: { lag: 1 } },
  ],
  [
    "an event",
    { ...at, kind: "event", dimensions: { cluster: "c", group: "g", event: "reset", id: "1" }, fields: { text: "x" } },
  ],
  ["a heartbeat", { ...at, kind: "self", dimensions: { instance: "i", sink: "" }, fields: { points_in: 1 } }],
];

for (const [what, point] of nothing) {
  test(`of ${what} Telegraf wrote nothing`, () => assert.equal(telegrafLineOf(point, LIKE_TELEGRAF), undefined));
}

test("a number that is not known is absent, and not 0", () => {
  const bare = { ...group, fields: { burrow_status: "OK" } } as Point;
  assert.deepEqual([...readLine(telegrafLineOf(bare, NO_HOST) ?? "").fields.keys()], ["status", "status_code"]);
});

const signs = fc.constantFrom(..."\\ ,=\"'%~_\n\r\t\0:\u007f\u0085\u2028\u2029\ud800\udfff🎉é", "_esc_:", "_none_");
const name = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(signs, { maxLength: 12 }).map((parts) => parts.join("")),
);
const integer = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER));
const made: fc.Arbitrary<PointOf<"partition">> = fc.record({
  kind: fc.constant("partition" as const),
  atMs: fc.integer({ min: 946_684_800_000, max: 4_102_444_799_999 }),
  dimensions: fc.record({ cluster: name, group: name, topic: name, partition: fc.nat() }),
  fields: fc.record(
    {
      burrow_status: fc.constant("STALL"),
      committed_offset: integer,
      lag: integer,
      owner: name,
      commit_age_seconds: fc.nat({ max: 1e9 }).map((ms) => ms / 1_000),
    },
    { requiredKeys: ["burrow_status", "committed_offset"] },
  ),
}) as fc.Arbitrary<PointOf<"partition">>;

test("names of any kind: both lines of a point stay two lines, and say what the point says", () => {
  fc.assert(
    fc.property(made, name, fc.constantFrom("tag", "field", "drop"), (point, host, owner) => {
      const { text } = linesOf([point], (one) => telegrafLineOf(one, { host, owner, rewindStatusCode: 7 }));
      const [native, beside, ...more] = splitLines(text);
      assert.deepEqual([native, more], [lineOf(point), []]);
      const { measurement, tags, fields, time } = readLine(beside ?? "");
      assert.deepEqual([measurement, time], ["burrow_partition", String(point.atMs)]);
      const { owner: owned, commit_age_seconds: age, lag, committed_offset: offset = Number.NaN } = point.fields;
      const hasOwner = owned !== undefined && owned !== "";
      const want = { ...point.dimensions, host, ...(hasOwner && owner === "tag" ? { owner: owned } : {}) };
      const wanted = Object.entries(want).map(([key, value]) => [key, storedName(String(value))]);
      assert.deepEqual(Object.fromEntries(tags), Object.fromEntries(wanted));
      assert.deepEqual([...tags.keys()], [...tags.keys()].toSorted());
      assert.deepEqual([...fields.keys()], [...fields.keys()].toSorted());
      assert.deepEqual(fields.get("offset"), { type: "integer", value: BigInt(offset) });
      assert.deepEqual(fields.get("lag"), lag === undefined ? undefined : { type: "integer", value: BigInt(lag) });
      const ownerId = hasOwner && owner === "field" ? { type: "string", value: storedName(owned) } : undefined;
      assert.deepEqual(fields.get("owner_id"), ownerId);
      const committedAtMs = age === undefined ? undefined : BigInt(point.atMs) - BigInt(Math.round(age * 1_000));
      assert.equal(fields.get("timestamp")?.value, committedAtMs);
    }),
    { numRuns: 3_000 },
  );
});

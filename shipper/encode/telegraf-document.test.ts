/** What Telegraf's Elasticsearch output made of its lines, from points with the same numbers, to the letter; and names of any kind. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Point, PointOf } from "../schema/point.ts";
import { storedName } from "./stored-name.ts";
import type { TelegrafDocumentOptions } from "./telegraf-document.ts";
import { telegrafBulkLinesOf } from "./telegraf-document.ts";

const AT_MS = 1_515_609_490_000;
const LIKE_TELEGRAF: TelegrafDocumentOptions = {
  prefix: "telegraf-tidemark",
  host: "tg1",
  owner: "tag",
  rewindStatusCode: 7,
};

const partition: PointOf<"partition"> = {
  kind: "partition",
  atMs: AT_MS,
  dimensions: { cluster: "prod", group: "billing", topic: "orders", partition: 0 },
  fields: {
    status: "OK",
    burrow_status: "WARN",
    lag: 120,
    committed_offset: 431_323_195,
    end_offset: 431_323_315,
    commit_age_seconds: -0.008,
    owner: "/10.0.0.7",
  },
};

const linesOf = (point: Point, options = LIKE_TELEGRAF) => (telegrafBulkLinesOf(point, options) ?? "").split("\n");

test("a partition is the document that Telegraf wrote, in an index of its day and ours", () => {
  const [action = "", document] = linesOf(partition);
  assert.equal(
    document,
    '{"@timestamp":"2018-01-10T18:38:10Z","measurement_name":"burrow_partition","tag":{"cluster":"prod","group":"billing","host":"tg1","owner":"/10.0.0.7","partition":"0","topic":"orders"},"burrow_partition":{"lag":120,"offset":431323195,"status":"WARN","status_code":3,"timestamp":1515609490008}}',
  );
  assert.match(action, /^\{"create":\{"_index":"telegraf-tidemark-2018\.01\.10","_id":"[^"]+"\}\}$/);
});

test("a group and a topic, without a host", () => {
  const group = {
    ...partition,
    kind: "group",
    dimensions: { cluster: "prod", group: "billing" },
    fields: { burrow_status: "ERR", lag: 210, lag_max: 120, committed_offset: 7, partitions: 3 },
  } as Point;
  const topic = {
    ...partition,
    kind: "topic",
    dimensions: { cluster: "prod", topic: "orders", partition: 5 },
    fields: { end_offset: 459_178_195 },
  } as Point;
  const noHost = { ...LIKE_TELEGRAF, host: undefined };
  assert.deepEqual(
    [group, topic].map((point) => JSON.parse(linesOf(point, noHost)[1] ?? "")),
    [
      {
        "@timestamp": "2018-01-10T18:38:10Z",
        measurement_name: "burrow_group",
        tag: { cluster: "prod", group: "billing" },
        burrow_group: { lag: 120, offset: 7, partition_count: 3, status: "ERR", status_code: 4, total_lag: 210 },
      },
      {
        "@timestamp": "2018-01-10T18:38:10Z",
        measurement_name: "burrow_topic",
        tag: { cluster: "prod", partition: "5", topic: "orders" },
        burrow_topic: { offset: 459_178_195 },
      },
    ],
  );
});

test("host, owner and verdict are no part of the identity; time and dimensions are", () => {
  const id = (point: Point, options = LIKE_TELEGRAF) => JSON.parse(linesOf(point, options)[0] ?? "").create._id;
  const own = id(partition);
  const rewound = { ...partition, fields: { ...partition.fields, burrow_status: "REWIND", owner: "/10.0.0.8" } };
  assert.equal(id(rewound as Point, { ...LIKE_TELEGRAF, host: "tg2" }), own);
  const others = [
    { ...partition, atMs: AT_MS + 1 },
    { ...partition, dimensions: { ...partition.dimensions, partition: 1 } },
  ];
  for (const other of others) assert.notEqual(id(other), own);
});

test("of what Burrow does not know there is no document", () => {
  assert.equal(telegrafBulkLinesOf({ ...partition, fields: { status: "OK", lag: 1 } }, LIKE_TELEGRAF), undefined);
});

const name = fc.string({ unit: "binary", maxLength: 40 });

test("names of any kind: two lines of JSON, which say the name as our own points do", () => {
  fc.assert(
    fc.property(name, name, fc.constantFrom("tag", "field", "drop"), (group, owned, owner) => {
      const { dimensions, fields } = partition;
      const point = { ...partition, dimensions: { ...dimensions, group }, fields: { ...fields, owner: owned } };
      const lines = linesOf(point, { ...LIKE_TELEGRAF, owner });
      assert.equal(lines.length, 2);
      const { tag, burrow_partition: values } = JSON.parse(lines[1] ?? "");
      const stored = owned === "" ? undefined : storedName(owned);
      assert.equal(tag.group, storedName(group));
      assert.equal(tag.owner, owner === "tag" ? stored : undefined);
      assert.equal(values.owner_id, owner === "field" ? stored : undefined);
    }),
    { numRuns: 1_000 },
  );
});

/**
 * Requests against the bytes that kafkajs 2.2.4 encodes for the versions it speaks, and against the schemas of apache/kafka for
 * the others.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { consumerGroupDescribeApi } from "./consumer-group-describe.ts";
import { describeConfigsApi } from "./describe-configs.ts";
import { describeGroupsApi } from "./describe-groups.ts";
import { describeShareGroupOffsetsApi } from "./describe-share-group-offsets.ts";
import { errorName } from "./errors.ts";
import { fetchApi } from "./fetch.ts";
import { listGroupsApi } from "./list-groups.ts";
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, listOffsetsApi } from "./list-offsets.ts";
import { metadataApi } from "./metadata.ts";
import { offsetFetchApi } from "./offset-fetch.ts";
import { shareGroupDescribeApi } from "./share-group-describe.ts";
import { streamsGroupDescribeApi } from "./streams-group-describe.ts";

const asked = { timestampMs: LATEST_TIMESTAMP, topics: [{ topic: "a", partitions: [0, 7] }] };
const fetch = {
  waitMsMax: 500,
  responseBytesMin: 1,
  responseBytesMax: 1000,
  topics: [{ topic: "a", partitions: [{ partition: 3, position: 5_000_000_000, partitionBytesMax: 99 }] }],
};

const requests: readonly { readonly name: string; readonly got: Buffer; readonly want: string }[] = [
  {
    name: "ListOffsets v1",
    got: listOffsetsApi.encode(1, asked),
    want: "ffffffff 00000001 000161 00000002 00000000 ffffffffffffffff 00000007 ffffffffffffffff",
  },
  {
    name: "ListOffsets v3",
    got: listOffsetsApi.encode(3, asked),
    want: "ffffffff 00 00000001 000161 00000002 00000000 ffffffffffffffff 00000007 ffffffffffffffff",
  },
  {
    name: "ListOffsets v3 for the last stable offset",
    got: listOffsetsApi.encode(3, { ...asked, isolation: "read_committed" }),
    want: "ffffffff 01 00000001 000161 00000002 00000000 ffffffffffffffff 00000007 ffffffffffffffff",
  },
  {
    name: "ListOffsets v4 for a time of each partition",
    got: listOffsetsApi.encode(4, { ...asked, timestampsMs: Float64Array.of(1, 256) }),
    want: "ffffffff 00 00000001 000161 00000002 00000000 ffffffff 0000000000000001 00000007 ffffffff 0000000000000100",
  },
  {
    name: "ListOffsets v5 for the start",
    got: listOffsetsApi.encode(5, {
      timestampMs: EARLIEST_TIMESTAMP,
      topics: [{ topic: "a", partitions: Int32Array.of(9) }],
    }),
    want: "ffffffff 00 00000001 000161 00000001 00000009 ffffffff fffffffffffffffe",
  },
  {
    name: "Fetch v4",
    got: fetchApi.encode(4, fetch),
    want: "ffffffff 000001f4 00000001 000003e8 00 00000001 000161 00000001 00000003 000000012a05f200 00000063",
  },
  {
    name: "Fetch v7",
    got: fetchApi.encode(7, fetch),
    want: "ffffffff 000001f4 00000001 000003e8 00 00000000 ffffffff 00000001 000161 00000001 00000003 000000012a05f200 ffffffffffffffff 00000063 00000000",
  },
  {
    name: "Fetch v11",
    got: fetchApi.encode(11, fetch),
    want: "ffffffff 000001f4 00000001 000003e8 00 00000000 ffffffff 00000001 000161 00000001 00000003 ffffffff 000000012a05f200 ffffffffffffffff 00000063 00000000 0000",
  },
  { name: "Metadata v4", got: metadataApi.encode(4, { topics: ["a"] }), want: "00000001 000161 00" },
  { name: "Metadata v8", got: metadataApi.encode(8, { topics: undefined }), want: "ffffffff 00 00 00" },
  {
    name: "Metadata v12",
    got: metadataApi.encode(12, { topics: ["a"] }),
    want: `00 02 ${"00".repeat(16)} 0261 00 00 00 00`,
  },
  { name: "Metadata v12 of all", got: metadataApi.encode(12, { topics: undefined }), want: "00 00 00 00 00" },
  { name: "OffsetFetch v5", got: offsetFetchApi.encode(5, { groups: ["g"] }), want: "000167 ffffffff" },
  { name: "OffsetFetch v7", got: offsetFetchApi.encode(7, { groups: ["g"] }), want: "00 0267 00 00 00" },
  {
    name: "OffsetFetch v8",
    got: offsetFetchApi.encode(8, { groups: ["g", "h"] }),
    want: "00 03 0267 00 00 0268 00 00 00 00",
  },
  { name: "ListGroups v2", got: listGroupsApi.encode(2, {}), want: "" },
  { name: "ListGroups v5", got: listGroupsApi.encode(5, {}), want: "00 01 01 00" },
  {
    name: "DescribeGroups v2",
    got: describeGroupsApi.encode(2, { groups: ["g", "h"] }),
    want: "00000002 000167 000168",
  },
  { name: "DescribeGroups v5", got: describeGroupsApi.encode(5, { groups: ["g"] }), want: "00 02 0267 00 00" },
  {
    name: "ConsumerGroupDescribe v0",
    got: consumerGroupDescribeApi.encode(0, { groups: ["g"] }),
    want: "00 02 0267 00 00",
  },
  { name: "ShareGroupDescribe v1", got: shareGroupDescribeApi.encode(1, { groups: ["g"] }), want: "00 02 0267 00 00" },
  {
    name: "DescribeShareGroupOffsets v1",
    got: describeShareGroupOffsetsApi.encode(1, { groups: ["g", "h"] }),
    want: "00 03 0267 00 00 0268 00 00 00",
  },
  {
    name: "StreamsGroupDescribe v0",
    got: streamsGroupDescribeApi.encode(0, { groups: ["g"] }),
    want: "00 02 0267 00 00",
  },
  {
    name: "DescribeConfigs v1",
    got: describeConfigsApi.encode(1, { topics: ["t", "u"], keys: ["a"] }),
    want: "00000002 02 000174 00000001 000161 02 000175 00000001 000161 00",
  },
  {
    name: "DescribeConfigs v4",
    got: describeConfigsApi.encode(4, { topics: ["t"], keys: ["a", "b"] }),
    want: "00 02 02 0274 03 0261 0262 00 00 00 00",
  },
];

for (const { name, got, want } of requests) {
  test(`${name} is encoded as Kafka wants it`, () => assert.equal(got.toString("hex"), want.replaceAll(" ", "")));
}

test("OffsetFetch below version 8 asks for exactly one group", () => {
  assert.throws(() => offsetFetchApi.encode(7, { groups: ["g", "h"] }), RangeError);
  assert.throws(() => offsetFetchApi.encode(7, { groups: [] }), RangeError);
});

test("an error code we know has a name, another its number", () => {
  assert.equal(errorName(6), "NOT_LEADER_OR_FOLLOWER");
  assert.equal(errorName(0), "NONE");
  assert.equal(errorName(4711), "error 4711");
});

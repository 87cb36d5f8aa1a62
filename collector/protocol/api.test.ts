/**
 * Requests against the bytes that kafkajs 2.2.4 encodes for the versions it speaks, and against the schemas of apache/kafka for
 * the others; responses in every version, written here after the same schemas.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Api } from "./api.ts";
import { consumerGroupDescribeApi } from "./consumer-group-describe.ts";
import { describeGroupsApi } from "./describe-groups.ts";
import { errorName } from "./errors.ts";
import { fetchApi } from "./fetch.ts";
import { listGroupsApi } from "./list-groups.ts";
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, listOffsetsApi } from "./list-offsets.ts";
import { metadataApi } from "./metadata.ts";
import { offsetFetchApi } from "./offset-fetch.ts";
import {
  createWriter,
  type Writer,
  writeArray,
  writeBytes,
  writeInt8,
  writeInt16,
  writeInt32,
  writeInt64,
  writeRaw,
  writeTags,
  writeText,
  writeUvarint,
  written,
} from "./writer.ts";

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
];

for (const { name, got, want } of requests) {
  test(`${name} is encoded as Kafka wants it`, () => assert.equal(got.toString("hex"), want.replaceAll(" ", "")));
}

test("OffsetFetch below version 8 asks for exactly one group", () => {
  assert.throws(() => offsetFetchApi.encode(7, { groups: ["g", "h"] }), RangeError);
  assert.throws(() => offsetFetchApi.encode(7, { groups: [] }), RangeError);
});

/** Writes a response in every version the api speaks, and checks what is read against `want`. */
function eachVersion<Request, Response>(
  api: Api<Request, Response>,
  flexibleSince: number,
  write: (writer: Writer, version: number) => void,
  want: (version: number) => unknown,
): void {
  for (let version = api.versions.min; version <= api.versions.max; version++) {
    test(`${api.name} v${version} is read, and not read when cut off`, () => {
      const writer = createWriter(version >= flexibleSince);
      if (version >= flexibleSince) writeRaw(writer, Buffer.from("0105020000", "hex")); // a header with a tag in it
      write(writer, version);
      const bytes = written(writer);
      const got = api.decode(version, bytes);
      assert.ok(got.kind === "decoded", got.kind === "malformed" ? got.error.message : "");
      assert.deepEqual(got.value, want(version));
      assert.equal(api.decode(version, bytes.subarray(0, bytes.length - 3)).kind, "malformed");
    });
  }
}

/** Tags that we do not know, to be passed over. */
function writeTagsUnknown(writer: Writer): void {
  if (writer.flexible) writeRaw(writer, Buffer.from("01090101", "hex"));
}

eachVersion(
  metadataApi,
  9,
  (writer, version) => {
    writeInt32(writer, 12);
    writeArray(writer, ["h1", "h2"], (to, host) => {
      writeInt32(to, host === "h1" ? 1 : 2);
      writeText(to, host);
      writeInt32(to, 9092);
      writeText(to, undefined);
      writeTagsUnknown(to);
    });
    writeText(writer, "cluster");
    writeInt32(writer, 1);
    writeArray(writer, ["a", "gone"], (to, topic) => {
      writeInt16(to, topic === "a" ? 0 : 3);
      writeText(to, topic);
      if (version >= 10) writeRaw(to, topic === "a" ? Buffer.alloc(16, 0xab) : Buffer.alloc(16));
      writeInt8(to, 0);
      writeArray(to, topic === "a" ? [0, 1] : [], (into, partition) => {
        writeInt16(into, partition === 0 ? 0 : 5);
        writeInt32(into, partition);
        writeInt32(into, partition === 0 ? 2 : -1);
        if (version >= 7) writeInt32(into, 4);
        writeArray(into, [1, 2], writeInt32);
        writeArray(into, [2], writeInt32);
        if (version >= 5) writeArray(into, [1], writeInt32);
        writeTagsUnknown(into);
      });
      if (version >= 8) writeInt32(to, -(2 ** 31));
      writeTagsUnknown(to);
    });
    if (version >= 8 && version <= 10) writeInt32(writer, -(2 ** 31));
    writeTags(writer);
  },
  (version) => ({
    throttleMs: 12,
    brokers: [
      { nodeId: 1, host: "h1", port: 9092 },
      { nodeId: 2, host: "h2", port: 9092 },
    ],
    clusterId: "cluster",
    topics: [
      {
        topic: "a",
        topicId: version >= 10 ? "abababab-abab-abab-abab-abababababab" : undefined,
        error: 0,
        internal: false,
        partitions: [
          { partition: 0, error: 0, leaderNodeId: 2 },
          { partition: 1, error: 5, leaderNodeId: undefined },
        ],
      },
      { topic: "gone", topicId: undefined, error: 3, internal: false, partitions: [] },
    ],
  }),
);

eachVersion(
  listOffsetsApi,
  99,
  (writer, version) => {
    if (version >= 2) writeInt32(writer, 3);
    writeArray(writer, ["a", "b"], (to, topic) => {
      writeText(to, topic);
      writeArray(to, topic === "a" ? [0, 1] : [5], (into, partition) => {
        writeInt32(into, partition);
        writeInt16(into, partition === 1 ? 6 : 0);
        writeInt64(into, -1);
        if (partition === 5) writeRaw(into, Buffer.from("0020000000000001", "hex"));
        else writeInt64(into, partition === 1 ? -1 : 5_000_000_000);
        if (version >= 4) writeInt32(into, 8);
      });
    });
  },
  (version) => ({
    throttleMs: version >= 2 ? 3 : 0,
    topics: ["a", "b"],
    topicIndex: Int32Array.of(0, 0, 1),
    partitions: Int32Array.of(0, 1, 5),
    errors: Int16Array.of(0, 6, 0),
    offsets: Float64Array.of(5_000_000_000, -1, Number.NaN),
  }),
);

eachVersion(
  fetchApi,
  99,
  (writer, version) => {
    writeInt32(writer, 0);
    if (version >= 7) {
      writeInt16(writer, 0);
      writeInt32(writer, 0);
    }
    writeArray(writer, ["a"], (to, topic) => {
      writeText(to, topic);
      writeArray(to, [0, 1], (into, partition) => {
        writeInt32(into, partition);
        writeInt16(into, partition === 1 ? 1 : 0);
        writeInt64(into, 100);
        writeInt64(into, 90);
        if (version >= 5) writeInt64(into, 10);
        writeArray(into, partition === 0 ? [7] : [], (one, producerId) => {
          writeInt64(one, producerId);
          writeInt64(one, 95);
        });
        if (version >= 11) writeInt32(into, -1);
        writeBytes(into, partition === 0 ? Buffer.from("records") : undefined);
      });
    });
  },
  (version) => ({
    throttleMs: 0,
    error: 0,
    partitions: [0, 1].map((partition) => ({
      topic: "a",
      partition,
      error: partition,
      highWatermark: 100,
      lastStableOffset: 90,
      logStartOffset: version >= 5 ? 10 : undefined,
      records: Buffer.from(partition === 0 ? "records" : ""),
    })),
  }),
);

eachVersion(
  offsetFetchApi,
  6,
  (writer, version) => {
    if (version >= 3) writeInt32(writer, 1);
    if (version >= 8) {
      writeUvarint(writer, 2);
      writeText(writer, "g");
    }
    writeArray(writer, ["a"], (to, topic) => {
      writeText(to, topic);
      writeArray(to, [4], (into, partition) => {
        writeInt32(into, partition);
        writeInt64(into, 77);
        if (version >= 5) writeInt32(into, 2);
        writeText(into, version % 2 === 0 ? "words" : undefined);
        writeInt16(into, 0);
        writeTagsUnknown(into);
      });
      writeTagsUnknown(to);
    });
    writeInt16(writer, 16);
    if (version >= 8) writeTagsUnknown(writer);
    writeTags(writer);
  },
  (version) => ({
    throttleMs: version >= 3 ? 1 : 0,
    groups: [
      {
        group: version >= 8 ? "g" : undefined,
        error: 16,
        offsets: [{ topic: "a", partition: 4, committedOffset: 77, error: 0 }],
      },
    ],
  }),
);

eachVersion(
  listGroupsApi,
  3,
  (writer, version) => {
    if (version >= 1) writeInt32(writer, 1);
    writeInt16(writer, 0);
    writeArray(writer, ["g", "zahlungen größe 💶/%"], (to, group) => {
      writeText(to, group);
      writeText(to, "consumer");
      if (version >= 4) writeText(to, "Stable");
      if (version >= 5) writeText(to, "classic");
      writeTagsUnknown(to);
    });
    writeTags(writer);
  },
  (version) => ({
    throttleMs: version >= 1 ? 1 : 0,
    error: 0,
    groups: ["g", "zahlungen größe 💶/%"].map((group) => ({
      group,
      protocolType: "consumer",
      state: version >= 4 ? "Stable" : undefined,
      type: version >= 5 ? "classic" : undefined,
    })),
  }),
);

eachVersion(
  describeGroupsApi,
  5,
  (writer, version) => {
    if (version >= 1) writeInt32(writer, 1);
    writeArray(writer, ["g"], (to, group) => {
      writeInt16(to, 0);
      for (const text of [group, "Stable", "consumer", "range"]) writeText(to, text);
      writeArray(to, ["m"], (into, memberId) => {
        writeText(into, memberId);
        if (version >= 4) writeText(into, undefined);
        writeText(into, "client");
        writeText(into, "/10.0.0.1");
        writeBytes(into, Buffer.from("sub"));
        writeBytes(into, Buffer.from("assigned"));
        writeTagsUnknown(into);
      });
      if (version >= 3) writeInt32(to, -1);
      writeTagsUnknown(to);
    });
    writeTags(writer);
  },
  (version) => ({
    throttleMs: version >= 1 ? 1 : 0,
    groups: [
      {
        group: "g",
        error: 0,
        state: "Stable",
        protocolType: "consumer",
        members: [
          {
            memberId: "m",
            clientId: "client",
            clientHost: "/10.0.0.1",
            subscription: Buffer.from("sub"),
            assignment: Buffer.from("assigned"),
          },
        ],
      },
    ],
  }),
);

eachVersion(
  consumerGroupDescribeApi,
  0,
  (writer, version) => {
    writeInt32(writer, 0);
    writeArray(writer, ["g848"], (to, group) => {
      writeInt16(to, 0);
      for (const text of [undefined, group, "Reconciling"]) writeText(to, text);
      writeInt32(to, 7);
      writeInt32(to, 8);
      writeText(to, "uniform");
      writeArray(to, ["m"], (into, memberId) => {
        for (const text of [memberId, undefined, "rack"]) writeText(into, text);
        writeInt32(into, 6);
        for (const text of ["client", "/10.0.0.9"]) writeText(into, text);
        writeArray(into, ["orders"], writeText);
        writeText(into, undefined);
        for (const partitions of [[0], [0, 1]]) {
          writeArray(into, ["orders"], (one, topic) => {
            writeRaw(one, Buffer.alloc(16, 0xcd));
            writeText(one, topic);
            writeArray(one, partitions, writeInt32);
            writeTagsUnknown(one);
          });
          writeTagsUnknown(into);
        }
        if (version >= 1) writeInt8(into, 1);
        writeTagsUnknown(into);
      });
      writeInt32(to, -1);
      writeTagsUnknown(to);
    });
    writeTags(writer);
  },
  () => {
    const topicId = "cdcdcdcd-cdcd-cdcd-cdcd-cdcdcdcdcdcd";
    const member = { memberId: "m", memberEpoch: 6, clientId: "client", clientHost: "/10.0.0.9" };
    const assignment = [{ topicId, topic: "orders", partitions: [0] }];
    const targetAssignment = [{ topicId, topic: "orders", partitions: [0, 1] }];
    const members = [{ ...member, assignment, targetAssignment }];
    return {
      throttleMs: 0,
      groups: [{ group: "g848", error: 0, state: "Reconciling", epoch: 7, assignmentEpoch: 8, members }],
    };
  },
);

test("an error code we know has a name, another its number", () => {
  assert.equal(errorName(6), "NOT_LEADER_OR_FOLLOWER");
  assert.equal(errorName(0), "NONE");
  assert.equal(errorName(4711), "error 4711");
});

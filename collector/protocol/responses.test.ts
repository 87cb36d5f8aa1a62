/**
 * Responses in every version, written here after the schemas of apache/kafka.
 */

import { describeConfigsApi } from "./describe-configs.ts";
import { fetchApi } from "./fetch.ts";
import { listOffsetsApi } from "./list-offsets.ts";
import { metadataApi } from "./metadata.ts";
import { eachVersion, writeTagsUnknown } from "./responses.fixture.ts";
import {
  writeArray,
  writeBytes,
  writeInt8,
  writeInt16,
  writeInt32,
  writeInt64,
  writeRaw,
  writeTags,
  writeText,
} from "./writer.ts";

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
          { partition: 0, error: 0, leaderNodeId: 2, replicas: 2, inSync: 1, preferredNodeId: 1 },
          { partition: 1, error: 5, leaderNodeId: undefined, replicas: 2, inSync: 1, preferredNodeId: 1 },
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
        writeInt64(into, partition === 1 ? -1 : 1_700_000_000_000);
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
    timestampsMs: Float64Array.of(1_700_000_000_000, -1, 1_700_000_000_000),
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
  describeConfigsApi,
  4,
  (writer, version) => {
    writeInt32(writer, 3);
    writeArray(writer, ["orders", "hidden"], (to, topic) => {
      writeInt16(to, topic === "orders" ? 0 : 29);
      writeText(to, topic === "orders" ? undefined : "not for you");
      writeInt8(to, 2);
      writeText(to, topic);
      writeArray(to, topic === "orders" ? ["retention.ms", "secret"] : [], (into, key) => {
        writeText(into, key);
        writeText(into, key === "secret" ? undefined : "60000");
        for (const flag of [0, 5, 0]) writeInt8(into, flag);
        writeArray(into, ["log.retention.ms"], (one, name) => {
          writeText(one, name);
          writeText(one, undefined);
          writeInt8(one, 4);
          writeTagsUnknown(one);
        });
        if (version >= 3) {
          writeInt8(into, 5);
          writeText(into, "In words.");
        }
        writeTagsUnknown(into);
      });
      writeTagsUnknown(to);
    });
    writeTags(writer);
  },
  () => ({
    throttleMs: 3,
    topics: [
      { topic: "orders", error: 0, configs: new Map([["retention.ms", "60000"]]) },
      { topic: "hidden", error: 29, configs: new Map() },
    ],
  }),
);

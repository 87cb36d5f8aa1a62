/**
 * Responses about groups in every version, written here after the schemas of apache/kafka.
 */

import { consumerGroupDescribeApi } from "./consumer-group-describe.ts";
import { describeGroupsApi } from "./describe-groups.ts";
import { listGroupsApi } from "./list-groups.ts";
import { offsetFetchApi } from "./offset-fetch.ts";
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
  writeUvarint,
} from "./writer.ts";

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

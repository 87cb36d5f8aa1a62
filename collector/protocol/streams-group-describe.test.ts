/** A streams group with all that its layout can hold, written after the schema of apache/kafka; golden.test.ts has a real, plain one. */

import { eachVersion, writeTagsUnknown } from "./responses.fixture.ts";
import { streamsGroupDescribeApi } from "./streams-group-describe.ts";
import {
  type Writer,
  writeArray,
  writeBoolean,
  writeInt8,
  writeInt16,
  writeInt32,
  writeInt64,
  writeTags,
  writeText,
} from "./writer.ts";

function writePair(writer: Writer, text: string): void {
  writeText(writer, text);
  writeText(writer, "value");
  writeTagsUnknown(writer);
}

function writeTopicInfo(writer: Writer, topic: string): void {
  writeText(writer, topic);
  writeInt32(writer, 4);
  writeInt16(writer, 3);
  writeArray(writer, ["cleanup.policy"], writePair);
  writeTagsUnknown(writer);
}

function writeTopology(writer: Writer): void {
  writeInt8(writer, 1);
  writeInt32(writer, 2);
  writeArray(writer, ["0"], (to, subtopologyId) => {
    writeText(to, subtopologyId);
    writeArray(to, ["orders", "app-by-user"], writeText);
    writeArray(to, ["app-sink"], writeText);
    writeArray(to, ["app-store-changelog"], writeTopicInfo);
    writeArray(to, ["app-by-user"], writeTopicInfo);
    writeTagsUnknown(to);
  });
  writeTagsUnknown(writer);
}

function writeMember(writer: Writer, memberId: string): void {
  writeText(writer, memberId);
  writeInt32(writer, 6);
  for (const text of ["instance", undefined, "client", "/10.0.0.9"]) writeText(writer, text);
  writeInt32(writer, 2);
  writeText(writer, "process");
  writeInt8(writer, 1);
  writeText(writer, "app-1.internal");
  writeInt16(writer, 8080);
  writeTagsUnknown(writer);
  writeArray(writer, ["zone"], writePair);
  for (const offset of [10, 12]) {
    writeArray(writer, [offset], (to, one) => {
      writeText(to, "0");
      writeInt32(to, 3);
      writeInt64(to, one);
      writeTagsUnknown(to);
    });
  }
  for (const partitions of [[3], [3, 4]]) {
    for (const numbers of [partitions, [7], [8]]) {
      writeArray(writer, [numbers], (to, some) => {
        writeText(to, "0");
        writeArray(to, some, writeInt32);
        writeTagsUnknown(to);
      });
    }
    writeTagsUnknown(writer);
  }
  writeBoolean(writer, false);
  writeTagsUnknown(writer);
}

eachVersion(
  streamsGroupDescribeApi,
  0,
  (writer) => {
    writeInt32(writer, 5);
    writeArray(writer, ["app"], (to, group) => {
      writeInt16(to, 0);
      for (const text of [undefined, group, "Stable"]) writeText(to, text);
      writeInt32(to, 7);
      writeInt32(to, 7);
      writeTopology(to);
      writeArray(to, ["m"], writeMember);
      writeInt32(to, -1);
      writeTagsUnknown(to);
    });
    writeTags(writer);
  },
  () => ({
    throttleMs: 5,
    groups: [
      {
        group: "app",
        error: 0,
        state: "Stable",
        epoch: 7,
        subtopologies: [{ subtopologyId: "0", topics: ["orders", "app-by-user"] }],
        members: [
          {
            memberId: "m",
            clientId: "client",
            clientHost: "/10.0.0.9",
            activeTasks: [{ subtopologyId: "0", partitions: [3] }],
          },
        ],
      },
    ],
  }),
);

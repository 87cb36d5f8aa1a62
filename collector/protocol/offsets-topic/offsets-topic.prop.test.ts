/** Keys and values of the offsets topic: decode(encode(x)) = x, and both ways of reading agree. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  encodeAssignment,
  encodeCommitKey,
  encodeCommitValue,
  encodeGroupKey,
  encodeGroupMetadata,
} from "../record-batch.fixture.ts";
import { type Commit, decodeCommitValue, readCommit } from "./commit-value.ts";
import { decodeAssignment } from "./consumer-protocol.ts";
import { decodeGroupMetadata } from "./group-metadata.ts";
import { decodeGroupState } from "./group-state.ts";
import { decodeKey, keyTypeName } from "./key.ts";

const name = fc.string({ unit: "grapheme", maxLength: 60 }).map((text) => Buffer.from(text).toString());
const int32 = fc.integer();

test("a commit's key is read as written, whatever the names are made of", () => {
  fc.assert(
    fc.property(name, name, int32, fc.constantFrom(0, 1), (group, topic, partition, type) => {
      const got = decodeKey(encodeCommitKey({ group, topic, partition }, type));
      assert.deepEqual(got, { kind: "decoded", value: { kind: "offset-commit", type, group, topic, partition } });
    }),
  );
});

test("a key with a byte too many or too few is malformed", () => {
  const key = encodeCommitKey({ group: "g", topic: "t", partition: 0 });
  assert.equal(decodeKey(Buffer.concat([key, Buffer.alloc(1)])).kind, "malformed");
  assert.equal(decodeKey(key.subarray(0, -1)).kind, "malformed");
});

test("a type of key that nobody knows is told by its number", () => {
  assert.deepEqual(decodeKey(encodeGroupKey(999, "g")), { kind: "decoded", value: { kind: "unknown", type: 999 } });
  assert.equal(keyTypeName(999), "type 999");
  assert.equal(keyTypeName(8), "ConsumerGroupCurrentMemberAssignment");
  assert.equal(decodeGroupState(999, Buffer.alloc(2)).kind, "malformed");
});

test("a commit is read as written in every version, the same in the fast way and in full", () => {
  const commits = fc.record({
    committedOffset: fc.maxSafeInteger(),
    committedAtMs: fc.maxSafeInteger(),
    leaderEpoch: int32,
    // Longer than one and two bytes of a varint length.
    metadata: fc.oneof(
      name,
      fc.integer({ min: 100, max: 30_000 }).map((length) => "m".repeat(length)),
    ),
  });
  fc.assert(
    fc.property(commits, fc.integer({ min: 0, max: 4 }), (written, version) => {
      const bytes = encodeCommitValue(written, version);
      const got = decodeCommitValue(bytes);
      assert.ok(got.kind === "decoded");
      assert.equal(got.value.committedOffset, written.committedOffset);
      assert.equal(got.value.committedAtMs, written.committedAtMs);
      assert.equal(got.value.metadata, written.metadata);
      assert.equal(got.value.leaderEpoch, version >= 3 ? written.leaderEpoch : undefined);
      const { committedOffset, committedAtMs } = written;
      assert.deepEqual(fast(bytes), { read: "commit", commit: { committedOffset, committedAtMs } });
    }),
  );
});

test("the fast way and the full way refuse the same bytes", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 40 }), fc.integer({ min: -1, max: 5 }), (tail, version) => {
      const bytes = Buffer.concat([Buffer.from([version < 0 ? 0xff : 0, version & 0xff]), tail]);
      const { read } = fast(bytes);
      const full = decodeCommitValue(bytes);
      // Only the tags are not looked at by the fast way.
      if (full.kind === "malformed" && /tags|bytes wanted|varint/.test(full.error.message) && version === 4) return;
      assert.equal(read === "commit" || read === "out-of-range", full.kind === "decoded");
    }),
    { numRuns: 2_000 },
  );
});

test("an offset or a time beyond 2^53-1 is refused", () => {
  const value = encodeCommitValue({ committedOffset: 5, committedAtMs: 6 });
  for (const at of [2, value.length - 8]) {
    const beyond = Buffer.from(value);
    beyond.writeBigInt64BE(2n ** 53n, at);
    assert.equal(fast(beyond).read, "out-of-range");
    beyond.writeBigInt64BE(2n ** 53n - 1n, at);
    assert.equal(fast(beyond).read, "commit");
  }
});

function fast(bytes: Buffer) {
  const commit: Commit = { committedOffset: 0, committedAtMs: 0 };
  // Inside a larger buffer, as records are: what lies around must not be read.
  const around = Buffer.concat([Buffer.alloc(3, 0xff), bytes, Buffer.alloc(3, 0xff)]);
  const view = new DataView(around.buffer, around.byteOffset, around.length);
  return { read: readCommit(view, 3, 3 + bytes.length, commit), commit };
}

test("classic group metadata is read as written in every version", () => {
  const members = fc.record({
    memberId: name,
    clientId: name,
    clientHost: name,
    groupInstanceId: fc.option(name, { nil: undefined }),
    assignment: fc.option(fc.uint8Array().map(Buffer.from), { nil: undefined }),
  });
  const groups = fc.record({ protocolType: name, generation: int32, members: fc.array(members, { maxLength: 5 }) });
  fc.assert(
    fc.property(groups, fc.integer({ min: 0, max: 4 }), (written, version) => {
      const got = decodeGroupMetadata(encodeGroupMetadata(written, version));
      assert.ok(got.kind === "decoded");
      assert.equal(got.value.protocolType, written.protocolType);
      assert.equal(got.value.generation, written.generation);
      const want = written.members.map(({ groupInstanceId, ...member }) => ({
        ...member,
        groupInstanceId: version >= 3 ? groupInstanceId : undefined,
        rebalanceTimeoutMs: version >= 1 ? 300_000 : undefined,
        sessionTimeoutMs: 45_000,
        subscription: undefined,
      }));
      assert.deepEqual(got.value.members, want);
    }),
  );
});

test("group metadata of a version of the future is malformed, not misread", () => {
  const value = encodeGroupMetadata({ protocolType: "consumer", generation: 1, members: [] });
  value.writeInt16BE(5, 0);
  assert.equal(decodeGroupMetadata(value).kind, "malformed");
});

test("an assignment is read as written, and nothing at all means nothing assigned", () => {
  const topics = fc.array(fc.record({ topic: name, partitions: fc.array(int32) }, { noNullPrototype: true }), {
    maxLength: 5,
  });
  fc.assert(
    fc.property(topics, (written) => {
      const got = decodeAssignment(encodeAssignment(written));
      assert.ok(got.kind === "decoded");
      assert.deepEqual(got.value.assignedPartitions, written);
    }),
  );
  const nothing = decodeAssignment(Buffer.alloc(0));
  assert.ok(nothing.kind === "decoded");
  assert.deepEqual(nothing.value.assignedPartitions, []);
});

/** Forms that changed under one version number: both are read. Topic id 11…, hash, tags. */
const uuid = "11".repeat(16);
const states = [
  {
    name: "group metadata with hash and creation time",
    type: 3,
    hex: "0000 00000007 02 0008 ffffffffffffffff 0108 0000018bcfe56800",
    want: { epoch: 7, metadataHash: -1n, createdAtMs: 1_700_000_000_000 },
  },
  {
    name: "share partitions with times",
    type: 15,
    hex: `0000 01 02 ${uuid} 0261 02 00000005 0000018bcfe56800 00 01 00`,
    want: { initializingTopics: [], deletingTopics: [] },
  },
  {
    name: "share partitions as of 4.1",
    type: 15,
    hex: `0000 02 ${uuid} 0261 02 00000005 00 02 ${uuid} 0262 00 00`,
    want: { initializedTopics: [{ topicId: "11111111-1111-1111-1111-111111111111", topicName: "a", partitions: [5] }] },
  },
  {
    name: "streams metadata",
    type: 17,
    hex: "0000 00000003 0000000000000063 00",
    want: { epoch: 3, metadataHash: 99n },
  },
  { name: "streams metadata as of 4.0", type: 17, hex: "0000 00000003 00", want: { epoch: 3 } },
  {
    name: "a streams member without endpoint",
    type: 19,
    hex: "0000 00 00 0263 0268 00000001 00000002 0270 ff 02 026b 0276 00 00",
    want: { topologyEpoch: 2, processId: "p", userEndpoint: undefined, clientTags: [{ key: "k", value: "v" }] },
  },
  {
    name: "a streams member with endpoint",
    type: 19,
    hex: "0000 00 00 0263 0268 00000001 00000002 0270 01 0268 ffff 00 01 00",
    want: { userEndpoint: { host: "h", port: 65_535 } },
  },
  {
    name: "a classic member of a consumer group",
    type: 5,
    hex: "0000 00 00 0263 0268 01 00 00000001 00 01 00 0c 01 00001388 02 0272 02ab 00 00",
    want: {
      classicMemberMetadata: {
        sessionTimeoutMs: 5_000,
        supportedProtocols: [{ name: "r", metadata: Buffer.from([0xab]) }],
      },
    },
  },
];

for (const { name: what, type, hex, want } of states) {
  test(`${what} is read`, () => {
    const got = decodeGroupState(type, Buffer.from(hex.replaceAll(" ", ""), "hex"));
    assert.ok(got.kind === "decoded", got.kind === "malformed" ? got.error.message : "");
    assert.partialDeepStrictEqual(got.value, want);
  });
}

/**
 * What a real broker answered, in every version of every request; the file says what was there to be answered.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Api } from "./api.ts";
import { consumerGroupDescribeApi } from "./consumer-group-describe.ts";
import { describeConfigsApi } from "./describe-configs.ts";
import { describeGroupsApi } from "./describe-groups.ts";
import { describeShareGroupOffsetsApi } from "./describe-share-group-offsets.ts";
import { fetchApi } from "./fetch.ts";
import { GOLDEN_RESPONSES } from "./golden.fixture.ts";
import { listGroupsApi } from "./list-groups.ts";
import { listOffsetsApi } from "./list-offsets.ts";
import { metadataApi } from "./metadata.ts";
import { offsetFetchApi } from "./offset-fetch.ts";
import { decodeAssignment } from "./offsets-topic/consumer-protocol.ts";
import { createBatchWalker, nextBatch, nextRecord, openBatches } from "./record-batch.ts";
import { shareGroupDescribeApi } from "./share-group-describe.ts";
import { streamsGroupDescribeApi } from "./streams-group-describe.ts";

function golden<Request, Response>(
  api: Api<Request, Response>,
  versions: readonly number[],
  check: (response: Response, version: number) => void,
): void {
  test(`${api.name} is there in versions ${versions.join(", ")}`, () => {
    const taken = GOLDEN_RESPONSES.filter((one) => one.api === api.name).map(({ version }) => version);
    assert.deepEqual(taken, versions);
  });
  for (const { version, bytes } of GOLDEN_RESPONSES.filter((one) => one.api === api.name)) {
    test(`${api.name} v${version} of a real broker is read`, () => {
      const got = api.decode(version, bytes);
      assert.ok(got.kind === "decoded", got.kind === "malformed" ? got.error.message : "");
      check(got.value, version);
    });
  }
}

golden(metadataApi, [4, 5, 6, 7, 8, 9, 10, 11, 12], ({ brokers, topics }, version) => {
  assert.deepEqual(
    brokers.map(({ nodeId, host }) => [nodeId, host]),
    [[1, "127.0.0.1"]],
  );
  const [orders, nope] = topics;
  const partitions = orders?.partitions.toSorted((a, b) => a.partition - b.partition);
  assert.deepEqual(
    partitions,
    [0, 1, 2].map((partition) => ({
      partition,
      error: 0,
      leaderNodeId: 1,
      replicas: 1,
      inSync: 1,
      preferredNodeId: 1,
    })),
  );
  assert.equal(orders?.topic, "orders");
  assert.equal(orders?.topicId !== undefined, version >= 10);
  assert.deepEqual(nope, { topic: "nope", topicId: undefined, error: 3, internal: false, partitions: [] });
});

golden(listOffsetsApi, [1, 2, 3, 4, 5], ({ topics, topicIndex, partitions, errors, offsets }) => {
  assert.deepEqual(topics, ["__consumer_offsets", "orders"]);
  const rows = Array.from(partitions, (partition, i) => [topics[topicIndex[i] ?? -1], partition, errors[i]]);
  assert.deepEqual(rows.toSorted(), [
    ["__consumer_offsets", 0, 0],
    ["__consumer_offsets", 1, 0],
    ["orders", 0, 0],
    ["orders", 9, 3],
  ]);
  const ends = Array.from(offsets).filter((_, i) => errors[i] === 0);
  assert.ok(ends.every((end) => end >= 0 && end < 100));
});

golden(listGroupsApi, [0, 1, 2, 3, 4, 5], ({ error, groups }, version) => {
  assert.equal(error, 0);
  const state = version >= 4 ? "Stable" : undefined;
  const type = (of: string) => (version >= 5 ? of : undefined);
  assert.deepEqual(
    groups.toSorted((a, b) => (a.group < b.group ? -1 : 1)),
    [
      { group: "g-848", protocolType: "consumer", state, type: type("consumer") },
      { group: "g-classic", protocolType: "consumer", state, type: type("classic") },
    ],
  );
});

golden(offsetFetchApi, [2, 3, 4, 5, 6, 7, 8], ({ groups }, version) => {
  const names = groups.map(({ group }) => group);
  assert.deepEqual(names, version >= 8 ? ["g-classic", "g-848", "none"] : [undefined]);
  const offsets = groups[0]?.offsets.toSorted((a, b) => a.partition - b.partition);
  assert.deepEqual(
    offsets,
    [0, 1, 2].map((partition) => ({ topic: "orders", partition, committedOffset: 0, error: 0 })),
  );
});

golden(describeGroupsApi, [0, 1, 2, 3, 4, 5], ({ groups }) => {
  const classic = groups.find(({ group }) => group === "g-classic");
  assert.equal(classic?.state, "Stable");
  const [member] = classic?.members ?? [];
  assert.equal(member?.clientHost, "/127.0.0.1");
  const assignment = decodeAssignment(member?.assignment ?? Buffer.alloc(0));
  assert.ok(assignment.kind === "decoded");
  assert.deepEqual(assignment.value.assignedPartitions, [{ topic: "orders", partitions: [0, 1, 2] }]);
  // A group of another protocol looks dead here, and is not.
  assert.equal(groups.find(({ group }) => group === "g-848")?.state, "Dead");
});

golden(consumerGroupDescribeApi, [0, 1], ({ groups }) => {
  const group = groups.find((one) => one.group === "g-848");
  const classic = groups.find((one) => one.group === "g-classic");
  assert.equal(group?.state, "Stable");
  assert.deepEqual(
    group?.members.map(({ clientHost, assignment }) => [clientHost, assignment[0]?.topic, assignment[0]?.partitions]),
    [["/127.0.0.1", "orders", [0, 1, 2]]],
  );
  assert.equal(classic?.error, 69);
});

golden(shareGroupDescribeApi, [1], ({ groups }) => {
  const byName = new Map(groups.map((one) => [one.group, one]));
  const { state, members } = byName.get("share-g") ?? {};
  assert.equal(state, "Stable");
  assert.deepEqual(
    members?.map(({ clientId, clientHost, assignment }) => [
      clientId,
      clientHost,
      assignment[0]?.topic,
      assignment[0]?.partitions,
    ]),
    [["console-share-consumer", "/127.0.0.1", "orders", [0, 1, 2]]],
  );
  assert.deepEqual([byName.get("none")?.error, byName.get("g-streams")?.error], [69, 69]);
});

golden(describeShareGroupOffsetsApi, [0, 1], ({ groups }, version) => {
  const [shared, none] = groups;
  const lag = (known: number) => (version >= 1 ? known : undefined);
  // All 10 and 60 records are read, and still both start at 0.
  assert.deepEqual(shared, {
    group: "share-g",
    error: 0,
    partitions: [
      { topic: "orders", partition: 0, startOffset: 0, lag: lag(0), error: 0 },
      { topic: "orders", partition: 1, startOffset: 0, lag: lag(0), error: 0 },
      { topic: "orders", partition: 2, startOffset: -1, lag: lag(-1), error: 0 },
    ],
  });
  assert.deepEqual(none, { group: "none", error: 0, partitions: [] });
});

golden(streamsGroupDescribeApi, [0], ({ groups }) => {
  const [streams, none, shared] = groups;
  assert.deepEqual([streams?.state, streams?.epoch], ["Stable", 2]);
  assert.deepEqual(streams?.subtopologies, [{ subtopologyId: "0", topics: ["orders"] }]);
  assert.deepEqual(
    streams?.members.map(({ memberId, activeTasks }) => [memberId, activeTasks]),
    [["streams-member-1", [{ subtopologyId: "0", partitions: [0, 1, 2] }]]],
  );
  assert.deepEqual([none?.error, shared?.error], [69, 69]);
});

golden(fetchApi, [4, 11], ({ partitions }) => {
  const walker = createBatchWalker();
  let records = 0;
  for (const { error, partition, records: batches, highWatermark } of partitions) {
    assert.equal(error, partition === 7 ? 3 : 0);
    let end = 0;
    openBatches(walker, batches);
    for (let step = nextBatch(walker); step !== "end"; step = nextBatch(walker)) {
      assert.equal(step, "batch");
      end = walker.nextOffset;
      while (nextRecord(walker) === "record") records++;
    }
    assert.equal(end, Math.max(0, Number(highWatermark)));
  }
  assert.ok(records > 20);
});

golden(describeConfigsApi, [1, 2, 3, 4], ({ topics }) => {
  const [orders, prices, nope] = topics;
  assert.deepEqual([orders?.topic, orders?.error], ["orders", 0]);
  assert.deepEqual(Object.fromEntries(orders?.configs ?? []), {
    "cleanup.policy": "delete",
    "retention.ms": "3600000",
    "retention.bytes": "104857600",
    "segment.bytes": "1048576",
  });
  assert.deepEqual(
    ["cleanup.policy", "retention.ms", "segment.bytes"].map((key) => prices?.configs.get(key)),
    ["compact,delete", "-1", "1073741824"],
  );
  assert.deepEqual(nope, { topic: "nope", error: 3, configs: new Map() });
});

/**
 * What a simulated cluster writes, read by the product: for any script of commits, transactions, members, deletions and cleaning,
 * offsets and members and generations come out as the cluster itself sees them, whether they were read as they came or all at the
 * end. The two share no line of code.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { createIngest, type Ingest } from "../../collector/ingest/ingest.ts";
import type { OffsetsLog } from "../../collector/ingest/offsets-log.ts";
import type { MemberDescription, Observation, Observer } from "../../collector/model/observation.ts";
import { decodeGroupState } from "../../collector/protocol/offsets-topic/group-state.ts";
import { decodeKey } from "../../collector/protocol/offsets-topic/key.ts";
import { createBatchWalker, nextBatch, nextRecord, openBatches } from "../../collector/protocol/record-batch.ts";
import { type BrokerVersion, type Cluster, type MemberSpec, OFFSETS_TOPIC } from "../../simulator/cluster/cluster.ts";
import { bytesMax, GROUPS, LOG_PARTITIONS, runScript, script, TOPICS, version } from "./script.fixture.ts";

interface Reading {
  readonly ingest: Ingest;
  readonly logs: readonly OffsetsLog[];
  readonly positions: number[];
  /** By name: what counts, and its order. */
  readonly committed: Map<string, { readonly committedOffset: number; readonly order: number }>;
  readonly groups: Map<string, Extract<Observation, { kind: "members" }>>;
}

const nameOf = (of: string, at: string, number: number) => JSON.stringify([of, at, number]);

function openReading(): Reading {
  const names: string[] = [];
  const committed: Reading["committed"] = new Map();
  const groups: Reading["groups"] = new Map();
  const observer: Observer = {
    handlesEpoch: 0,
    handleOf(of, at, number) {
      const name = nameOf(of, at, number);
      if (!names.includes(name)) names.push(name);
      return names.indexOf(name);
    },
    findHandle(of, at, number) {
      const handle = names.indexOf(nameOf(of, at, number));
      return handle < 0 ? undefined : handle;
    },
    commit(handle, offset, _atMs, order) {
      const name = names[handle] ?? "";
      if (order > (committed.get(name)?.order ?? -1)) committed.set(name, { committedOffset: offset, order });
    },
    observe(observation) {
      if (observation.kind === "offset-tombstone") committed.delete(names[observation.handle] ?? "");
      if (observation.kind === "group-tombstone") groups.delete(observation.group);
      if (observation.kind === "members") groups.set(observation.group, observation);
    },
  };
  const ingest = createIngest({ observer });
  const logs = Array.from({ length: LOG_PARTITIONS }, (_, of) => ingest.openLog(of));
  return { ingest, logs, positions: logs.map(() => 0), committed, groups };
}

function readOn(cluster: Cluster, reading: Reading, bytesMax: number): void {
  for (const [of, log] of reading.logs.entries()) {
    for (
      let slice = sliceAt(cluster, reading, { of, bytesMax });
      slice.length > 0;
      slice = sliceAt(cluster, reading, { of, bytesMax })
    ) {
      const position = reading.positions[of] ?? 0;
      const next = log.apply(slice, position);
      assert.ok(next > position, "the reader does not get on");
      reading.positions[of] = next;
    }
    assert.equal(reading.positions[of], cluster.partition(OFFSETS_TOPIC, of)?.endOffset);
  }
}

function sliceAt(
  cluster: Cluster,
  reading: Reading,
  { of, bytesMax }: { readonly of: number; readonly bytesMax: number },
): Buffer {
  const slice = cluster.readLog(of, reading.positions[of] ?? 0, bytesMax);
  assert.ok(slice !== "out-of-range");
  return Buffer.from(slice.bytes);
}

function assertSame(cluster: Cluster, reading: Reading): void {
  const want = GROUPS.flatMap((of) =>
    cluster.committedOffsets(of).map((one) => [nameOf(of, one.topic, one.partition), one.committedOffset] as const),
  );
  const got = [...reading.committed].map(([name, one]) => [name, one.committedOffset] as const);
  assert.deepEqual(new Map(got), new Map(want));
  for (const of of GROUPS) {
    const view = cluster.group(of);
    const hasRecord = view?.type === "classic" && view.generation > 0;
    const read = reading.groups.get(of);
    const plain = read && {
      state: read.state,
      generation: read.generation,
      protocolType: read.protocolType,
      members: read.members,
    };
    const { state, generation, protocolType } = view ?? {};
    const members = view?.members.map(withoutInstance);
    assert.deepEqual(plain, hasRecord ? { state, generation, protocolType, members } : undefined, `group ${of}`);
  }
  const { counts } = reading.ingest;
  const faults = Object.entries(counts).filter(
    ([name, count]) => count > 0 && /batch_|malformed|unknown|stuck|unreadable/.test(name),
  );
  assert.deepEqual(faults, []);
}

function withoutInstance({ memberId, clientId, clientHost, partitions }: MemberSpec): MemberDescription {
  return { memberId, clientId, clientHost, partitions };
}

test("C8: offsets, members and generations are read as the cluster sees them, at any time and in any pieces: what is deleted is gone, and compaction brings nothing back", () => {
  const segmentBytes = fc.constantFrom(600, 1_000_000);
  fc.assert(
    fc.property(script, version, bytesMax, segmentBytes, (steps, of, pieces, segments) => {
      const following = openReading();
      const cluster = runScript(steps, { version: of, segmentBytes: segments }, (now) => {
        readOn(now, following, pieces);
        assertSame(now, following);
      });
      const fresh = openReading();
      readOn(cluster, fresh, pieces);
      assertSame(cluster, fresh);
      const isWaiting = fresh.logs.some((log) => log.pendingCommits > 0);
      assert.equal(isWaiting, hasPending(cluster), "commits that wait for a marker");
    }),
    { numRuns: 300 },
  );
});

function hasPending(cluster: Cluster): boolean {
  const places = GROUPS.flatMap((of) => TOPICS.flatMap((at) => [0, 1, 2].map((number) => [of, at, number] as const)));
  return places.some(([of, at, number]) => cluster.hasPendingOffset(of, at, number));
}

/** By group: what the records of KIP-848 say, tombstones applied. */
function readConsumerGroups(cluster: Cluster): ReadonlyMap<string, ReadonlyMap<string, object>> {
  const state = new Map<string, Map<string, object>>();
  const reading = openReading();
  for (let of = 0; of < LOG_PARTITIONS; of++) {
    for (
      let slice = sliceAt(cluster, reading, { of, bytesMax: 1 });
      slice.length > 0;
      slice = sliceAt(cluster, reading, { of, bytesMax: 1 })
    ) {
      const walker = createBatchWalker();
      openBatches(walker, slice);
      assert.equal(nextBatch(walker), "batch");
      reading.positions[of] = walker.nextOffset;
      for (let record = nextRecord(walker); record === "record" && !walker.control; record = nextRecord(walker)) {
        const key = decodeKey(walker.bytes, { start: walker.keyStart, end: walker.keyEnd });
        if (key.kind === "malformed" || key.value.kind !== "group-state") continue;
        const own = state.get(key.value.group) ?? new Map<string, object>();
        state.set(key.value.group, own);
        const place = `${key.value.type} ${key.value.memberId ?? ""}`.trim();
        if (!walker.hasValue) own.delete(place);
        else {
          const value = decodeGroupState(key.value.type, walker.bytes.subarray(walker.valueStart, walker.valueEnd));
          assert.ok(value.kind === "decoded");
          own.set(place, value.value);
        }
      }
    }
  }
  return state;
}

/** The same, from what the cluster says. */
function wantedConsumerGroup(cluster: Cluster, of: string): readonly (readonly [string, object])[] {
  const view = cluster.group(of);
  if (view?.type !== "consumer") return [];
  const ids = (at: string) => uuidText(cluster.topic(at)?.id ?? new Uint8Array());
  return view.members.flatMap((one) => [
    [`5 ${one.memberId}`, { clientId: one.clientId, clientHost: one.clientHost, instanceId: one.instanceId }] as const,
    [
      `8 ${one.memberId}`,
      {
        memberEpoch: view.generation,
        state: 0,
        assignedPartitions: one.partitions.map(({ topic: at, partitions }) => ({ topicId: ids(at), partitions })),
      },
    ] as const,
  ]);
}

function uuidText(id: Uint8Array): string {
  return Buffer.from(id)
    .toString("hex")
    .replace(/^(.{8})(.{4})(.{4})(.{4})/, "$1-$2-$3-$4-");
}

test("the records of a consumer group say its epoch, its members and what they own", () => {
  const recordless = script.map((steps) => steps.filter(({ kind }) => kind !== "recreate"));
  fc.assert(
    fc.property(recordless, fc.constantFrom<BrokerVersion>("3.9", "4.1"), (steps, of) => {
      const cluster = runScript(steps, { version: of, segmentBytes: 1_000_000 }, () => undefined);
      const read = readConsumerGroups(cluster);
      for (const name of GROUPS) {
        const view = cluster.group(name);
        const own = read.get(name) ?? new Map<string, object>();
        const isConsumer = view?.type === "consumer";
        assert.equal(own.size > 0, isConsumer, name);
        if (!isConsumer) continue;
        assert.partialDeepStrictEqual(own.get("3"), { epoch: view.generation });
        const wanted = wantedConsumerGroup(cluster, name);
        for (const [place, value] of wanted) assert.partialDeepStrictEqual(own.get(place), value);
        const places = [...own.keys()].filter((place) => /^[58] /.test(place));
        assert.deepEqual(places.sort(), wanted.map(([place]) => place).sort());
      }
    }),
    { numRuns: 300 },
  );
});

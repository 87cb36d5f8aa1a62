/** What may be wrong with the records of the offsets topic. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import fc from "fast-check";
import { progressOf, setTopics, watchedCluster } from "../../collector/http/watched.fixture.ts";
import { createIngest } from "../../collector/ingest/ingest.ts";
import { assertConserved, bench, commit, end, open, plain } from "../../collector/ingest/offsets-log.fixture.ts";
import { groupEvaluationAt } from "../../collector/model/snapshot.ts";
import {
  encodeBatch,
  encodeCommitKey,
  encodeCommitValue,
  encodeGroupKey,
  encodeGroupMetadata,
  type RecordFixture,
} from "../../collector/protocol/record-batch.fixture.ts";

interface Vectors {
  readonly records: readonly { readonly keyHex: string; readonly valueHex: string | null }[];
}

const file = new URL("../cases/consumer-offsets-vectors.json", import.meta.url);
const vectors: Vectors = JSON.parse(readFileSync(file, "utf8"));
const corpus: readonly RecordFixture[] = vectors.records.map(({ keyHex, valueHex }) => ({
  key: Buffer.from(keyHex, "hex"),
  value: valueHex === null ? undefined : Buffer.from(valueHex, "hex"),
}));

/** Every way to be cut off, in key and in value. */
function cutOff({ key, value }: RecordFixture): readonly RecordFixture[] {
  const cuts = (bytes: Buffer | undefined): readonly Buffer[] =>
    Array.from({ length: bytes?.length ?? 0 }, (_, length) => (bytes ?? Buffer.alloc(0)).subarray(0, length));
  return [...cuts(key).map((cut) => ({ key: cut, value })), ...cuts(value).map((cut) => ({ key, value: cut }))];
}

/** Bytes at every place where a length might be: negative, and as long as the type allows. */
function falseLengths({ key, value }: RecordFixture): readonly RecordFixture[] {
  return ["fffe", "8000", "7fff", "7fffffff", "80000000", "ffffffff0f"].flatMap((hex) => {
    const length = Buffer.from(hex, "hex");
    return Array.from({ length: (value?.length ?? 0) - length.length - 1 }, (_, at) => {
      const copy = Buffer.from(value ?? Buffer.alloc(0));
      length.copy(copy, at + 2);
      return { key, value: copy };
    });
  });
}

test("C9: records that are cut off, of false lengths or of unknown versions are stepped over and counted by reason, and the next one is read", () => {
  const key = encodeCommitKey({ group: "g", topic: "t", partition: 1 });
  const versions = [-1, 5, 9, 0x7fff].map((version) => {
    const value = Buffer.alloc(40);
    value.writeInt16BE(version, 0);
    return { key, value };
  });
  const types = Array.from({ length: 120 }, (_, type) => ({
    key: encodeGroupKey(type, "g", "m"),
    value: Buffer.alloc(9),
  }));
  const whole = [...corpus, ...corpus.flatMap(cutOff), ...corpus.flatMap(falseLengths), ...versions, ...types];
  assert.ok(whole.length > 3_000);
  const one = bench();
  let order = 0;
  for (const record of whole) {
    const next = one.log.apply(plain(order, record, commit(0, order)), order);
    assert.equal(next, order + 2);
    assert.equal(one.lines.at(-1), `${order + 1}: g t/0 = ${order} at +${order} in 26`);
    order = next;
  }
  assertConserved(one);
  const { malformed_key, malformed_value, unknown_value_version, unknown_type, offset_out_of_range } =
    one.ingest.counts;
  const counted = { malformed_key, malformed_value, unknown_value_version, unknown_type, offset_out_of_range };
  for (const [reason, count] of Object.entries(counted)) assert.ok(count > 0, reason);
});

/** Burrow 1.9.5 allocates by the first, and reads compact lengths as one byte in the second (core/internal/consumer/kafka_client.go). */
test("a string of length -2 is refused, and compact strings of 128 bytes and more are read", () => {
  const { log, lines, ingest, observations } = bench();
  const negative = encodeGroupMetadata({ protocolType: "consumer", generation: 1, members: [] }, 3);
  negative.writeInt16BE(-2, 2);
  const long = "x".repeat(300);
  const member = { memberId: long, clientId: long, clientHost: long };
  const compact = encodeGroupMetadata({ protocolType: "consumer", generation: 7, members: [member] }, 4);
  const words = encodeCommitValue({ committedOffset: 5, committedAtMs: 1_700_000_000_005, metadata: long }, 4);
  const group = encodeGroupKey(2, "g");
  const at = encodeCommitKey({ group: "g", topic: "t", partition: 0 });
  log.apply(plain(0, { key: group, value: negative }, { key: group, value: compact }, { key: at, value: words }), 0);
  assert.equal(ingest.counts.malformed_value, 1);
  const told = observations.find(({ kind }) => kind === "members");
  assert.partialDeepStrictEqual(told, {
    generation: 7,
    members: [{ memberId: long, clientId: long, clientHost: long }],
  });
  assert.deepEqual(lines, ["2: g t/0 = 5 at +5 in 26"]);
});

test("C10: in every compression, what was committed in a transaction counts from its end, what was aborted never, and a batch whose CRC is wrong is counted", () => {
  for (const codec of [0, 1, 2, 3, 4] as const) {
    const one = bench();
    const { log, lines, ingest } = one;
    const packed = encodeBatch({ baseOffset: 0, codec, records: [commit(0, 5), commit(1, 6)] });
    const damaged = Buffer.from(encodeBatch({ baseOffset: 2, codec, records: [commit(0, 7)] }));
    damaged[damaged.length - 1] = (damaged[damaged.length - 1] ?? 0) ^ 0x10;
    const held = encodeBatch({ baseOffset: 3, codec, records: [commit(2, 8)], producerId: 1n, transactional: true });
    const batches = [packed, damaged, held, open(4, 2n, commit(3, 9)), end(5, 1n, "COMMIT"), end(6, 2n, "ABORT")];
    assert.equal(log.apply(Buffer.concat(batches), 0), 7);
    assert.deepEqual(lines, [
      "0: g t/0 = 5 at +5 in 26",
      "1: g t/1 = 6 at +6 in 26",
      "3: g t/2 = 8 at +8 in 26, decided at 5",
    ]);
    const { batch_crc, markers, transaction_committed, transaction_aborted } = ingest.counts;
    assert.deepEqual([batch_crc, markers, transaction_committed, transaction_aborted], [1, 2, 1, 1], `codec ${codec}`);
    assertConserved(one);
  }
});

const int64 = fc.oneof(
  fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
  fc.bigInt({ min: -3n, max: 3n }).chain((near) => fc.constantFrom(2n ** 53n + near, -(2n ** 53n) + near, near)),
);

test("C15: an offset of any 64 bits is exact, or refused, counted and flagged on its partition; never rounded", () => {
  fc.assert(
    fc.property(int64, fc.constantFrom(0, 1, 2, 3, 4), (offset, version) => {
      const { state, view } = watchedCluster("c");
      setTopics(state, { t: [100] });
      state.observe(progressOf(true));
      const ingest = createIngest({ observer: state });
      const value = encodeCommitValue({ committedOffset: 0, committedAtMs: 1_795_188_990_000 }, version);
      value.writeBigInt64BE(offset, 2);
      const key = encodeCommitKey({ group: "g", topic: "t", partition: 0 });
      ingest.openLog(0).apply(plain(0, { ...commit(0, 7), key }, { key, value }), 0);
      const [row] = groupEvaluationAt(view.snapshot(), 0)?.partitions ?? [];
      const isExact = BigInt.asIntN(64, offset) >= -(2n ** 53n) + 1n && offset <= 2n ** 53n - 1n;
      assert.equal(ingest.counts.offset_out_of_range, isExact ? 0 : 1);
      if (!isExact) {
        assert.deepEqual([row?.status, row?.reason, row?.committed_offset], ["stale", "offset_unreadable", 7]);
        return;
      }
      // A negative one says nothing of what was read.
      assert.equal(row?.committed_offset, offset < 0n ? undefined : Number(offset));
      assert.notEqual(row?.reason, "offset_unreadable");
    }),
    { numRuns: 2_000 },
  );
});

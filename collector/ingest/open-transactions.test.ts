/** What a log says of transactions that are open: once for a read, and no longer when they have ended. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeBatch, encodeCommitKey, encodeCommitValue, encodeMarker } from "../protocol/record-batch.fixture.ts";
import { AT_MS, bench } from "./offsets-log.fixture.ts";

const commitOf = (baseOffset: number, producerId: bigint, atMs: number): Buffer =>
  encodeBatch({
    baseOffset,
    producerId,
    transactional: true,
    records: [
      {
        key: encodeCommitKey({ group: "g", topic: "t", partition: 0 }),
        value: encodeCommitValue({ committedOffset: 5, committedAtMs: atMs }),
      },
    ],
  });

test("an open transaction is told with its start, and that it has ended", () => {
  const { log, observations } = bench();
  const open = () =>
    observations.filter((one) => one.kind === "open-transactions").map((one) => [...one.sinceMs.values()]);
  log.apply(Buffer.concat([commitOf(0, 7n, AT_MS + 5), commitOf(1, 8n, AT_MS)]), 0);
  assert.deepEqual(open(), [[AT_MS]]);
  log.apply(encodeMarker(2, 8n, "ABORT"), 2);
  assert.deepEqual(open(), [[AT_MS], [AT_MS + 5]]);
  log.apply(encodeMarker(3, 7n, "COMMIT"), 3);
  assert.deepEqual(open(), [[AT_MS], [AT_MS + 5], []]);
});

test("one that opens and ends within a read is told as none", () => {
  const { log, observations } = bench();
  log.apply(Buffer.concat([commitOf(0, 7n, AT_MS), encodeMarker(1, 7n, "COMMIT")]), 0);
  const open = observations.flatMap((one) => (one.kind === "open-transactions" ? [one.sinceMs.size] : []));
  assert.deepEqual(open, [0]);
});

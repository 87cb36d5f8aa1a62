/**
 * # Benchmark: record batches to commits
 *
 * One core, 20,000 keys of 500 groups; the observer adds up. Prints the median of the runs.
 */

import type { Observer } from "../model/observation.ts";
import { encodeBatch, encodeCommitKey, encodeCommitValue } from "../protocol/record-batch.fixture.ts";
import { createIngest } from "./ingest.ts";

const KEYS = 20_000;
const COMMITS = 400_000;
const RESPONSE_BYTES = 1_048_576;
const RUNS = 9;

interface Row {
  readonly "records a batch": number;
  readonly "commits/s": string;
  readonly "MB/s": string;
  readonly "index bytes a key": string;
}

console.table([40, 10, 2, 1].map(measure));

function measure(recordsPerBatch: number): Row {
  const responses = responsesOf(recordsPerBatch);
  const bytes = responses.reduce((sum, { records }) => sum + records.length, 0);
  const { observer, seen } = countingObserver();
  const ingest = createIngest({ observer });
  const seconds: number[] = [];
  for (let run = 0; run <= RUNS; run++) {
    const log = ingest.openLog(0);
    const startNs = process.hrtime.bigint();
    for (const { records, position } of responses) log.apply(records, position);
    // The first run fills the index and warms the code.
    if (run > 0) seconds.push(Number(process.hrtime.bigint() - startNs) / 1e9);
  }
  if (seen() !== COMMITS * (RUNS + 1)) throw new Error(`${seen()} commits seen`);
  const median = seconds.sort((a, b) => a - b)[RUNS >> 1] ?? Number.NaN;
  return {
    "records a batch": recordsPerBatch,
    "commits/s": `${(COMMITS / median / 1e6).toFixed(2)} M`,
    "MB/s": (bytes / median / 1e6).toFixed(0),
    "index bytes a key": (ingest.keyIndex.bytes / ingest.keyIndex.keys).toFixed(0),
  };
}

/** Batches as fetch responses carry them, 1 MiB each. */
function responsesOf(recordsPerBatch: number): readonly { records: Buffer; position: number }[] {
  const keys = Array.from({ length: KEYS }, (_, i) => {
    const group = Math.floor(i / 40);
    return encodeCommitKey({
      group: `payments-service-${group}`,
      topic: `orders-topic-${group % 25}`,
      partition: i % 40,
    });
  });
  const responses: { records: Buffer; position: number }[] = [];
  let batches: Buffer[] = [];
  let position = 0;
  for (let at = 0; at < COMMITS; at += recordsPerBatch) {
    const records = Array.from({ length: recordsPerBatch }, (_, i) => ({
      key: keys[((at + i) * 7919) % KEYS],
      value: encodeCommitValue({ committedOffset: 123_456_789 + at, committedAtMs: 1_700_000_000_000 + at }),
    }));
    batches.push(encodeBatch({ baseOffset: at, records }));
    if (batches.length * (recordsPerBatch * 90 + 70) > RESPONSE_BYTES || at + recordsPerBatch >= COMMITS) {
      responses.push({ records: Buffer.concat(batches), position });
      position = at + recordsPerBatch;
      batches = [];
    }
  }
  return responses;
}

function countingObserver(): { readonly observer: Observer; readonly seen: () => number } {
  const offsets: number[] = [];
  const handles = new Map<string, number>();
  let commits = 0;
  const observer: Observer = {
    handlesEpoch: 0,
    handleOf(group, topic, partition) {
      const name = `${group}/${topic}/${partition}`;
      const handle = handles.get(name) ?? handles.size;
      handles.set(name, handle);
      return handle;
    },
    findHandle: (group, topic, partition) => handles.get(`${group}/${topic}/${partition}`),
    commit(handle, committedOffset) {
      offsets[handle] = committedOffset;
      commits++;
    },
    observe() {},
  };
  return { observer, seen: () => commits };
}

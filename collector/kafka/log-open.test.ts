/** Where a partition of the offsets topic is read from, at a first start and after another run. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { spanOf } from "./log-open.ts";

const LOG = { start: 100, end: 1_000, found: 800, saved: undefined };
const SAVED = { logPartition: 0, from: 0, position: 900, resume: 900 };

const rows: readonly (readonly [name: string, log: Partial<Parameters<typeof spanOf>[0]>, want: readonly number[]])[] =
  [
    ["the replay's span, then what is older", {}, [800, 100, 800]],
    ["a log that is younger than the span", { found: 100 }, [100, 100, 100]],
    ["a log without a record in the span", { found: -1 }, [1_000, 100, 1_000]],
    ["where the log begins after the record that was found", { start: 850 }, [850, 850, 850]],
    ["on from where the other run ended", { saved: SAVED }, [900, 100, 100]],
    ["with an open transaction, on from its first commit", { saved: { ...SAVED, resume: 850 } }, [850, 100, 100]],
    ["and what the other run had not read of the past", { saved: { ...SAVED, from: 500 } }, [900, 100, 500]],
    [
      "one that ended before the span: what lies between is read afterwards",
      { saved: { ...SAVED, position: 700, resume: 700 } },
      [800, 700, 800],
    ],
    [
      "the same, where it had not read all: everything older is",
      { saved: { ...SAVED, position: 700, resume: 700, from: 500 } },
      [800, 100, 800],
    ],
    ["one that ended where the log now begins later", { start: 950, saved: SAVED }, [950, 950, 950]],
  ];

for (const [name, log, want] of rows) {
  test(`a log is read: ${name}`, () => {
    const { replayStart, olderStart, olderEnd } = spanOf({ ...LOG, ...log });
    assert.deepEqual([replayStart, olderStart, olderEnd], want);
  });
}

test("what lies between the other run's end and the replay is owed, whatever the configuration says", () => {
  assert.equal(spanOf(LOG).isOwed, false);
  assert.equal(spanOf({ ...LOG, saved: SAVED }).isOwed, false);
  assert.equal(spanOf({ ...LOG, saved: { ...SAVED, position: 700, resume: 700 } }).isOwed, true);
});

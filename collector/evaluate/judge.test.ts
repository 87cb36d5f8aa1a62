/** Ticks: what the strict verdicts of the last one mean, before there is one and after. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { BURROW_STORE_DEFAULTS } from "../window/burrow-store.ts";
import { gridTimeMs } from "./judge.ts";
import { AT, commit, groupOf, LOG, NOW_MS, offsets, watched } from "./snapshot.fixture.ts";

test("before the replay ends neither verdict is shown, whatever ticks have said", () => {
  const one = watched({ replayed: false, backfilled: false });
  offsets(one, "end", { values: [100] });
  commit(one, 0, { offset: 100, order: 1, ageMs: 0 });
  one.verdicts.judge(AT, NOW_MS);
  const { status, burrow_status, partitions } = groupOf(one);
  assert.deepEqual([status, burrow_status, partitions[0]?.burrow_status], ["warming", undefined, undefined]);
});

test("a window since the last tick is not STOP before a tick has judged it", () => {
  const one = watched();
  offsets(one, "end", { values: [100] });
  one.verdicts.judge(AT, NOW_MS);
  commit(one, 0, { offset: 90, order: 1, ageMs: 0 });
  assert.equal(groupOf(one).partitions[0]?.status, "warming");
  one.verdicts.judge(AT + 10_000, NOW_MS);
  assert.notEqual(groupOf(one).partitions[0]?.status, "warming");
});

test("a group that the strict rules do not know is NOTFOUND only when all of the log is read", () => {
  for (const backfilled of [false, true]) {
    const one = watched({ backfilled });
    offsets(one, "end", { values: [5] });
    one.state.observe({
      kind: "baseline",
      group: "g",
      logPartition: LOG,
      offsets: [{ topic: "t", partition: 0, committedOffset: 5 }],
    });
    one.verdicts.judge(AT, NOW_MS);
    const { status, burrow_status } = groupOf(one);
    assert.deepEqual([status, burrow_status], ["OK", backfilled ? "NOTFOUND" : undefined]);
  }
});

test("an expired group is NOTFOUND by the strict rules and keeps its offsets", () => {
  const one = watched();
  offsets(one, "end", { values: [100] });
  commit(one, 0, { offset: 90, order: 1, ageMs: 0 });
  one.verdicts.judge(AT, NOW_MS);
  assert.equal(one.verdicts.groupStatus("g"), "ERR");
  const laterMs = NOW_MS + BURROW_STORE_DEFAULTS.expireGroupMs + 1_000;
  one.verdicts.judge(laterMs, laterMs);
  assert.equal(one.verdicts.groupStatus("g"), "NOTFOUND");
  const { burrow_status, lag, partitions } = groupOf(one, laterMs);
  assert.deepEqual([burrow_status, lag, partitions[0]?.burrow_status], ["NOTFOUND", 10, undefined]);
});

test("a tick is a change, stamped with its grid time", () => {
  const one = watched();
  const before = one.state.changes();
  one.verdicts.judge(AT, NOW_MS);
  assert.deepEqual([one.verdicts.at(), one.state.changes()], [AT, before + 1]);
  assert.deepEqual([gridTimeMs(29_999, 10_000), gridTimeMs(30_000, 10_000)], [20_000, 30_000]);
});

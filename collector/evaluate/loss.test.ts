/** When the oldest unread record may be deleted: each limit alone, together, and where nothing can be said. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { TopicConfig } from "../model/observation.ts";
import { commit, groupOf, NOW_MS, offsets, type Watched, watched } from "./snapshot.fixture.ts";

const MINUTE_MS = 60_000;
const BEGAN_MS = NOW_MS - 30 * MINUTE_MS;
const DELETED: Omit<TopicConfig, "topic"> = {
  deletes: true,
  retentionMs: undefined,
  retentionBytes: undefined,
  segmentBytes: undefined,
};

/** Ten records a second for half an hour; the group has read the first 6,000, which came in ten minutes. */
function behind(
  config: Partial<TopicConfig> | undefined,
  { starts = () => 0 }: { starts?: (minute: number) => number } = {},
) {
  const one = watched();
  if (config !== undefined)
    one.state.observe({ kind: "topic-configs", topics: [{ topic: "t", ...DELETED, ...config }] });
  commit(one, 0, { offset: 6_000, order: 1, ageMs: 30 * MINUTE_MS });
  for (let minute = 0; minute < 30; minute += 1) {
    for (let s = 0; s < 60; s += 10) {
      const atMs = BEGAN_MS + minute * MINUTE_MS + s * 1_000;
      offsets(one, "end", { values: [minute * 600 + s * 10], atMs });
    }
    offsets(one, "start", { values: [starts(minute)], atMs: BEGAN_MS + minute * MINUTE_MS + 50_000 });
  }
  // As of now.
  offsets(one, "end", { values: [18_000], atMs: NOW_MS });
  return one;
}

function lossOf(one: Watched, nowMs = NOW_MS): number | undefined {
  one.verdicts.judge(NOW_MS, NOW_MS);
  const group = groupOf(one, nowMs);
  assert.equal(group.loss_seconds, group.partitions[0]?.loss_seconds, "one partition is the least of one");
  return group.loss_seconds;
}

/** The record is 20 minutes old; looked for only now, its bracket is a sixth of that at most. */
function assertNotAfter(seconds: number | undefined, mostSeconds: number): void {
  assert.ok(seconds !== undefined && seconds <= mostSeconds && seconds >= mostSeconds - 200, String(seconds));
}

test("by time: the limit less what the record is old at most", () => {
  const one = behind({ retentionMs: 60 * MINUTE_MS });
  const seconds = lossOf(one) ?? Number.NaN;
  assertNotAfter(seconds, 40 * 60);
  assert.equal(lossOf(one, NOW_MS + 10_000), seconds - 10, "it passes with the clock");
  assert.equal(lossOf(behind({ retentionMs: 15 * MINUTE_MS })), 0, "any moment");
});

/** From minute 20 on the log holds some 12,000 records, in steps of 600. */
const holding = (minute: number): number => Math.max(0, minute * 600 - 12_000);

test("by size: when the end is as far away as others were when they went", () => {
  const seconds = lossOf(behind({ retentionBytes: 100_000, segmentBytes: 1_000 }, { starts: holding })) ?? Number.NaN;
  assert.equal(seconds, 0, "12,000 records lie behind it, and a few less stay");
  const far = (minute: number): number => (minute < 28 ? 0 : 1_000);
  const left = lossOf(behind({ retentionBytes: 100_000, segmentBytes: 1_000 }, { starts: far })) ?? Number.NaN;
  // At least 16,700 - 1,000 stayed, of which a hundredth may be too many: 3,544 more, at ten a second.
  assert.ok(left > 330 && left < 360, String(left));
});

test("by both: the earlier; nothing where one of them is not known", () => {
  const both = { retentionMs: 60 * MINUTE_MS, retentionBytes: 100_000, segmentBytes: 1_000 };
  assert.equal(lossOf(behind(both, { starts: holding })), 0);
  assert.equal(lossOf(behind({ ...both, retentionMs: 15 * MINUTE_MS })), undefined, "no log start has moved");
  assert.equal(lossOf(behind({ retentionBytes: 100_000 })), undefined);
});

test("nothing is said without limits, of a compacted topic, and where the configuration is not known", () => {
  assert.equal(lossOf(behind({})), undefined);
  assert.equal(lossOf(behind({}, { starts: holding })), undefined, "who deletes by request does so behind the readers");
  assert.equal(lossOf(behind({ retentionMs: 1, deletes: false })), undefined);
  assert.equal(lossOf(behind(undefined)), undefined);
});

test("records that go by request, again and again, are expected to", () => {
  const by = { retentionMs: 600 * MINUTE_MS };
  assertNotAfter(lossOf(behind(by)), 580 * 60);
  // Once says nothing.
  assertNotAfter(lossOf(behind(by, { starts: (minute) => (minute < 29 ? 0 : 600) })), 580 * 60);
  assert.equal(lossOf(behind(by, { starts: holding })), 0);
});

test("0 where records are lost and some are left, whatever is configured; nothing where all is read", () => {
  assert.equal(lossOf(behind(undefined, { starts: (minute) => minute * 300 })), 0);
  const read = behind({ retentionMs: 15 * MINUTE_MS });
  commit(read, 0, { offset: 18_000, order: 2, ageMs: 0 });
  assert.equal(lossOf(read), undefined);
});

test("a group has the least of its partitions; one of which nothing is known hides no other", () => {
  const one = behind({ retentionMs: 60 * MINUTE_MS });
  commit(one, 1, { offset: 0, order: 2, ageMs: 0 });
  offsets(one, "end", { values: [18_000, 7], atMs: NOW_MS });
  one.verdicts.judge(NOW_MS, NOW_MS);
  const group = groupOf(one);
  const [first, second] = group.partitions;
  assertNotAfter(first?.loss_seconds, 40 * 60);
  assert.equal(second?.loss_seconds, undefined);
  assert.equal(group.loss_seconds, first?.loss_seconds);
});

test("a topic that is made again has another configuration", () => {
  const one = behind({ retentionMs: 60 * MINUTE_MS });
  one.state.observe({ kind: "topics", topics: [{ topic: "t", topicId: "other", partitions: 3 }] });
  offsets(one, "end", { values: [18_000], atMs: NOW_MS });
  assert.equal(lossOf(one), undefined);
});

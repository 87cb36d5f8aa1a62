/** How many records stay, learnt from moves of the log start, and moves that no limit explains. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogStarts, forgetStart, isDeletedOtherwise, learnStart, recordsKept } from "./log-starts.ts";
import { addSample, createSamples, watch } from "./samples.ts";

const NOW_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;
const ID = 3;

/** Ten records a second; the log start is asked for once a minute, and is what each entry says. */
function seen(
  startOffsets: readonly number[],
  more: { retentionMs?: number; retentionBytes?: number; endOffset?: number } = {},
) {
  const { retentionMs = Number.NaN, retentionBytes = 1_000, endOffset = 0 } = more;
  const [samples, starts] = [createSamples(), createLogStarts()];
  watch(samples, ID);
  let before = Number.NaN;
  let end = endOffset;
  let atMs = NOW_MS;
  for (const startOffset of startOffsets) {
    for (let s = 0; s < 60; s += 2) addSample(samples, ID, end + s * 10, atMs + s * 1_000, atMs + s * 1_000);
    end += 600;
    atMs += MINUTE_MS;
    const asked = { endOffset: end - 20, askedAtMs: atMs, answeredAtMs: atMs, retentionMs, retentionBytes };
    learnStart(starts, { id: ID, samples, before, startOffset, ...asked });
    before = startOffset;
  }
  return { starts, nowMs: atMs, end };
}

const UNLIMITED = { limitBytes: Number.POSITIVE_INFINITY, segmentBytes: 1 };
const LIMITED = { limitBytes: 900, segmentBytes: 300 };

test("before a log start has moved nothing is known", () => {
  for (const starts of [[], [0], [0, 0, 0], [5_000]])
    assert.equal(recordsKept(seen(starts).starts, ID, UNLIMITED), Number.NaN);
});

test("a move keeps what was there when the log start was last seen at the old place", () => {
  // The end was 580 at the first question, 1,180 at the second.
  assert.equal(recordsKept(seen([0, 100]).starts, ID, UNLIMITED), 480);
  assert.equal(recordsKept(seen([0, 0, 100]).starts, ID, UNLIMITED), 1_080);
  assert.equal(recordsKept(seen([0, 5_000]).starts, ID, UNLIMITED), 0, "more went than was known of");
});

test("of what a limit in bytes keeps, up to a segment may be too much", () => {
  assert.equal(recordsKept(seen([0, 100]).starts, ID, LIMITED), 480 * (900 / 1_200));
});

test("what was there at the broker's look before the move is enough, where we had seen it", () => {
  // Watched for eleven minutes before: five minutes before the last question before the move the end was 3,000.
  const starts = [...new Array<number>(11).fill(0), 1_000];
  const { kept, enough } = seen(starts).starts;
  assert.equal(kept.get(ID), 6_580 - 1_000);
  assert.ok(enough.get(ID) <= 3_600 - 1_000 && enough.get(ID) >= 3_000 - 1_000, String(enough.get(ID)));
});

test("less counts at once, more by and by", () => {
  const less = seen([0, 100, 1_100]).starts;
  assert.equal(recordsKept(less, ID, UNLIMITED), 80);
  const more = seen([0, 500, 600]).starts;
  assert.equal(recordsKept(more, ID, UNLIMITED), 80 + (580 - 80) / 4);
});

test("a log start that goes back is that of another log", () => {
  assert.equal(recordsKept(seen([0, 100, 50]).starts, ID, UNLIMITED), Number.NaN);
});

test("a partition that is not watched teaches nothing, and a forgotten one has taught nothing", () => {
  const [samples, starts] = [createSamples(), createLogStarts()];
  const asked = { endOffset: 9, askedAtMs: NOW_MS, answeredAtMs: NOW_MS, retentionMs: 1, retentionBytes: 1 };
  learnStart(starts, { id: ID, samples, before: 0, startOffset: 4, ...asked });
  assert.equal(starts.askedAtMs.chunks.length, 0);
  const known = seen([0, 100, 200], { retentionMs: 60 * MINUTE_MS }).starts;
  forgetStart(known, ID);
  assert.equal(recordsKept(known, ID, UNLIMITED), Number.NaN);
  assert.equal(isDeletedOtherwise(known, ID, NOW_MS), false);
});

const otherwise: readonly (readonly [name: string, starts: readonly number[], retentionMs: number, want: boolean])[] = [
  ["twice, long before their time", [0, 0, 600, 1_200], 60 * MINUTE_MS, true],
  ["once", [0, 0, 600], 60 * MINUTE_MS, false],
  ["when they are due", [0, 0, 0, 100, 600], MINUTE_MS, false],
  ["where time sets no limit", [0, 0, 600, 1_200], Number.POSITIVE_INFINITY, false],
  ["where the limit is not known", [0, 0, 600, 1_200], Number.NaN, false],
];
for (const [name, starts, retentionMs, want] of otherwise)
  test(`records deleted ${name}: ${want ? "" : "not "}otherwise than by the limits`, () => {
    const one = seen(starts, { retentionMs });
    assert.equal(isDeletedOtherwise(one.starts, ID, one.nowMs), want);
    assert.equal(isDeletedOtherwise(one.starts, ID, one.nowMs + 121 * MINUTE_MS), false, "and it is forgotten");
  });

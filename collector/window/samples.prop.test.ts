/**
 * Samples of high watermarks against all that was ever seen: a bracket always holds the truth, and thinning widens it only as
 * far as is promised.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Bracket } from "./samples.ts";
import { addSample, BRACKETED, createSamples, findReadable, NOT_YET, OLDER, watch } from "./samples.ts";

const P = 0;
const START_MS = 1_700_000_000_000;

interface Poll {
  readonly askedAtMs: number;
  readonly answeredAtMs: number;
  readonly endOffset: number;
}

/** Stretches of production: so many records, so far apart; 0 apart is a burst, no records is silence. */
const stretches = fc.array(
  fc.record({
    records: fc.nat({ max: 60 }),
    apartMs: fc.oneof(fc.constant(0), fc.nat({ max: 40_000 })),
    idleMs: fc.nat({ max: 900_000 }),
  }),
  { minLength: 1, maxLength: 12 },
);
/** How long after the last poll, when inside it the leader looks, and how long the answer takes. */
const rhythms = fc.array(
  fc.record({
    waitMs: fc.oneof(fc.constant(2_000), fc.nat({ max: 30_000 })),
    roundTripMs: fc.nat({ max: 1_500 }),
    share: fc.double({ min: 0, max: 1, noNaN: true }),
  }),
  { minLength: 1, maxLength: 20 },
);

interface Stretch {
  readonly records: number;
  readonly apartMs: number;
  readonly idleMs: number;
}

/** When each record became readable, ms; index is the offset. */
function appendTimes(made: readonly Stretch[]): readonly number[] {
  const times: number[] = [];
  let atMs = START_MS;
  for (const { records, apartMs, idleMs } of made) {
    for (let i = 0; i < records; i += 1) {
      times.push(atMs);
      atMs += apartMs;
    }
    atMs += idleMs;
  }
  return times;
}

interface Rhythm {
  readonly waitMs: number;
  readonly roundTripMs: number;
  readonly share: number;
}

function pollsOf(times: readonly number[], rhythm: readonly Rhythm[]): readonly Poll[] {
  const polls: Poll[] = [];
  const endMs = (times.at(-1) ?? START_MS) + 60_000;
  let askedAtMs = START_MS - 5_000;
  let endOffset = 0;
  for (let i = 0; askedAtMs < endMs && i < 5_000; i += 1) {
    const { waitMs, roundTripMs, share } = rhythm[i % rhythm.length] ?? { waitMs: 2_000, roundTripMs: 0, share: 0 };
    const readAtMs = askedAtMs + roundTripMs * share;
    while (endOffset < times.length && (times[endOffset] ?? 0) <= readAtMs) endOffset += 1;
    polls.push({ askedAtMs, answeredAtMs: askedAtMs + roundTripMs, endOffset });
    askedAtMs += Math.max(roundTripMs + 1, waitMs);
  }
  return polls;
}

/** The bracket that all polls together give. */
function modelOf(polls: readonly Poll[], offset: number): { afterMs: number | undefined; byMs: number | undefined } {
  return {
    afterMs: polls.findLast(({ endOffset }) => endOffset <= offset)?.askedAtMs,
    byMs: polls.find(({ endOffset }) => endOffset > offset)?.answeredAtMs,
  };
}

test("the truth lies in the bracket, and the bracket is at most a sixth of its age wider than the polls themselves allow", () => {
  fc.assert(
    fc.property(stretches, rhythms, (made, rhythm) => {
      const times = appendTimes(made);
      const polls = pollsOf(times, rhythm);
      const samples = createSamples();
      watch(samples, P);
      const found: Bracket = { afterMs: 0, estimateMs: 0, byMs: 0 };
      for (const { endOffset, askedAtMs, answeredAtMs } of polls)
        addSample(samples, P, endOffset, askedAtMs, answeredAtMs);
      const nowMs = polls.at(-1)?.answeredAtMs ?? 0;
      for (let offset = 0; offset <= times.length; offset += 1) {
        const model = modelOf(polls, offset);
        const kind = findReadable(samples, P, offset, found);
        if (model.byMs === undefined) return assert.equal(kind, NOT_YET);
        if (kind === OLDER) {
          assert.ok(
            samples.runsDropped > 0 || model.afterMs === undefined,
            "forgotten, or there before the first poll",
          );
          assert.ok((times[offset] ?? 0) <= found.byMs);
          continue;
        }
        assert.equal(kind, BRACKETED);
        const truth = times[offset] ?? Number.NaN;
        assert.ok(found.afterMs < truth && truth <= found.byMs, `${found.afterMs} < ${truth} <= ${found.byMs}`);
        assert.ok(found.afterMs <= found.estimateMs && found.estimateMs <= found.byMs);
        const width = found.byMs - found.afterMs;
        const modelWidth = model.byMs - (model.afterMs ?? Number.NaN);
        assert.ok(width >= modelWidth, "thinning never proves more than was seen");
        assert.ok(
          width === modelWidth || width * 6 <= nowMs - found.byMs,
          `${width} at an age of ${nowMs - found.byMs}`,
        );
      }
    }),
    { numRuns: 300 },
  );
});

test("shifting every instant, or every offset, shifts the brackets and nothing else", () => {
  const bracketsOf = (polls: readonly Poll[], offsets: readonly number[]) => {
    const samples = createSamples();
    watch(samples, P);
    for (const { endOffset, askedAtMs, answeredAtMs } of polls)
      addSample(samples, P, endOffset, askedAtMs, answeredAtMs);
    return offsets.map((offset) => {
      const found: Bracket = { afterMs: 0, estimateMs: 0, byMs: 0 };
      const kind = findReadable(samples, P, offset, found);
      return { kind, ...found };
    });
  };
  fc.assert(
    fc.property(stretches, rhythms, fc.nat({ max: 1e9 }), fc.nat({ max: 1e12 }), (made, rhythm, shiftMs, shift) => {
      const times = appendTimes(made);
      const polls = pollsOf(times, rhythm);
      const offsets = times.map((_, offset) => offset);
      const moved = polls.map(({ askedAtMs, answeredAtMs, endOffset }) => ({
        askedAtMs: askedAtMs + shiftMs,
        answeredAtMs: answeredAtMs + shiftMs,
        endOffset: endOffset + shift,
      }));
      const want = bracketsOf(polls, offsets).map(({ kind, afterMs, estimateMs, byMs }) =>
        kind === NOT_YET
          ? { kind, afterMs, estimateMs, byMs }
          : { kind, afterMs: afterMs + shiftMs, estimateMs: estimateMs + shiftMs, byMs: byMs + shiftMs },
      );
      assert.deepEqual(
        bracketsOf(
          moved,
          offsets.map((offset) => offset + shift),
        ),
        want,
      );
    }),
    { numRuns: 50 },
  );
});

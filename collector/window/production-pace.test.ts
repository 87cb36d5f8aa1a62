/** How soon so many records could come: the fastest stretch counts, of half an hour for what is far away. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { hourlyPace, timeToProduceMs } from "./production-pace.ts";
import { addSample, createSamples, watch } from "./samples.ts";

const START_MS = 1_700_000_000_000;
const MINUTE_MS = 60_000;
const ID = 0;

/** Records of each minute, seen twice a minute. */
function minutes(records: readonly number[]) {
  const samples = createSamples();
  watch(samples, ID);
  let end = 0;
  let nowMs = START_MS;
  addSample(samples, ID, end, nowMs, nowMs);
  for (const one of records) {
    for (const share of [0.5, 0.5]) {
      end += one * share;
      nowMs += MINUTE_MS / 2;
      addSample(samples, ID, end, nowMs, nowMs);
    }
  }
  const toProduce = (wanted: number, peakPerMs = Number.NaN): number =>
    Math.round((timeToProduceMs(samples, ID, { records: wanted, nowMs, peakPerMs }) / MINUTE_MS) * 10) / 10;
  return { toProduce, perMinute: hourlyPace(samples, ID, nowMs) * MINUTE_MS };
}

const steady = (count: number, one = 100): readonly number[] => new Array<number>(count).fill(one);

test("at a steady pace it takes as long as it took", () => {
  const { toProduce } = minutes(steady(30));
  assert.deepEqual(
    [100, 1_000, 1_500, 3_000, 90_000].map((wanted) => toProduce(wanted)),
    [1, 10, 15, 30, 900],
  );
});

test("a burst counts for as many records as it brought, and is averaged for more", () => {
  const { toProduce } = minutes([...steady(20, 10), 1_000, ...steady(19, 10)]);
  assert.ok(toProduce(500) <= 1, "as in the burst, but for what was thinned since");
  const far = toProduce(2_000);
  assert.ok(far > 30 && far <= 34, `${far}: as in twenty minutes with the burst in them, 1,190 records`);
});

test("what is far away comes as in the fastest half of the hour, and later as in the fastest hour there was", () => {
  const { toProduce } = minutes([...steady(10, 50), ...steady(10, 150)]);
  const assertNear = (got: number, want: number): void =>
    assert.ok(Math.abs(got - want) < want / 20, `${got}, ${want}`);
  assertNear(toProduce(1_500), 10);
  assertNear(toProduce(3_000), 20); // not 30, as at the mean
  assertNear(toProduce(4_500, 300 / MINUTE_MS), 20); // ten minutes as here, ten as fast as ever
  assertNear(toProduce(900, 300 / MINUTE_MS), 6); // what is near follows the hour
});

test("what is older than an hour counts no more", () => {
  const { toProduce, perMinute } = minutes([...steady(20, 10_000), ...steady(70, 10)]);
  assert.equal(toProduce(300), 30);
  assert.ok(Math.abs(perMinute - 10) < 0.5, String(perMinute));
});

test("where nothing comes it takes for ever; who has watched for less than five minutes does not know", () => {
  assert.equal(minutes(steady(10, 0)).toProduce(1), Number.POSITIVE_INFINITY);
  assert.equal(minutes(steady(4)).toProduce(1), Number.NaN);
  assert.equal(minutes(steady(50)).perMinute, Number.NaN, "nor what an hour brings");
  const unwatched = createSamples();
  assert.equal(timeToProduceMs(unwatched, ID, { records: 1, nowMs: START_MS, peakPerMs: 1 }), Number.NaN);
  assert.equal(hourlyPace(unwatched, ID, START_MS), Number.NaN);
});

/** Token buckets, with a clock to turn. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createTokenBuckets } from "./token-bucket.ts";

const LIMIT = { perSecond: 10, burst: 3 };
const KIB = 1_024;

test("a burst is taken at once, then one request each tenth of a second", () => {
  const buckets = createTokenBuckets(LIMIT);
  assert.deepEqual(
    [0, 0, 0, 0, 99, 100, 100].map((nowMs) => Math.round(buckets.take("10.0.0.1", nowMs))),
    [0, 0, 0, 100, 1, 0, 100],
  );
});

test("no bucket holds more than a burst", () => {
  const buckets = createTokenBuckets(LIMIT);
  buckets.take("a", 0);
  assert.deepEqual(
    [1, 2, 3, 4].map(() => buckets.take("a", 3_600_000) === 0),
    [true, true, true, false],
  );
});

test("one address does not pay for another", () => {
  const buckets = createTokenBuckets(LIMIT);
  for (let i = 0; i < 5; i += 1) buckets.take("10.0.0.1", 0);
  assert.equal(buckets.take("10.0.0.2", 0), 0);
});

test("a large answer costs as many more as it has 64 KiB, also into debt", () => {
  const buckets = createTokenBuckets(LIMIT);
  buckets.take("a", 0);
  buckets.charge("a", 64 * KIB - 1, 0);
  assert.equal(buckets.take("a", 0), 0);
  buckets.charge("a", 640 * KIB, 0);
  assert.equal(buckets.take("a", 0), 1_000);
  assert.equal(buckets.take("a", 1_000), 0);
});

const same: readonly (readonly [one: string, other: string, isSame: boolean])[] = [
  ["10.0.0.1", "::ffff:10.0.0.1", true],
  ["2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true],
  ["2001:db8:1:2::1", "2001:db8:1:3::1", false],
  ["::1", "::2", true],
  ["::1", "1::", false],
  ["10.0.0.1", "10.0.0.10", false],
];
for (const [one, other, isSame] of same) {
  test(`${one} and ${other} are ${isSame ? "one" : "two"}`, () => {
    const buckets = createTokenBuckets(LIMIT);
    for (let i = 0; i < 4; i += 1) buckets.take(one, 0);
    assert.equal(buckets.take(other, 0) > 0, isSame);
  });
}

test("whatever number of addresses asks, a bounded number is kept, and who asked last is", () => {
  const buckets = createTokenBuckets(LIMIT);
  for (let i = 0; i < 10_000; i += 1) buckets.take(`10.0.${i >> 8}.${i & 255}`, 0);
  assert.equal(buckets.size(), 4_096);
  for (let i = 0; i < 3; i += 1) buckets.take("10.0.39.15", 0);
  assert.ok(buckets.take("10.0.39.15", 0) > 0);
});

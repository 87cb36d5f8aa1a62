/** Rows: what is packed comes back, sizes are kept, and no flipped bit goes unnoticed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { FIELDS, KIND_NAMES, KINDS, type Kind } from "../schema/kind.ts";
import type { Point } from "../schema/point.ts";
import { identityOf } from "../schema/point.ts";
import { BATCH_BYTES_MAX, BATCH_POINTS_MAX, crcOf, packPoints, unpackPoints } from "./row.ts";

const name = fc.oneof(
  fc.string({ unit: "binary", maxLength: 12 }),
  fc.constantFrom("__proto__", "constructor", "a,b c=\n"),
);

function valueOfType(type: string): fc.Arbitrary<number | string> {
  switch (type) {
    case "integer":
      return fc.maxSafeInteger();
    case "number":
      // JSON has no -0, and neither has any store.
      return fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
    default:
      return fc.string({ unit: "binary", maxLength: 8 });
  }
}

function pointOfKind(kind: Kind): fc.Arbitrary<Point> {
  const dimensions = Object.fromEntries(
    KINDS[kind].dimensions.map((dimension) => [dimension, dimension === "partition" ? fc.nat() : name]),
  );
  const fields = Object.fromEntries(FIELDS[kind].map(([field, { type }]) => [field, valueOfType(type)]));
  return fc
    .record({
      kind: fc.constant(kind),
      atMs: fc.nat(2 ** 42),
      dimensions: fc.record(dimensions),
      fields: fc.record(fields, { requiredKeys: [] }),
    })
    .map((point) => JSON.parse(JSON.stringify(point)));
}

const points = fc.array(fc.oneof(...KIND_NAMES.map(pointOfKind)), { maxLength: 40 });

test("unpack(pack(points)) is the points, grouped by kind", () => {
  fc.assert(
    fc.property(points, (written) => {
      const { batches, tooLarge } = packPoints(written);
      assert.equal(tooLarge, 0);
      const back = batches.flatMap(({ body }) => unpackPoints(body));
      assert.deepEqual(
        back.map((point) => JSON.stringify(sorted(point))).toSorted(),
        written.map((point) => JSON.stringify(sorted(point))).toSorted(),
      );
      assert.deepEqual(new Set(back.map(identityOf)), new Set(written.map(identityOf)));
    }),
    { numRuns: 300 },
  );
});

/** Order of keys is no part of a point. */
function sorted(point: Point): unknown {
  return [point.kind, point.atMs, Object.entries(point.dimensions).toSorted(), Object.entries(point.fields).toSorted()];
}

test("one flipped bit, in the body or in what stands beside it, changes the CRC", () => {
  const row = { seq: 7, firstPoint: 41, points: 3, firstMs: 10, lastMs: 20, body: Buffer.from("some body") };
  const crc = crcOf(row);
  for (let bit = 0; bit < row.body.length * 8; bit += 1) {
    const body = Buffer.from(row.body);
    body[bit >> 3] = (body[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    assert.notEqual(crcOf({ ...row, body }), crc);
  }
  for (const key of ["seq", "firstPoint", "points", "firstMs", "lastMs"] as const) {
    assert.notEqual(crcOf({ ...row, [key]: row[key] + 1 }), crc, key);
  }
});

const noise = (bytes: number, seed: number): string => {
  let state = seed + 1;
  return Array.from({ length: bytes }, () => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return String.fromCharCode(33 + ((state >>> 16) % 90));
  }).join("");
};

const groupPoint = (group: string): Point => ({
  kind: "group",
  atMs: 1,
  dimensions: { cluster: "c", group },
  fields: {},
});

test("more than a row may hold is split, by points and by bytes, and nothing is lost", () => {
  const many = Array.from({ length: BATCH_POINTS_MAX * 2 + 1 }, (_, index) => groupPoint(`g${index}`));
  const heavy = Array.from({ length: 30 }, (_, index) => groupPoint(noise(100_000, index)));
  for (const written of [many, heavy]) {
    const { batches } = packPoints(written);
    assert.ok(batches.length >= 3);
    assert.ok(
      batches.every(({ points: count, body }) => count <= BATCH_POINTS_MAX && body.byteLength <= BATCH_BYTES_MAX),
    );
    const back = batches.flatMap(({ body }) => unpackPoints(body)).map(identityOf);
    assert.deepEqual(back.toSorted(), written.map(identityOf).toSorted());
  }
});

test("a point that fits no row is counted and takes no other with it", () => {
  const packed = packPoints([groupPoint("a"), groupPoint(noise(2_000_000, 1)), groupPoint("b")]);
  assert.equal(packed.tooLarge, 1);
  assert.equal(
    packed.batches.reduce((sum, batch) => sum + batch.points, 0),
    2,
  );
});

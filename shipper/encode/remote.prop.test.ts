/**
 * Names and numbers on their way into the remote stores, read back by readers that share nothing with the writers: each comes
 * back as it was or as its escape, distinct stay distinct, and every number is the same number.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readLine, splitLines } from "../../test/stores/line-protocol-reader.ts";
import { FIELDS, KINDS } from "../schema/kind.ts";
import type { Point, PointOf } from "../schema/point.ts";
import { identityOf } from "../schema/point.ts";
import { bulkBody } from "./bulk.ts";
import { lineOf, linesOf } from "./line-protocol.ts";
import { NAME_BYTES_MAX, storedName } from "./stored-name.ts";

const signs = fc.constantFrom(
  ..."\\ ,=\"'%~_\n\r\t\0:\u007f\u0085\u2028\u2029\ud800\udfff\ufeff\u202e🎉é",
  "_esc_:",
  "_none_",
  "%5C",
);
const name = fc.oneof(
  fc.string({ unit: "binary", maxLength: 40 }),
  fc.array(signs, { maxLength: 12 }).map((parts) => parts.join("")),
  fc
    .tuple(fc.constantFrom("é", "x", "\\", "\n"), fc.integer({ min: 120, max: 700 }))
    .map(([one, times]) => one.repeat(times)),
);
const NAMES = 20_000;

test("distinct names stay distinct; what is stored is short, harmless, and stays itself when stored again as a name", () => {
  const seen = new Map<string, string>();
  fc.assert(
    fc.property(name, (original) => {
      const stored = storedName(original);
      assert.equal(seen.get(stored) ?? original, original, "two names became one");
      seen.set(stored, original);
      assert.ok(stored.length > 0 && Buffer.byteLength(stored) <= NAME_BYTES_MAX);
      assert.ok(stored.isWellFormed());
      assert.doesNotMatch(stored, /[\p{Cc}\u2028\u2029\\]/u);
      if (stored === original) return;
      assert.ok(stored === "_none_" || stored.startsWith("_esc_:"));
      const whole = /^_esc_:(.*)$/u.exec(stored)?.[1];
      if (whole === undefined || /~[\w-]{22}$/.test(stored)) return;
      assert.equal(unescaped(whole), original);
    }),
    { numRuns: NAMES },
  );
});

/** From the grammar: bytes as %XX, halves of a pair as %uXXXX. */
function unescaped(text: string): string {
  return text
    .split(/(%u[0-9A-F]{4})/)
    .map((part) =>
      part.startsWith("%u") ? String.fromCharCode(Number.parseInt(part.slice(2), 16)) : decodeURIComponent(part),
    )
    .join("");
}

const integer = fc.oneof(fc.maxSafeInteger(), fc.constantFrom(0, -1, Number.MAX_SAFE_INTEGER, Number.MIN_SAFE_INTEGER));
const float = fc.double({ noNaN: true, noDefaultInfinity: true });
const point: fc.Arbitrary<PointOf<"partition">> = fc.record({
  kind: fc.constant("partition" as const),
  atMs: fc.integer({ min: 946_684_800_000, max: 4_102_444_799_999 }),
  dimensions: fc.record({ cluster: name, group: name, topic: name, partition: fc.nat() }),
  fields: fc.record(
    { status: fc.constant("OK"), lag: integer, end_offset: integer, commit_age_seconds: float, owner: name },
    { requiredKeys: ["status"] },
  ),
}) as fc.Arbitrary<PointOf<"partition">>;

const stored = (value: number | string, isText: boolean): number | string =>
  typeof value === "number" || !isText || value === "" ? value : storedName(value);

test("S25: a line of InfluxDB says what the point says, and stays one line among others", () => {
  fc.assert(
    fc.property(point, point, (one, other) => {
      const lines = splitLines(`${lineOf(one)}\n${lineOf(other)}`);
      assert.equal(lines.length, 2);
      const { measurement, tags, fields, time } = readLine(lines[0] ?? "");
      assert.deepEqual([measurement, time], ["tidemark_partition", String(one.atMs)]);
      const want = Object.entries(one.dimensions).map(([key, value]) => [key, storedName(String(value))]);
      assert.deepEqual(Object.fromEntries(tags), Object.fromEntries(want));
      assert.deepEqual([...tags.keys()], [...tags.keys()].toSorted());
      for (const [key, { type }] of FIELDS.partition) {
        const written = (one.fields as Readonly<Record<string, number | string | undefined>>)[key];
        const read = fields.get(key);
        if (written === undefined) assert.equal(read, undefined);
        else if (type === "integer") assert.deepEqual(read, { type: "integer", value: BigInt(written) });
        else if (type === "number") assert.deepEqual(read, { type: "float", value: written === 0 ? 0 : written });
        else assert.deepEqual(read, { type: "string", value: stored(written, true) });
      }
    }),
    { numRuns: 5_000 },
  );
});

test("a document of Elasticsearch says what the point says, in two lines", () => {
  fc.assert(
    fc.property(point, (one) => {
      const lines = bulkBody([one], { prefix: "tidemark", layout: "time_series" }).split("\n");
      assert.deepEqual([lines.length, lines[2]], [3, ""], "each line has its end");
      assert.ok(lines.every((line) => !line.includes("\r")));
      const day = new Date(one.atMs).toISOString().slice(0, 10).replaceAll("-", ".");
      assert.deepEqual(JSON.parse(lines[0] ?? ""), { create: { _index: `tidemark-${day}` } });
      const source = JSON.parse(Buffer.from(lines[1] ?? "").toString());
      const dimensions = Object.entries(one.dimensions).map(([key, value]) => [key, storedName(String(value))]);
      const fields = Object.entries(one.fields).map(([key, value]) => [key, stored(value, true)]);
      const want = { "@timestamp": one.atMs, kind: "partition", ...Object.fromEntries([...dimensions, ...fields]) };
      assert.deepEqual(source, JSON.parse(JSON.stringify(want)));
    }),
    { numRuns: 5_000 },
  );
});

test("two points have the same own id if and only if they are the same point", () => {
  const idOf = (one: Point): unknown =>
    JSON.parse(bulkBody([one], { prefix: "t", layout: "plain" }).split("\n")[0] ?? "").create._id;
  const ids = new Map<unknown, string>();
  fc.assert(
    fc.property(point, (one) => {
      const id = idOf(one);
      assert.match(String(id), /^[\w-]{22}$/);
      assert.equal(ids.get(id) ?? identityOf(one), identityOf(one));
      assert.equal(idOf({ ...one, fields: {} } as Point), id);
      ids.set(id, identityOf(one));
    }),
    { numRuns: 2_000 },
  );
});

test("a field of one name has one type in every kind: they share an index", () => {
  const types = new Map<string, string>();
  for (const fields of Object.values(FIELDS)) {
    for (const [key, { type }] of fields) {
      assert.equal(types.get(key) ?? type, type, key);
      types.set(key, type);
    }
  }
  const dimensions = Object.values(KINDS).flatMap((kind) => [...kind.dimensions, "kind", "@timestamp"]);
  assert.deepEqual(
    dimensions.filter((dimension) => types.has(dimension)),
    [],
  );
});

test("many points are the lines of each, and a point without fields has none", () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(point, fc.boolean()), { maxLength: 5 }), (made) => {
      const points = made.map(([one, bare]) => (bare ? ({ ...one, fields: {} } as Point) : one));
      const { text, without } = linesOf(points);
      const lines = points.map((one) => lineOf(one));
      assert.equal(text, lines.filter((line) => line !== undefined).join("\n"));
      assert.deepEqual(
        without,
        [...lines.keys()].filter((index) => lines[index] === undefined),
      );
    }),
    { numRuns: 500 },
  );
});

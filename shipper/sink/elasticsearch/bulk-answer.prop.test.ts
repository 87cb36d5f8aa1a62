/** Any vector of item answers, against the rule written a second time as a table. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { outcomeOfBulk } from "./bulk-answer.ts";

type Fate = "stored" | "duplicate" | "kept" | "rejected";

const STATUSES: readonly (readonly [status: number, fate: Fate])[] = [
  [200, "stored"],
  [201, "stored"],
  [409, "duplicate"],
  [429, "kept"],
  [500, "kept"],
  [502, "kept"],
  [503, "kept"],
  [504, "kept"],
  [408, "kept"],
  [401, "kept"],
  [403, "kept"],
  [404, "kept"],
  [302, "kept"],
  [600, "kept"],
  [400, "rejected"],
  [413, "rejected"],
  [422, "rejected"],
];
const BLOCKS = ["cluster_block_exception", "index_closed_exception", "security_exception", "index_not_found_exception"];

const items = fc.array(
  fc.record({ row: fc.constantFrom(...STATUSES), block: fc.option(fc.constantFrom(...BLOCKS), { freq: 8 }) }),
  { maxLength: 200 },
);

test("S5: of any vector of item answers each point is stored, a duplicate, kept or rejected, by its own answer alone", () => {
  fc.assert(
    fc.property(items, (vector) => {
      const body = {
        items: vector.map(({ row: [status], block }) => ({
          create: { status, ...(status < 300 ? {} : { error: { type: block ?? "some_exception", reason: "r" } }) },
        })),
      };
      const fates = vector.map(({ row: [status, fate], block }) => (block !== null && status >= 300 ? "kept" : fate));
      const at = (wanted: Fate) => fates.flatMap((fate, index) => (fate === wanted ? [index] : []));
      const outcome = outcomeOfBulk(body, vector.length);
      assert.equal(outcome.kind, "written");
      assert.deepEqual(outcome.kept, at("kept"));
      assert.deepEqual(
        outcome.rejected.map(({ index }) => index),
        at("rejected"),
      );
      assert.equal(outcome.duplicates, at("duplicate").length);
      assert.equal(outcome.hindrance === undefined, outcome.kept.length === 0);
    }),
    { numRuns: 2_000 },
  );
});

test("of a point with two documents the worse answer counts, and the others go by their own", () => {
  const rank = ["duplicate", "stored", "rejected", "kept"] as const;
  fc.assert(
    fc.property(fc.array(fc.array(fc.constantFrom(...STATUSES), { minLength: 1, maxLength: 2 })), (points) => {
      const rows = points.flatMap((documents, point) => documents.map(([status, fate]) => ({ status, fate, point })));
      const body = {
        items: rows.map(({ status }) => ({
          create: { status, ...(status < 300 ? {} : { error: { type: "some_exception", reason: "r" } }) },
        })),
      };
      const fates = points.map((documents) => rank[Math.max(...documents.map(([, fate]) => rank.indexOf(fate)))]);
      const at = (wanted: Fate) => fates.flatMap((fate, index) => (fate === wanted ? [index] : []));
      const outcome = outcomeOfBulk(
        body,
        points.length,
        rows.map(({ point }) => point),
      );
      assert.ok(outcome.kind === "written");
      assert.deepEqual(outcome.kept, at("kept"));
      assert.deepEqual(
        outcome.rejected.map(({ index }) => index),
        at("rejected"),
      );
      assert.equal(outcome.duplicates, at("duplicate").length);
    }),
    { numRuns: 500 },
  );
});

test("an answer of another length, or of no items, says nothing: all is kept", () => {
  const odd = fc.oneof(
    fc.anything(),
    fc.record({ items: fc.array(fc.anything(), { maxLength: 2 }) }),
    fc.record({ items: fc.array(fc.constant({ create: { status: 201 } }), { minLength: 4, maxLength: 6 }) }),
  );
  fc.assert(fc.property(odd, (body) => assert.equal(outcomeOfBulk(body, 3).kind, "kept")));
  const one = { items: [{ create: { status: 201 } }] };
  assert.equal(outcomeOfBulk(one, 1, [0, 0]).kind, "kept", "one of two documents");
});

/** Fuzz in its short form, that it tries every decoder, and that it can fail. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fuzz, fuzzChunk, fuzzDecoders } from "./fuzz.suite.ts";
import { TARGETS, type Target } from "./fuzz-targets.fixture.ts";
import { APIS } from "./golden.fixture.ts";

test("5,000,000 mutated inputs: no throw, no hang, bounded allocation", async (context) => {
  for (const line of await fuzzDecoders(5_000_000)) context.diagnostic(line);
});

/** Functions that are given bytes or what walks over them, and APIs. */
const DECODER = /^export (?:function (\w+)\([^)]*: (?:Buffer|DataView|BatchWalker)\b|const (\w+)Api = apiOf)/gm;
/** The primitives that decoders are made of, and what only lets go. */
const NOT_DECODERS = /^(reader|writer)\.ts$/;
const LETS_GO = "closeBatches";

test("every decoder of this folder is fuzzed", () => {
  const files = readdirSync(import.meta.dirname, { recursive: true, encoding: "utf8" });
  const sources = files.filter((path) => /^[\w/-]+\.ts$/.test(path) && !NOT_DECODERS.test(path));
  const decoders = sources.flatMap((path) =>
    [...readFileSync(`${import.meta.dirname}/${path}`, "utf8").matchAll(DECODER)].map(([, name, api = ""]) =>
      name === undefined ? `${api[0]?.toUpperCase()}${api.slice(1)}.decode` : name,
    ),
  );
  const tried = new Set(TARGETS.flatMap((target) => target.decoders));
  assert.ok(decoders.length > 20, `only ${decoders.length} decoders are found`);
  assert.deepEqual(
    decoders.filter((name) => !tried.has(name) && name !== LETS_GO),
    [],
  );
});

const [keys] = TARGETS;
assert.ok(keys !== undefined);

const bugs: readonly (readonly [string, Target["run"], RegExp])[] = [
  [
    "a decoder that reads without a bound",
    (bytes) => bytes.toString("utf8", 2, 2 + bytes.readInt16BE(2)) !== "",
    /^Error: keys, seed \d+, input \d+: .*out of range/,
  ],
  [
    "a decoder that makes what a length says",
    (bytes) => {
      const length = bytes.length < 8 ? 0 : bytes.readInt32BE(4);
      return new Float64Array(Math.min(Math.max(length, 0), 2 ** 24)).length > 0;
    },
    /^Error: keys, seed \d+, input \d+: it made \d+ bytes/,
  ],
];
for (const [what, run, wanted] of bugs) {
  test(`fuzz finds ${what}, and the same input again from its seed`, async () => {
    const target = { ...keys, run };
    await assert.rejects(() => fuzz({ inputs: 100_000, targets: [target] }), wanted);
    assert.throws(() => fuzzChunk(target, 1), wanted);
  });
}

test("fuzz finds a decoder that keeps what it has read", async () => {
  type Kept = { readonly bytes: Buffer; readonly before: Kept } | undefined;
  let kept: Kept;
  const run: Target["run"] = (bytes, _index, chance) => {
    kept = { bytes: Buffer.from(bytes), before: kept };
    return chance % 2 === 0;
  };
  await assert.rejects(() => fuzzDecoders(200_000, [{ ...keys, run }]), /bytes more are held after it/);
  assert.ok(kept !== undefined);
});

test("a count of two thousand million allocates nothing", () => {
  const before = process.memoryUsage().arrayBuffers;
  const counts = Buffer.from(`0000000000000000${"7fffffff".repeat(20)}`, "hex");
  for (const api of APIS) {
    for (let version = api.versions.min; version <= api.versions.max; version++) api.decode(version, counts);
  }
  assert.ok(process.memoryUsage().arrayBuffers - before < 2 ** 20);
});

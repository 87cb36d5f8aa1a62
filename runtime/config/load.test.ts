/** Configuration: typos are refused by path with the nearest key, the environment wins, nothing is guessed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { z } from "zod";
import { ConfigError, loadConfig } from "./load.ts";

const schema = z.strictObject({
  clusters: z.record(z.string(), z.strictObject({ brokers: z.array(z.string()) })).default({}),
  spool: z.strictObject({ bytes_max: z.int().positive().default(10) }).prefault({}),
  sinks: z
    .record(
      z.string(),
      z.discriminatedUnion("type", [
        z.strictObject({ type: z.literal("sqlite"), retention: z.string().default("7d") }),
        z.strictObject({ type: z.literal("none") }),
      ]),
    )
    .default({}),
});

const load = (text: string, environment: Record<string, string> = {}) =>
  loadConfig(schema, { source: "t.yaml", text, environment });

const problem = (text: string, environment: Record<string, string> = {}): string => {
  try {
    load(text, environment);
  } catch (error) {
    assert.ok(error instanceof ConfigError);
    return error.message;
  }
  return "accepted";
};

const refusals = [
  { name: "an unknown key", text: "spol: {}", want: /spol: unknown key; did you mean "spool"\?/ },
  { name: "an unknown key below", text: "spool: { bytes_mx: 3 }", want: /spool\.bytes_mx: .*"bytes_max"/ },
  {
    name: "an unknown key in a record",
    text: "clusters: { prod: { broker: [] } }",
    want: /clusters\.prod\.broker: .*"brokers"/,
  },
  { name: "an unknown key in a union", text: "sinks: { a: { type: sqlite, retain: 1d } }", want: /sinks\.a\.retain: / },
  { name: "a mistyped value", text: "spool: { bytes_max: lots }", want: /spool\.bytes_max: / },
  { name: "YAML that does not parse", text: "a: [", want: /t\.yaml is not a valid configuration/ },
  { name: "a list on top", text: "- a", want: /not a mapping/ },
];

for (const { name, text, want } of refusals) {
  test(`${name} is refused, and the message names it`, () => assert.match(problem(text), want));
}

test("a key that resembles nothing gets no suggestion", () => {
  assert.doesNotMatch(problem("zzzzzzzzzzzz: 1"), /did you mean/);
});

test("the environment overrides the text, whatever the case of its names", () => {
  const config = load("clusters: { Prod: { brokers: [a] } }", {
    TIDEMARK_SPOOL__BYTES_MAX: "12",
    TIDEMARK_CLUSTERS__PROD__BROKERS: "[b, c]",
    OTHER: "x",
  });
  assert.equal(config.spool.bytes_max, 12);
  assert.deepEqual(config.clusters["Prod"]?.brokers, ["b", "c"]);
});

test("a typo in the environment is refused as well", () => {
  assert.match(problem("", { TIDEMARK_SPOOL__BYTES_MIX: "1" }), /spool\.bytes_mix/);
});

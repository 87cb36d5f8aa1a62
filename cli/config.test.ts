/** The configuration file: every example loads, what is not known is refused with the nearest key, defaults are safe. */

import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { test } from "node:test";
import { ConfigError, loadConfig } from "../runtime/config/load.ts";
import { accessProblem } from "../runtime/http/listen.ts";
import { accessOf, Config, readConfig } from "./config.ts";

const EXAMPLES = resolve(import.meta.dirname, "../examples");

function load(text: string, environment: Readonly<Record<string, string>> = {}): Config {
  return loadConfig(Config, { source: "test.yaml", text, environment });
}

const examples = globSync("*.yaml", { cwd: EXAMPLES });

test("there are examples", () => assert.ok(examples.length > 0));

for (const file of examples) {
  test(`examples/${file} loads`, () => {
    const config = readConfig(resolve(EXAMPLES, file), {});
    assert.ok(Object.keys(config.sinks).length > 0);
  });
}

const PAGES = resolve(import.meta.dirname, "../docs");
const shown = globSync("**/*.md", { cwd: PAGES }).flatMap((page) => {
  const text = readFileSync(resolve(PAGES, page), "utf8");
  return [...text.matchAll(/^```yaml\n(# tidemark\.yaml\n.*?)^```$/gms)].map(([, yaml = ""]) => ({ page, yaml }));
});

test("there are pages that show a configuration", () => assert.ok(shown.length > 0));

for (const { page, yaml } of shown) test(`the configuration of docs/${page} loads`, () => assert.ok(load(yaml)));

test("an empty file is a configuration: one sqlite sink named local, all on loopback, no cluster", () => {
  const { clusters, sinks, collector, shipper, evaluate, log } = load("");
  assert.deepEqual(clusters, {});
  assert.deepEqual(
    Object.entries(sinks).map(([name, { type }]) => [name, type]),
    [["local", "sqlite"]],
  );
  assert.deepEqual(
    [collector.listen, shipper.listen],
    [
      { host: "127.0.0.1", port: 8000 },
      { host: "127.0.0.1", port: 8001 },
    ],
  );
  for (const part of [collector, shipper]) assert.equal(accessProblem(part.listen, accessOf(part)), undefined);
  assert.deepEqual([evaluate.interval, evaluate.window, evaluate.burrow.offset_refresh], [10_000, 10, 10_000]);
  assert.deepEqual([evaluate.burrow.expire_group, log.level], [604_800_000, "info"]);
});

test("a sink that is named takes the place of the one that is not", () => {
  assert.deepEqual(Object.keys(load("sinks: { mine: { type: sqlite } }").sinks), ["mine"]);
});

test("three sinks of three kinds in few words", () => {
  const { sinks } = load(`
    sinks:
      es:     { type: elasticsearch, url: https://es:9200, api_key_file: es.secret }
      influx: { type: influxdb, url: http://influx:8086, database: tidemark, token_file: influx.secret, compat: telegraf }
      local:  { type: sqlite, retention: 7d, bytes_max: 2GiB, partition_points: unhealthy }`);
  assert.deepEqual(
    Object.entries(sinks).map(([name, { type, partition_points }]) => [name, type, partition_points]),
    [
      ["es", "elasticsearch", "all"],
      ["influx", "influxdb", "all"],
      ["local", "sqlite", "unhealthy"],
    ],
  );
});

test("the environment reaches every level", () => {
  const config = load("clusters: { prod: { brokers: ['a:1'] } }", {
    TIDEMARK_COLLECTOR__LISTEN: "127.0.0.1:9000",
    TIDEMARK_EVALUATE__BURROW__ALLOWED_LAG: "5",
    TIDEMARK_CLUSTERS__PROD__BROKERS: "[b:2, c:3]",
  });
  assert.deepEqual([config.collector.listen.port, config.evaluate.burrow.allowed_lag], [9_000, 5]);
  assert.deepEqual(config.clusters["prod"]?.brokers, ["b:2", "c:3"]);
});

const refused: readonly (readonly [text: string, says: RegExp])[] = [
  ["colector: {}", /colector: unknown key; did you mean "collector"\?/],
  [
    "evaluate: { burrow: { allowed_lags: 1 } }",
    /evaluate\.burrow\.allowed_lags: unknown key; did you mean "allowed_lag"\?/,
  ],
  ["clusters: { c: { broker: ['a:1'] } }", /clusters\.c\.broker: unknown key; did you mean "brokers"\?/],
  ["clusters: { c: { brokers: [] } }", /clusters\.c\.brokers/],
  ["clusters: { c: { brokers: ['no-port'] } }", /clusters\.c\.brokers\.0: must be host:port/],
  ["clusters: { '': { brokers: ['a:1'] } }", /clusters/],
  [
    "clusters: { c: { brokers: ['a:1'], sasl: { mechanism: plain, username: u } } }",
    /give one of password_file and password/,
  ],
  ["clusters: { c: { brokers: ['a:1'], tls: { cert_file: c.pem } } }", /cert_file and key_file go together/],
  ["evaluate: { interval: 10 }", /evaluate\.interval/],
  ["evaluate: { window: 256 }", /evaluate\.window/],
  ["sinks: { s: { type: sqllite } }", /sinks\.s\.type/],
  ["collector: { listen: '8000' }", /collector\.listen: "8000" is not host:port/],
  ["- a list", /the top level is not a mapping/],
  ["a: [", /test\.yaml is not a valid configuration/],
];
for (const [text, says] of refused) {
  test(`refused: ${text}`, () => {
    assert.throws(
      () => load(text),
      (thrown) => thrown instanceof ConfigError && says.test(thrown.message),
    );
  });
}

test("a file that cannot be read is said with its name", () => {
  assert.throws(
    () => readConfig("/nowhere/tidemark.yaml", {}),
    /\/nowhere\/tidemark\.yaml.*\n.*cannot be read: ENOENT/,
  );
});

test("an interval of nothing is refused", () => {
  for (const text of ["evaluate: { interval: 0s }", "evaluate: { burrow: { offset_refresh: 0s } }"])
    assert.throws(() => load(text), ConfigError, text);
});

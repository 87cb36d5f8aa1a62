/** What the stack's processes are told: read by the schema of the product, and fitting to the stack. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { Config } from "../../cli/config.ts";
import { loadConfig } from "../../runtime/config/load.ts";
import { accessProblem } from "../../runtime/http/listen.ts";
import { secretOf } from "../../runtime/secret.ts";
import { parseStack } from "./stack.ts";

const ROOT = new URL("../../", import.meta.url);
const FOLDER = new URL("deploy/tidemark/", ROOT);
const stack = parseStack(readFileSync(new URL("docker-compose.yml", ROOT), "utf8"));
const names = readdirSync(FOLDER).filter((name) => name.endsWith(".yaml"));

const read = (name: string): string => readFileSync(new URL(name, FOLDER), "utf8");
const load = (name: string): Config => loadConfig(Config, { source: name, text: read(name), environment: {} });

/** Which service reads which file. */
const READERS: Readonly<Record<string, string>> = {
  "collector.yaml": "collector",
  "provision-elasticsearch.yaml": "provision",
  "provision-influxdb.yaml": "provision-influxdb",
  "shipper-influxdb.yaml": "shipper-influxdb",
  "shipper.yaml": "shipper",
};

test("every configuration has its service", () => assert.deepEqual(names.sort(), Object.keys(READERS).sort()));

for (const name of names) {
  test(`${name} is read by the schema`, () => assert.doesNotThrow(() => load(name)));

  test(`every secret that ${name} names is given to its service, and to it alone what it needs`, () => {
    const service = stack.services[READERS[name] ?? ""];
    const wanted = [...read(name).matchAll(/\/run\/secrets\/(\w+)/g)].map((match) => match[1] ?? "");
    assert.deepEqual(
      wanted.filter((secret) => service?.secrets.includes(secret) !== true),
      [],
    );
    // Who provisions makes the other accounts, and so has to know them.
    if (service?.restart !== "no") assert.deepEqual([...(service?.secrets ?? [])].sort(), [...new Set(wanted)].sort());
  });
}

test("collector and shippers listen for others, and with a token alone", () => {
  const served = [
    load("collector.yaml").collector,
    load("shipper.yaml").shipper,
    load("shipper-influxdb.yaml").shipper,
  ];
  for (const { listen, token_file: file, insecure } of served) {
    assert.equal(insecure, false);
    assert.equal(listen.host, "0.0.0.0");
    assert.match(file ?? "", /^\/run\/secrets\//);
    assert.equal(accessProblem(listen, { token: secretOf("given"), insecure }), undefined);
    assert.notEqual(accessProblem(listen, { token: undefined, insecure }), undefined);
  }
});

test("a store is provisioned as the shipper will use it, by another account", () => {
  for (const [mine, theirs, sink] of [
    ["shipper.yaml", "provision-elasticsearch.yaml", "es"],
    ["shipper-influxdb.yaml", "provision-influxdb.yaml", "influx"],
  ] as const) {
    const { username, password_file: file, ...used } = JSON.parse(JSON.stringify(load(mine).sinks[sink]));
    const { username: admin, password_file: adminFile, ...made } = JSON.parse(JSON.stringify(load(theirs).sinks[sink]));
    assert.deepEqual(used, made);
    assert.notEqual(username, admin);
    assert.notEqual(file, adminFile);
  }
});

/** Connections that do not come about, on real sockets: which side refuses whom, and what to mend, in words. */

import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import type { z } from "zod";
import { createLogger } from "../../runtime/logger.ts";
import { createCluster } from "../../simulator/cluster/create-cluster.ts";
import type { BrokersOptions } from "../../simulator/wire/brokers.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { AUTHORITY, expired, otherHost, selfSigned } from "../../test/stores/certificate.ts";
import { ClusterConfig } from "../config.ts";
import { metadataApi } from "../protocol/metadata.ts";
import { BearerRefusedError } from "../security/oauth-bearer.ts";
import { NO_SECURITY } from "../security/security.ts";
import { examineCluster } from "./examine.ts";
import { failureOf } from "./failure-words.ts";
import { createBrokerFactory } from "./kafkajs.ts";
import { createKafkaLink } from "./link.ts";

const dir = mkdtempSync(join(tmpdir(), "failure-words-"));
after(() => rmSync(dir, { recursive: true }));

function file(name: string, text: string): string {
  writeFileSync(join(dir, name), text);
  return join(dir, name);
}
const ca_file = file("authority.pem", AUTHORITY);
const ours = { cert_file: file("our.pem", otherHost().cert), key_file: file("our.key", otherHost().key) };

async function said(
  options: Pick<BrokersOptions, "tls" | "sasl">,
  config: Partial<z.input<typeof ClusterConfig>>,
): Promise<string> {
  const random = randomOf(1, "cluster");
  const view = createCluster({ clusterId: "c", version: "4.1", brokers: [1], offsetsPartitions: 1, random });
  await using brokers = await startBrokers({ view, random, ...options });
  const findings = await examineCluster({
    config: ClusterConfig.parse({ brokers: [...brokers.bootstrap], ...config }),
    timeoutMs: 2_000,
    nowMs: Date.now,
    logger: createLogger("silent"),
  });
  const [first] = findings;
  return `${first?.level} ${first?.detail}`;
}

const mutual = { ...selfSigned(), requestCert: true, rejectUnauthorized: true };
const trusting = { ca_file: file("self.pem", selfSigned().cert) };

type Row = readonly [
  name: string,
  served: BrokersOptions["tls"],
  tls: z.input<typeof ClusterConfig>["tls"],
  says: RegExp,
];
const rows: readonly Row[] = [
  ["an authority that we know", selfSigned(), trusting, /^ok/],
  ["one that we do not", selfSigned(), { ca_file }, /^fail the broker's certificate is of an authority that we do not/],
  ["an expired certificate", expired(), { ca_file }, /^fail the broker's certificate has expired: renew it there/],
  [
    "a certificate of another name",
    otherHost(),
    { ca_file },
    /^fail the broker's certificate is for another name: .*IP: 127/,
  ],
  ["that name, expected", otherHost(), { ca_file, server_name: "other.example" }, /^ok/],
  ["a name that is not the broker's", selfSigned(), { ...trusting, server_name: "else" }, /for another name/],
  [
    "no certificate of ours where one is wanted",
    mutual,
    trusting,
    /wants a certificate of us; we show none: give `tls/,
  ],
  ["a certificate of ours that it takes", { ...mutual, ca: AUTHORITY }, { ...trusting, ...ours }, /^ok/],
  ["TLS where there is none", undefined, trusting, /^fail it ends before TLS begins: mend the port/],
  [
    "a certificate that is not there",
    selfSigned(),
    { ca_file: "/nowhere/ca.pem" },
    /^fail .*\/nowhere\/ca\.pem cannot be read .*mend the files of `tls`/,
  ],
];
for (const [name, served, tls, says] of rows) {
  test(`TLS, ${name}`, async () => {
    const options = served === undefined ? {} : { tls: served };
    assert.match(await said(options, { tls }), says);
  });
}

const DAY_MS = 86_400_000;
const VALID_UNTIL_MS = new X509Certificate(otherHost().cert).validToDate.getTime();
const days: readonly (readonly [days: number, says: RegExp])[] = [
  [14.1, /^ok CN=other is valid until 2126-/],
  [13.9, /^warn CN=other is valid until 2126-/],
  [0.1, /^warn CN=other is valid until/],
  [-0.1, /^fail CN=other is valid until .*: it has expired/],
];
for (const [left, says] of days) {
  test(`our certificate, ${left} days before its end`, async () => {
    const random = randomOf(1, "cluster");
    const view = createCluster({ clusterId: "c", version: "4.1", brokers: [1], offsetsPartitions: 1, random });
    await using brokers = await startBrokers({ view, random, tls: { ...mutual, ca: AUTHORITY } });
    const findings = await examineCluster({
      config: ClusterConfig.parse({ brokers: [...brokers.bootstrap], tls: { ...trusting, ...ours } }),
      timeoutMs: 2_000,
      nowMs: () => VALID_UNTIL_MS - left * DAY_MS,
      logger: createLogger("silent"),
    });
    const found = findings.find(({ what }) => what === "our certificate");
    assert.match(`${found?.level} ${found?.detail}`, says);
  });
}

test("a token that the broker takes, and one that it does not, which is not shown again", async () => {
  const tokens = new Set(["right-token"]);
  const given = ["right-token", "wrong-token"];
  const endpoint = createServer((_, response) => {
    response.end(JSON.stringify({ access_token: given.shift(), expires_in: 300 }));
  }).listen(0, "127.0.0.1");
  await once(endpoint, "listening");
  const address = endpoint.address();
  assert.ok(typeof address === "object" && address !== null);
  const sasl = {
    mechanism: "oauthbearer",
    token_url: `http://127.0.0.1:${address.port}/`,
    client_id: "c",
    client_secret: "secret-0815",
  } as const;
  const options = { sasl: { mechanisms: ["OAUTHBEARER"], users: new Map(), tokens } } as const;
  assert.match(await said(options, { sasl }), /^ok 1 of 1/);
  const refused = await said(options, { sasl });
  assert.match(refused, /^fail the broker refuses our token: \{"status":"invalid_token"\}.*see its issuer/);
  assert.ok(!refused.includes("wrong-token"));
  endpoint.closeAllConnections();
  endpoint.close();
  assert.match(await said(options, { sasl }), /^fail no token from http.*ECONNREFUSED/);
});

test("a password that goes over a network as it is", async () => {
  const sasl = { mechanism: "plain", username: "u", password: "p" } as const;
  const config = ClusterConfig.parse({ brokers: ["192.0.2.1:9092"], sasl });
  const findings = await examineCluster({ config, timeoutMs: 20, nowMs: Date.now, logger: createLogger("silent") });
  assert.match(findings.map(({ level, what }) => `${level} ${what}`).join(), /warn sasl/);
});

test("a mechanism that the broker does not have", async () => {
  const sasl = { mechanism: "scram-sha-256", username: "u", password: "p" } as const;
  const options = { sasl: { mechanisms: ["PLAIN"], users: new Map() } } as const;
  assert.match(await said(options, { sasl }), /^fail The broker does not support the requested SASL mechanism/);
});

test("a broker that says no to our token and hangs up has refused us", () => {
  const cause = new BearerRefusedError('{"status":"invalid_token"} Closed connection');
  assert.equal(failureOf(cause, () => undefined).kind, "refused");
});

test("all who ask a broker at once are told why it refuses us, of one attempt", async () => {
  const random = randomOf(1, "cluster");
  const view = createCluster({ clusterId: "c", version: "4.1", brokers: [1], offsetsPartitions: 1, random });
  const users = new Map([["u", "right"]]);
  await using brokers = await startBrokers({ view, random, sasl: { mechanisms: ["PLAIN"], users } });
  const logger = createLogger("silent");
  let reads = 0;
  const sasl = {
    mechanism: "plain",
    username: "u",
    get password() {
      reads += 1;
      return "wrong";
    },
  };
  const factory = createBrokerFactory({ clientId: "t", security: { ...NO_SECURITY, sasl }, logger });
  await using link = createKafkaLink({ brokers: brokers.bootstrap, factory, nowMs: Date.now, logger });
  const asked = () => link.callAny(metadataApi, { topics: [] });
  await asked();
  const readsOfOne = reads;
  for (const outcome of await Promise.all([asked(), asked(), asked(), asked()])) {
    assert.ok(outcome.kind === "refused", outcome.kind);
    assert.match(outcome.cause.message, /authentication failed/);
  }
  assert.equal(reads, 2 * readsOfOne);
});

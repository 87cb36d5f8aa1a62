/**
 * # Who we are to a real broker, in every way it knows
 *
 * One broker with a listener for each, and one product that watches it as many clusters, a way each: with right credentials a
 * group's lag is served; with wrong or expired ones the cluster says so in words, tells no secret, and costs the others nothing.
 */

import assert from "node:assert/strict";
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { after, test } from "node:test";
import { Kafka, logLevel } from "kafkajs";
import { AUTHORITY, expired, otherHost, selfSigned } from "../stores/certificate.ts";
import { startBroker } from "./kafka/broker.ts";
import { saslProperties, tlsProperties } from "./kafka/security.ts";
import { startTokenEndpoint } from "./kafka/token-endpoint.ts";
import { scratchDir } from "./places.ts";
import { startProduct } from "./product.ts";
import { connectSimpleConsumer } from "./simple-consumer.ts";
import { fillTopic, topicsReady } from "./topics.ts";
import { done, notYet, until } from "./until.ts";

const TIMEOUT = { timeoutMs: 60_000, everyMs: 100 };
const AUDIENCE = "brokers";
const [RIGHT, WRONG, CLIENT_SECRET] = ["right-0815", "wrong-4711", "client-2342"];
const login = { username: "tidemark", password: RIGHT } as const;

const client = { secret: CLIENT_SECRET, lifetimeS: 3_600, audience: AUDIENCE };
const tokens = await startTokenEndpoint({
  tidemark: client,
  short: { ...client, lifetimeS: 20 },
  late: { ...client, lifetimeS: -300 },
  elsewhere: { ...client, audience: "others" },
  forger: { ...client, forged: true },
});
after(() => tokens[Symbol.asyncDispose]());

const accounts = saslProperties({ plain: [login], scram: true, bearer: true });
const broker = await startBroker({
  version: "4.1.2",
  scramUsers: [login],
  secured: [
    { name: "CLEAR", protocol: "SASL_PLAINTEXT", properties: accounts },
    { name: "BOTH", protocol: "SASL_SSL", properties: { ...tlsProperties(selfSigned()), ...accounts } },
    { name: "TLS", protocol: "SSL", properties: tlsProperties(selfSigned()) },
    { name: "MUTUAL", protocol: "SSL", properties: tlsProperties({ ...selfSigned(), trusted: AUTHORITY }) },
    { name: "EXPIRED", protocol: "SSL", properties: tlsProperties(expired()) },
  ],
  properties: {
    "sasl.oauthbearer.jwks.endpoint.url": tokens.jwksUrl,
    "sasl.oauthbearer.expected.audience": AUDIENCE,
    // A session ends with its token.
    "connections.max.reauth.ms": "3600000",
  },
  systemProperties: { "org.apache.kafka.sasl.oauthbearer.allowed.urls": tokens.jwksUrl },
});
after(() => broker[Symbol.asyncDispose]());

const dir = await scratchDir("credentials");
after(() => rm(dir, { recursive: true }));
async function file(name: string, text: string): Promise<string> {
  await writeFile(join(dir, name), text);
  return join(dir, name);
}
const pairOf = async (name: string, { cert, key }: { readonly cert: string; readonly key: string }) => ({
  cert_file: await file(`${name}.pem`, cert),
  key_file: await file(`${name}.key`, key),
});
const tls = { ca_file: await file("ca.pem", selfSigned().cert) };
const authority = await file("authority.pem", AUTHORITY);
const password_file = await file("password", RIGHT);
const client_secret_file = await file("secret", CLIENT_SECRET);

const bearer = (client_id: string, secret: object = { client_secret_file }) => ({
  sasl: { mechanism: "oauthbearer", token_url: tokens.url, client_id, ...secret },
});
const user = (mechanism: string, secret: object = { password_file }, username = "tidemark") => ({
  sasl: { mechanism, username, ...secret },
});

type Settings = Readonly<Record<string, unknown>>;
const at = (listener: string, settings: Settings): Settings => ({ brokers: [broker.listener(listener)], ...settings });

const MECHANISMS = ["plain", "scram-sha-256", "scram-sha-512"] as const;
const right: Readonly<Record<string, Settings>> = {
  ...Object.fromEntries(MECHANISMS.map((one) => [`${one}-clear`, at("CLEAR", user(one, { password: RIGHT }))])),
  ...Object.fromEntries(MECHANISMS.map((one) => [`${one}-tls`, at("BOTH", { tls, ...user(one) })])),
  "bearer-clear": at("CLEAR", bearer("tidemark")),
  "bearer-tls": at("BOTH", { tls, ...bearer("tidemark") }),
  "bearer-short": at("CLEAR", bearer("short")),
  tls: at("TLS", { tls }),
  mutual: at("MUTUAL", { tls: { ...tls, ...(await pairOf("mutual", otherHost())) } }),
  "mutual-polling": at("MUTUAL", {
    tls: { ...tls, ...(await pairOf("polling", otherHost())) },
    source: "polling",
    poll_interval: "1s",
  }),
};

/** What is wrong, and the words that say it. */
const wrong: Readonly<Record<string, readonly [settings: Settings, says: RegExp]>> = {
  ...Object.fromEntries(
    MECHANISMS.flatMap((one) => [
      [
        `${one}-wrong`,
        [at("BOTH", { tls, ...user(one, { password: WRONG }) }), /authentication failed: .*(invalid|Invalid)/],
      ],
      [
        `${one}-nobody`,
        [at("CLEAR", user(one, { password_file }, "gone")), /authentication failed: .*(invalid|Invalid)/],
      ],
    ]),
  ),
  "no-secret": [at("CLEAR", user("plain", { password_file: "/nowhere/secret" })), /the secret file \/nowhere\/secret/],
  "bearer-wrong": [at("CLEAR", bearer("tidemark", { client_secret: WRONG })), /gives us no token: invalid_client \(no/],
  "bearer-late": [at("BOTH", { tls, ...bearer("late") }), /the broker refuses our token: .*invalid_token/],
  "bearer-elsewhere": [at("CLEAR", bearer("elsewhere")), /the broker refuses our token: .*invalid_token/],
  "bearer-forged": [at("CLEAR", bearer("forger")), /the broker refuses our token: .*invalid_token/],
  "tls-unknown": [at("TLS", { tls: { ca_file: authority } }), /certificate is of an authority that we do not know/],
  "tls-name": [at("TLS", { tls: { ...tls, server_name: "other.example" } }), /certificate is for another name/],
  "tls-expired": [at("EXPIRED", { tls: { ca_file: authority } }), /the broker's certificate has expired: renew it/],
  "tls-missing": [at("TLS", {}), /it speaks TLS: set `tls`/],
  "tls-unwanted": [{ brokers: [broker.bootstrap], tls }, /it ends before TLS begins/],
  "mutual-none": [at("MUTUAL", { tls }), /the broker wants a certificate of us; we show none: give `tls.cert_file`/],
  "mutual-unknown": [
    at("MUTUAL", { tls: { ...tls, ...(await pairOf("unknown", selfSigned())) } }),
    /the broker .* our certificate; ours is CN=localhost, valid until 2126/,
  ],
  "mutual-expired": [
    at("MUTUAL", { tls: { ...tls, ...(await pairOf("old", expired())) } }),
    /the broker .* our certificate.*; ours is CN=.*, valid until 2020-/,
  ],
};

const kafka = new Kafka({ clientId: "setup", brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
const [admin, producer] = [kafka.admin(), kafka.producer()];
await Promise.all([admin.connect(), producer.connect()]);
await admin.createTopics({ topics: [{ topic: "t", numPartitions: 1, replicationFactor: 1 }], waitForLeaders: false });
await topicsReady(admin, ["t"]);
await fillTopic(admin, producer, { topic: "t", partitions: 1, records: 10 });
await Promise.all([admin.disconnect(), producer.disconnect()]);

async function commit(committedOffset: number): Promise<void> {
  await using simple = await connectSimpleConsumer(kafka);
  await simple.commit("g", [{ topic: "t", partition: 0, committedOffset }]);
}
await commit(3);

const product = await startProduct({
  brokers: [broker.bootstrap],
  command: "collector",
  others: { ...right, ...Object.fromEntries(Object.entries(wrong).map(([name, [settings]]) => [name, settings])) },
});
after(() => product[Symbol.asyncDispose]());

/** The whole of it, not its end. */
const log = () => readFile(join(product.dataDir, "product.log"), "utf8");

async function lagIs(cluster: string, lag: number): Promise<void> {
  const look = async () => {
    const { status, text } = await product.get(`/v4/clusters/${cluster}/groups/g`);
    return status === 200 && JSON.parse(text).lag === lag ? done(undefined) : notYet(`${status} ${text.slice(0, 300)}`);
  };
  await until(`a lag of ${lag} in ${cluster}`, look, TIMEOUT);
}

async function reasonIs(cluster: string, says: RegExp): Promise<void> {
  const look = async () => {
    const { text } = await product.get("/v4/clusters");
    const found = JSON.parse(text).clusters.find((one: { readonly cluster: string }) => one.cluster === cluster);
    const said = JSON.stringify(found);
    return says.test(said) ? done(undefined) : notYet(said);
  };
  await until(`the reason of ${cluster}`, look, TIMEOUT);
}

for (const name of Object.keys(right)) test(`right: ${name}`, () => lagIs(name, 7));

for (const [name, [, says]] of Object.entries(wrong)) {
  test(`wrong: ${name}, in words`, () => reasonIs(name, says));
}

test("a token of twenty seconds is renewed, and the session with it, without a break", async () => {
  const look = async () => (tokens.given("short") >= 4 ? done(undefined) : notYet(`${tokens.given("short")} tokens`));
  await until("the fourth token", look, TIMEOUT);
  await commit(4);
  await lagIs("bearer-short", 6);
  const breaks = (await log())
    .split("\n")
    .filter((line) => line.includes('"bearer-short"') && line.includes('"reason"'));
  assert.deepEqual(breaks, []);
  tokens.withdraw("short");
});

test("certificates that are renewed count without a restart, and half of a pair leaves the ones before in use", async () => {
  await pairOf("unknown", otherHost());
  await lagIs("mutual-unknown", 6);
  await file("mutual.key", selfSigned().key);
  await broker.restart();
  await commit(5);
  const kept = Object.keys(right).filter((name) => name !== "bearer-short");
  for (const name of [...kept, "mutual-unknown"]) await lagIs(name, 5);
  assert.match(await log(), /"mutual","event":"kafka\.certificates-kept"/);
});

test("a client that was withdrawn while we ran is said once its last token is over", async () => {
  await reasonIs("bearer-short", /gives us no token: invalid_client/);
});

test("no secret is told, and the process stays", async () => {
  const places = ["/readyz", "/v4/clusters", "/metrics", "/v3/kafka/plain-wrong"];
  const answers = await Promise.all(places.map(async (place) => (await product.get(place)).text));
  const texts = [...answers, await log()];
  for (const secret of [RIGHT, WRONG, CLIENT_SECRET, "eyJ"])
    for (const text of texts) assert.ok(!text.includes(secret), `${secret} is told`);
  assert.ok(product.running);
});

/**
 * Fourteen secrets, each with a path on which it is refused: none of them is in a log at trace level, in metrics, answers, the spool,
 * dead letters, the words of a command, the process list, or what is said at a crash; neither as it is nor in base64.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";
import { SinksConfig } from "../../shipper/config.ts";
import { provisionSink } from "../../shipper/provision/provision.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { furnishedCluster } from "../simulated/collector.fixture.ts";
import { selfSigned } from "../stores/certificate.ts";
import { startFakeElasticsearch } from "../stores/elasticsearch.ts";
import { startFakeInflux } from "../stores/influxdb.ts";
import { startStoreServer } from "../stores/store-server.ts";
import { answersTo } from "./asked-for-secrets.fixture.ts";

const MAIN = resolve(import.meta.dirname, "../../cli/main.ts");

const canary = (what: string) => `canary-${what}-7f3a9c1e5b`;
const SECRETS = {
  sasl: canary("sasl-file"),
  saslEnvironment: canary("sasl-environment"),
  saslInline: canary("sasl-inline"),
  key: selfSigned().key.split("\n")[2] ?? "",
  apiKey: canary("api-key"),
  adminKey: canary("admin-key"),
  token: canary("influx-token"),
  password: canary("influx-password"),
  ours: canary("our-token"),
  feed: canary("feed-token"),
  asked: canary("wrong-token-of-a-client"),
  environment: canary("of-something-else"),
  clientSecret: canary("client-secret"),
  bearer: canary("bearer-token"),
} as const;

/** As it is, and what base64 makes of it behind 0, 1 or 2 other bytes, as in a Basic header. */
const FORMS = Object.entries(SECRETS).flatMap(([name, secret]) => {
  const inBase64 = ["", ":", "::"].map((before) => Buffer.from(`${before}${secret}`).toString("base64").slice(4, -4));
  return [secret, ...inBase64].map((form) => ({ name, form }));
});

function assertSilent(where: string, said: string): void {
  const told = FORMS.filter(({ form }) => said.includes(form)).map(({ name }) => name);
  assert.deepEqual([...new Set(told)], [], `${where} tells a secret`);
}

interface Run {
  readonly child: ChildProcess;
  /** All that it has said so far, on both streams. */
  readonly said: () => string;
}

/** Something that nobody catches, when it is told to. */
const BUG = 'process.on("SIGUSR2", () => { throw new Error("seeded exception"); });';

function start(words: readonly string[]): Run {
  const bug = ["--import", `data:text/javascript,${encodeURIComponent(BUG)}`];
  const child = spawn(process.execPath, ["--disable-warning=ExperimentalWarning", ...bug, MAIN, ...words], {
    stdio: ["ignore", "pipe", "pipe"],
    env: {
      ...process.env,
      TIDEMARK_CLUSTERS__ENVIRONMENT__SASL__PASSWORD: SECRETS.saslEnvironment,
      AWS_SECRET_ACCESS_KEY: SECRETS.environment,
    },
  });
  let said = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (text: string) => {
      said += text;
    });
  return { child, said: () => said };
}

/** Looks again between turns until it is so, or the process has ended. */
async function until({ child, said }: Run, holds: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await holds())) {
    assert.equal(child.exitCode, null, said());
    await new Promise((settle) => setTimeout(settle, 50));
  }
}

async function commandSays(words: readonly string[], wantedCode: number): Promise<string> {
  const run = start(words);
  const [code] = await once(run.child, "close");
  assert.equal(code, wantedCode, run.said());
  return run.said();
}

async function startAround(folder: string) {
  const refusing = { mechanisms: ["PLAIN" as const], users: new Map([["tidemark", "another"]]) };
  const random = randomOf(1, "brokers");
  const es = { letsIn: `ApiKey ${SECRETS.adminKey}` };
  const store = await startFakeElasticsearch({
    flavour: "elasticsearch",
    authorization: () => es.letsIn,
    answers: ({ kind }) => (kind === "group" ? { status: 400, type: "mapping", reason: "poison" } : undefined),
  });
  const parts = {
    refusing: await startBrokers({ view: furnishedCluster(), random, sasl: refusing }),
    bearing: await startBrokers({
      view: furnishedCluster(),
      random,
      sasl: { mechanisms: ["OAUTHBEARER"], users: new Map() },
    }),
    endpoint: await startStoreServer({
      serve: () => ({ status: 200, body: JSON.stringify({ access_token: SECRETS.bearer, expires_in: 300 }) }),
    }),
    open: await startBrokers({ view: furnishedCluster(), random }),
    tls: await startBrokers({ view: furnishedCluster(), random, tls: selfSigned() }),
    store,
    influx: await startFakeInflux({ dialect: "v2", databases: ["tidemark"] }),
    collector: await startStoreServer({ serve: () => ({ status: 401, body: "who are you" }) }),
  };
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  };
  const sasl = { mechanism: "plain", username: "tidemark" };
  const bearer = {
    mechanism: "oauthbearer",
    token_url: `${parts.endpoint.url}/token`,
    client_id: "tidemark",
    client_secret_file: file("client", SECRETS.clientSecret),
  };
  const sinks = {
    es: {
      type: "elasticsearch",
      url: store.url,
      api_key_file: file("es", SECRETS.apiKey),
      admin_api_key_file: file("admin", SECRETS.adminKey),
      retention: "30d",
    },
    influx: { type: "influxdb", url: parts.influx.url, token_file: file("token", SECRETS.token) },
    old: {
      type: "influxdb",
      api: "v1",
      url: parts.influx.url,
      username: "writer",
      password_file: file("password", SECRETS.password),
    },
  };
  const log = { level: "trace" };
  const all = {
    log,
    clusters: {
      open: { brokers: parts.open.bootstrap },
      file: { brokers: parts.refusing.bootstrap, sasl: { ...sasl, password_file: file("sasl", SECRETS.sasl) } },
      inline: { brokers: parts.refusing.bootstrap, sasl: { ...sasl, password: SECRETS.saslInline } },
      environment: { brokers: parts.refusing.bootstrap, sasl },
      bearer: { brokers: parts.bearing.bootstrap, sasl: bearer },
      tls: {
        brokers: parts.tls.bootstrap,
        tls: { key_file: file("key", selfSigned().key), cert_file: file("cert", selfSigned().cert) },
      },
    },
    evaluate: { interval: "200ms" },
    collector: { listen: "127.0.0.1:0", token_file: file("ours", SECRETS.ours) },
    shipper: { data_dir: join(folder, "data") },
    sinks,
  };
  const remote = { from: parts.collector.url, from_token_file: file("feed", SECRETS.feed) };
  const { environment } = all.clusters;
  const shipper = {
    log,
    clusters: { environment },
    shipper: { listen: "127.0.0.1:0", data_dir: join(folder, "other"), ...remote },
  };
  const misplaced = {
    ...all,
    sinks: { es: { ...sinks.es, api_key: SECRETS.apiKey }, influx: { token: SECRETS.token } },
  };
  return {
    ...parts,
    letIn: () => {
      es.letsIn = `ApiKey ${SECRETS.apiKey}`;
    },
    provision: async () => {
      const { es: sink } = SinksConfig.parse({ es: sinks.es });
      if (sink !== undefined) await provisionSink(sink, { dryRun: false, force: false });
    },
    all: file("all.yaml", JSON.stringify(all)),
    shipper: file("shipper.yaml", JSON.stringify(shipper)),
    misplaced: file("misplaced.yaml", JSON.stringify(misplaced)),
    [Symbol.asyncDispose]: async () => {
      for (const part of Object.values(parts)) await part[Symbol.asyncDispose]();
    },
  };
}

const portOf = (said: string): number => Number(/"event":"http.listening".*"port":(\d+)/.exec(said)?.[1] ?? 0);

/** Through every refusal, some deliveries and dead letters, to a crash. */
async function runAll(around: Awaited<ReturnType<typeof startAround>>): Promise<void> {
  const { influx, store } = around;
  influx.rest({ kind: "answer", status: 401, body: "unauthorized access" });
  const run = start(["all", "--config", around.all]);
  try {
    await until(run, () => portOf(run.said()) > 0);
    const metrics = () => answersTo(portOf(run.said()), SECRETS);
    store.rest({ kind: "serve" });
    const isHeld = (text: string) =>
      ["es", "influx", "old"].every((sink) => text.includes(`tidemark_sink_state{sink="${sink}",state="held"} 1`));
    await until(run, async () => isHeld(await metrics()));
    await until(run, () => /"cluster":"tls"/.test(run.said()) && /credentials/.test(run.said()));
    await until(run, () => /"cluster":"bearer".*refuses our token/.test(run.said()));
    assertSilent("the process list", readFileSync(`/proc/${run.child.pid}/cmdline`, "utf8"));
    around.letIn();
    influx.follow({ kind: "reset" }, { kind: "answer", status: 503, body: "busy" }, { kind: "serve-then-reset" });
    influx.rest({ kind: "serve" });
    await until(run, async () => /tidemark_dlq_points\{sink="es"\} [1-9]/.test(await metrics()));
    assertSilent("an answer", await metrics());
    const ended = once(run.child, "close");
    run.child.kill("SIGUSR2");
    assert.equal((await ended)[0], 70, run.said());
    assert.match(run.said(), /seeded exception/);
    assert.match(run.said(), /"event":"sink.held"/);
    assertSilent("the log", run.said());
  } finally {
    run.child.kill("SIGKILL");
  }
}

async function runShipper(around: Awaited<ReturnType<typeof startAround>>): Promise<void> {
  const run = start(["shipper", "--config", around.shipper]);
  try {
    await until(run, () => /"event":"feed.unreachable"/.test(run.said()) && around.collector.requests.length > 1);
    assert.equal(around.collector.requests[0]?.headers.authorization, `Bearer ${SECRETS.feed}`);
    assertSilent("the log of a shipper", run.said());
  } finally {
    run.child.kill("SIGKILL");
  }
}

test("fourteen secrets, refused on every road, are in no log, metric, answer, file, word or crash", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-secrets-"));
  try {
    assert.equal(new Set(Object.values(SECRETS)).size, 14);
    await using around = await startAround(folder);
    await around.provision();
    await runAll(around);
    await runShipper(around);
    assert.equal(
      around.store.requests.some(({ headers }) => headers.authorization?.includes(SECRETS.apiKey)),
      true,
    );
    assertSilent("a wrong configuration", await commandSays(["all", "--config", around.misplaced], 78));
    for (const verb of ["list", "show"]) {
      const said = await commandSays(["dlq", verb, "--config", around.all], 0);
      assert.match(said, /poison/);
      assertSilent(`dlq ${verb}`, said);
    }
    for (const name of readdirSync(join(folder, "data")))
      assertSilent(name, readFileSync(join(folder, "data", name), "latin1"));
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("a secret that is told is seen, in whatever form", () => {
  const basic = Buffer.from(`writer:${SECRETS.password}`).toString("base64");
  for (const told of [`token ${SECRETS.token}`, `Authorization: Basic ${basic}`])
    assert.throws(() => assertSilent("a line", told), /a line tells a secret/);
});

/** A real Grafana runs every rule; a stopped consumer fires GroupStopped at a webhook, and resolves when it reads again. */

import assert from "node:assert/strict";
import { cp, rm } from "node:fs/promises";
import { basename, resolve } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";
import { SinksConfig } from "../../../shipper/config.ts";
import { selfPoints } from "../../../shipper/encode/self.ts";
import type { OpenedSink } from "../../../shipper/open-sink.ts";
import { openSink } from "../../../shipper/open-sink.ts";
import { provisionSink } from "../../../shipper/provision/provision.ts";
import type { Point } from "../../../shipper/schema/point.ts";
import { fault, group, topic } from "../../../simulator/scenario/spec.ts";
import type { Scenario } from "../../../simulator/world/specs.ts";
import type { PlayedTick } from "../alerts/played-points.ts";
import { playedPoints } from "../alerts/played-points.ts";
import { startElasticsearch } from "../elasticsearch/server.ts";
import { startInflux } from "../influxdb/server.ts";
import { REPOSITORY, scratchDir } from "../places.ts";
import { done, type Look, notYet, until } from "../until.ts";
import { layProvisioning } from "./provisioning.ts";
import { type Grafana, grafanaHome, startGrafana } from "./server.ts";
import { type Message, startWebhook, type Webhook } from "./webhook.ts";

const MINUTE_MS = 60_000;
const BEFORE_MS = 10 * MINUTE_MS;
const AFTER_MS = 9 * MINUTE_MS;
const STOPPED = { fromMs: -3 * MINUTE_MS, forMs: 5.5 * MINUTE_MS } as const;
const PROVISIONING = resolve(REPOSITORY, "dashboards/out/provisioning");

/** Faults count from the end. */
const SCENARIO: Scenario = {
  cluster: "prod",
  brokers: 1,
  offsetsPartitions: 2,
  pastPace: 1,
  topics: [topic("clicks", 2, { kind: "constant", perSecond: 60 })],
  groups: [group("orders", ["clicks"], 300), group("steady", ["clicks"], 300)],
  faults: [fault("stop-group", STOPPED.fromMs - AFTER_MS, { group: "orders", forMs: STOPPED.forMs })],
};

/** Writes each tick when its time has come, with a heartbeat. */
async function writeOn(sinks: readonly OpenedSink[], ticks: readonly PlayedTick[], signal: AbortSignal): Promise<void> {
  const waiting = [...ticks];
  while (!signal.aborted && waiting.length > 0) {
    const due = waiting.splice(0, waiting.findLastIndex(({ atMs }) => atMs <= Date.now()) + 1);
    const points = due.flatMap(({ atMs, points: some }): readonly Point[] => [
      ...some,
      ...selfPoints(atMs, { instance: "one", source: { source_up: 1, uptime_seconds: 1 }, sinks: new Map() }),
    ]);
    if (points.length > 0) for (const { sink } of sinks) await sink.write(points, new AbortController().signal);
    await pause(1_000, undefined, { signal }).catch(() => {});
  }
}

interface RuleState {
  readonly name: string;
  readonly health: string;
  readonly lastError?: string;
  readonly lastEvaluation: string;
}

async function rulesOf(grafana: Grafana): Promise<readonly RuleState[]> {
  const { body } = await grafana.ask("/api/prometheus/grafana/api/v1/rules");
  const { data } = body as { readonly data: { readonly groups: readonly { readonly rules: readonly RuleState[] }[] } };
  return data.groups.flatMap(({ rules }) => rules);
}

const RULES = 32;

async function evaluated(grafana: Grafana): Promise<Look<readonly RuleState[]>> {
  const rules = await rulesOf(grafana);
  const waiting = rules.filter(({ lastEvaluation }) => lastEvaluation.startsWith("0001"));
  const isReady = rules.length === RULES && waiting.length === 0;
  return isReady ? done(rules) : notYet(`${waiting.length} of ${rules.length} wait`);
}

/** GroupStopped of both stores in this state. */
async function told(webhook: Webhook, status: "firing" | "resolved"): Promise<Look<Message["alerts"]>> {
  const found = webhook
    .messages()
    .flatMap(({ alerts }) => alerts)
    .filter((one) => one.status === status && one.labels["alert"] === "GroupStopped");
  const stores = new Set(found.map(({ labels }) => labels["alertname"]));
  return stores.size === 2 ? done(found) : notYet(`${found.length} of ${webhook.messages().length} messages`);
}

/** What Grafana is given beside rules: where alerts go, and what is said of them. */
const ROUTING = [
  "contact-points/TIDEMARK_ALERT_WEBHOOK_URL.yaml",
  "contact-points/policies.yaml",
  "alerting/tidemark-templates.yaml",
];

test("every rule is well, and a stopped consumer is told to a webhook, and that it reads again", async (t) => {
  const home = await grafanaHome();
  if (home === undefined) return t.skip("GRAFANA_HOME is not set");
  const folder = await scratchDir("grafana-alerts");
  await using elasticsearch = await startElasticsearch();
  await using influxdb = await startInflux();
  await using webhook = await startWebhook();
  await influxdb.query("", 'CREATE DATABASE "tidemark"');
  const configs = Object.entries(
    SinksConfig.parse({
      es: { type: "elasticsearch", url: elasticsearch.url, timeout: "60s" },
      influx: { type: "influxdb", url: influxdb.url, database: "tidemark", api: "v1" },
    }),
  );
  for (const [, config] of configs) await provisionSink(config, { dryRun: false, force: false });
  const sinks = await Promise.all(configs.map(([name, config]) => openSink({ name, config }, "")));
  const stop = new AbortController();
  const nowMs = Date.now();
  const ticks = await playedPoints(SCENARIO, { startMs: nowMs - BEFORE_MS, endMs: nowMs + AFTER_MS });
  const writing = writeOn(sinks, ticks, stop.signal);
  try {
    const laid = await layProvisioning(folder, { elasticsearch: elasticsearch.url, influxdb: influxdb.url });
    for (const path of ROUTING)
      await cp(resolve(PROVISIONING, path), resolve(laid.provisioning, "alerting", basename(path)));
    const env = { ...laid.env, TIDEMARK_ALERT_WEBHOOK_URL: webhook.url };
    await using grafana = await startGrafana(home, { ...laid, env });

    const rules = await until("an evaluation of every rule", () => evaluated(grafana), {
      timeoutMs: 180_000,
      everyMs: 2_000,
    });
    const unwell = rules.filter(({ health, lastError = "" }) => health !== "ok" || lastError !== "");
    assert.deepEqual(
      unwell.map(({ name, health, lastError }) => `${name}: ${health} ${lastError}`),
      [],
    );

    const fired = await until("GroupStopped at the webhook", () => told(webhook, "firing"), {
      timeoutMs: 180_000,
      everyMs: 1_000,
    });
    for (const { labels, annotations } of fired) {
      assert.deepEqual([labels["cluster"], labels["group"]], ["prod", "orders"]);
      assert.match(annotations["summary"] ?? "", /^orders of prod has committed nothing .* \d[\d.]*k? records unread$/);
    }
    const [first] = webhook.messages();
    assert.match(first?.message ?? "", /Since \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC/);
    assert.match(
      first?.message ?? "",
      /Panel: http.*\/d\/tidemark-(es|influx)-group\?viewPanel=11&var-cluster=prod&var-group=orders/,
    );
    await until("its end at the webhook", () => told(webhook, "resolved"), { timeoutMs: 480_000, everyMs: 2_000 });
    const groups = webhook.messages().flatMap(({ alerts }) => alerts.map(({ labels }) => labels["group"]));
    assert.deepEqual([...new Set(groups)], ["orders"], "nothing is told of who reads on");
    const log = (await grafana.log()).split("\n").filter((line) => /level=(warn|error)/.test(line));
    assert.deepEqual(
      log.filter((line) => /tidemark/i.test(line)),
      [],
    );
  } finally {
    stop.abort();
    await writing;
    await Promise.all(sinks.map((one) => one[Symbol.asyncDispose]()));
    await rm(folder, { recursive: true, force: true });
  }
});

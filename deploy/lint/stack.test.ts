/** The stack keeps every rule, and every rule can fail. */

import assert from "node:assert/strict";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { variablesOf } from "../provision/grafana-files.ts";
import type { Service, Stack } from "./stack.ts";
import { mountsOf, parseStack } from "./stack.ts";
import type { StackRule } from "./stack-rules.ts";
import { CONTAINER_RULES } from "./stack-rules.ts";
import { WIRING_RULES } from "./wiring-rules.ts";

const ROOT = new URL("../../", import.meta.url);
const text = readFileSync(new URL("docker-compose.yml", ROOT), "utf8");
const stack = parseStack(text);
const RULES: Readonly<Record<string, StackRule>> = { ...CONTAINER_RULES, ...WIRING_RULES };

function spoilt(name: string, change: (service: Service) => Partial<Service>): Stack {
  const service = stack.services[name];
  assert.ok(service !== undefined, `the stack has ${name}`);
  return { ...stack, services: { ...stack.services, [name]: { ...service, ...change(service) } } };
}

/** As compose writes what it puts in. */
function interpolated(inside: string): string {
  return ["$", "{", inside, "}"].join("");
}

/** For each rule a stack that breaks it, and the sentence's beginning. */
const SPOILT: Readonly<Record<string, readonly (readonly [Stack, string])[]>> = {
  "no container runs as root": [
    [spoilt("kafka", () => ({ user: "0:0" })), "kafka:"],
    [spoilt("shipper", () => ({ user: undefined })), "shipper:"],
  ],
  "every root is read-only": [[spoilt("influxdb", () => ({ read_only: false })), "influxdb:"]],
  "every capability is dropped": [[spoilt("demo", () => ({ cap_drop: ["NET_RAW"] })), "demo:"]],
  "no process gains privileges": [[spoilt("grafana", () => ({ security_opt: [] })), "grafana:"]],
  "processes, memory and processors have limits": [
    [spoilt("prometheus", () => ({ mem_limit: undefined })), "prometheus:"],
    [spoilt("prometheus", () => ({ pids_limit: undefined })), "prometheus:"],
    [spoilt("prometheus", () => ({ cpus: undefined })), "prometheus:"],
  ],
  "no container restarts for ever": [[spoilt("collector", () => ({ restart: "always" })), "collector:"]],
  "logs on disk have a limit": [[spoilt("kafka", () => ({ logging: undefined })), "kafka:"]],
  "no container holds the socket of Docker": [
    [spoilt("grafana", () => ({ volumes: ["/var/run/docker.sock:/var/run/docker.sock:ro"] })), "grafana:"],
  ],
  "what is mounted from the host cannot be written": [
    [spoilt("prometheus", () => ({ volumes: ["./deploy/prometheus:/etc/prometheus"] })), "prometheus:"],
  ],
  "ours write to their own volume alone": [
    [spoilt("shipper", ({ volumes }) => ({ volumes: [...volumes, "shipper-data:/app"] })), "shipper:"],
  ],
  "what is temporary is in memory, with a limit, and runs nothing": [
    [spoilt("collector", () => ({ tmpfs: [] })), "collector:"],
    [spoilt("collector", () => ({ tmpfs: ["/tmp:noexec"] })), "collector:"],
    [spoilt("collector", () => ({ tmpfs: ["/tmp:size=1m,exec"] })), "collector:"],
  ],
  "every image is pinned": [
    [spoilt("kafka", () => ({ image: "apache/kafka" })), "kafka:"],
    [spoilt("kafka", () => ({ image: "apache/kafka:latest" })), "kafka:"],
    [spoilt("grafana", () => ({ image: `grafana/grafana:${interpolated("GRAFANA_VERSION:-latest")}` })), "grafana:"],
  ],
  "no secret stands in the environment": [
    [spoilt("influxdb", () => ({ environment: { INFLUXDB_ADMIN_PASSWORD: "admin" } })), "influxdb:"],
    [
      spoilt("grafana", () => ({ environment: { GF_SECURITY_ADMIN_PASSWORD: interpolated("PASSWORD:-admin") } })),
      "grafana:",
    ],
  ],
  "what runs says whether it is healthy": [
    [spoilt("shipper", () => ({ healthcheck: { disable: true } })), "shipper:"],
    [spoilt("kafka", () => ({ healthcheck: undefined })), "kafka:"],
  ],
  "only Grafana and the API are published, on loopback": [
    [spoilt("elasticsearch", () => ({ ports: ["127.0.0.1:9200:9200"] })), "elasticsearch:"],
    [spoilt("grafana", () => ({ ports: ["3000:3000"] })), "grafana:"],
  ],
  "stores and brokers are on networks that lead nowhere": [
    [spoilt("elasticsearch", () => ({ networks: ["stores", "front"] })), "elasticsearch:"],
    [{ ...stack, networks: { ...stack.networks, brokers: { internal: false } } }, "kafka:"],
  ],
  "every container is on a network of ours": [[spoilt("demo", () => ({ networks: [] })), "demo:"]],
  "who waits for health waits for what has a healthcheck": [
    [spoilt("elasticsearch", () => ({ healthcheck: undefined })), "provision:"],
  ],
  "whatever ends by itself is waited for": [
    [withoutWaiting("provision"), "provision:"],
    [spoilt("provision", () => ({ restart: "on-failure:5" })), "provision:"],
  ],
  "no container waits for one of a profile that may be off": [
    [spoilt("grafana", () => ({ depends_on: { influxdb: { condition: "service_healthy" } } })), "grafana:"],
  ],
  "every secret is a file of its own, and is used": [
    [{ ...stack, secrets: { ...stack.secrets, collector_token: { file: "./token" } } }, "collector_token:"],
    [{ ...stack, secrets: { ...stack.secrets, spare: { file: "./secrets/spare" } } }, "spare:"],
    [spoilt("demo", () => ({ secrets: ["unknown"] })), "unknown:"],
  ],
  "every volume is named, and is used": [
    [{ ...stack, volumes: { ...stack.volumes, spare: {} } }, "spare:"],
    [spoilt("demo", () => ({ volumes: ["unknown:/data"] })), "unknown:"],
  ],
};

function withoutWaiting(on: string): Stack {
  const services = Object.entries(stack.services).map(([name, service]) => {
    const { [on]: _, ...rest } = service.depends_on;
    return [name, { ...service, depends_on: rest }] as const;
  });
  return { ...stack, services: Object.fromEntries(services) };
}

for (const [name, rule] of Object.entries(RULES)) {
  test(`in the stack, ${name}`, () => assert.deepEqual(rule(stack), []));
  test(`a stack that breaks it is seen: ${name}`, () => {
    const rows = SPOILT[name] ?? [];
    assert.ok(rows.length > 0, "the rule has a stack that breaks it");
    for (const [broken, begins] of rows)
      assert.ok(
        rule(broken).some((sentence) => sentence.startsWith(begins)),
        rule(broken).join("; "),
      );
  });
}

for (const key of ["privileged: true", "network_mode: host", "pid: host", "ipc: host", "cap_add: [SYS_ADMIN]"])
  test(`a service with ${key} is refused`, () => {
    const changed = text.replace("  kafka:\n", `  kafka:\n    ${key}\n`);
    assert.throws(() => parseStack(changed), /Unrecognized key/);
  });

test("every file that is mounted is there", () => {
  const sources = Object.values(stack.services).flatMap((service) => mountsOf(service).map(({ source }) => source));
  const gone = sources.filter((source) => source.startsWith(".") && !existsSync(new URL(source, ROOT)));
  assert.deepEqual(gone, []);
});

test("Grafana shows nothing to strangers, and tells nobody of itself", () => {
  const { environment = {}, entrypoint = [] } = stack.services["grafana"] ?? {};
  const off = [
    "GF_AUTH_ANONYMOUS_ENABLED",
    "GF_USERS_ALLOW_SIGN_UP",
    "GF_PUBLIC_DASHBOARDS_ENABLED",
    "GF_SNAPSHOTS_EXTERNAL_ENABLED",
    "GF_ANALYTICS_REPORTING_ENABLED",
    "GF_ANALYTICS_CHECK_FOR_UPDATES",
    "GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES",
    "GF_NEWS_NEWS_FEED_ENABLED",
  ];
  for (const name of off) assert.equal(environment[name], "false", name);
  assert.equal(environment["GF_SECURITY_ADMIN_PASSWORD__FILE"], "/run/secrets/grafana_admin_password");
  assert.match(entrypoint.join(" "), /-s \/run\/secrets\/grafana_admin_password \] \|\| exit/);
});

/** Grafana puts nothing in the place of a variable that is not set, without a word. */
test("every variable that Grafana is to put in is set for it, and for what chooses its files", () => {
  const files = Object.values(stack.services).flatMap((service) => mountsOf(service));
  assert.ok(files.some(({ source }) => source === "./dashboards/out/provisioning"));
  const { grafana, provision, "provision-influxdb": later } = stack.services;
  for (const { path, text: said } of provisioningFiles()) {
    const isChannel = /^(contactPoints|policies):/m.test(said);
    if (!isChannel && !/^datasources:/m.test(said)) continue;
    const wanted = variablesOf(said);
    for (const service of isChannel ? [grafana, provision, later] : [grafana])
      for (const name of wanted)
        assert.ok(Object.hasOwn(service?.environment ?? {}, name), `${path}: ${name} is not set`);
  }
});

function provisioningFiles(): readonly { readonly path: string; readonly text: string }[] {
  const folder = new URL("dashboards/out/provisioning/", ROOT);
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".yaml"));
  return names.map((path) => ({ path, text: readFileSync(new URL(path, folder), "utf8") }));
}

const Scrapes = z.looseObject({
  rule_files: z.tuple([z.string()]),
  scrape_configs: z.array(
    z.looseObject({
      job_name: z.string(),
      authorization: z.strictObject({ credentials_file: z.string() }),
      static_configs: z.tuple([z.strictObject({ targets: z.tuple([z.string()]) })]).optional(),
    }),
  ),
});

test("Prometheus scrapes every process of ours with its token, and reads the rules that are generated", () => {
  const { prometheus } = stack.services;
  const config = Scrapes.parse(parse(readFileSync(new URL("deploy/prometheus/prometheus.yml", ROOT), "utf8")));
  assert.deepEqual(
    config.scrape_configs.map(({ job_name: job, static_configs: targets }) => [job, targets?.[0].targets[0]]),
    [
      ["tidemark-collector", "collector:8000"],
      ["tidemark-shipper", "shipper:8001"],
      ["tidemark-shipper-influxdb", undefined],
    ],
  );
  for (const { authorization } of config.scrape_configs) {
    const name = /^\/run\/secrets\/(\w+)$/.exec(authorization.credentials_file)?.[1] ?? "";
    assert.ok(prometheus?.secrets.includes(name), name);
  }
  const folder = mountsOf(prometheus ?? assert.fail()).find(({ target }) =>
    config.rule_files[0].startsWith(`${target}/`),
  );
  const path = config.rule_files[0].replace(folder?.target ?? "", folder?.source ?? "");
  assert.ok(existsSync(new URL(path, ROOT)), path);
});

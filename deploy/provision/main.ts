/**
 * # What has to be there before the stack runs
 *
 *     node deploy/provision/main.ts elasticsearch|influxdb
 *
 * The accounts of shipper and Grafana with the least rights, what `tidemark provision` makes in the store, and the files that
 * Grafana reads when it starts. Each may be run again at any time. Ends with 0 when all is there, with 1 and why when not.
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { readConfig } from "../../cli/config.ts";
import { runProvision } from "../../cli/run-provision.ts";
import { sleep } from "../../runtime/clock.ts";
import { asError } from "../../runtime/error.ts";
import { elasticsearchAccounts } from "./elasticsearch-accounts.ts";
import type { ProvisioningFile, Store } from "./grafana-files.ts";
import { filesOf } from "./grafana-files.ts";
import { basicOf, mustAnswer } from "./http.ts";
import { ensureAccounts, ensureAdmin } from "./influxdb.ts";
import { readBasicPassword, readPassword } from "./secret-files.ts";

const SECRETS = "/run/secrets";
const CONFIGS = "/etc/tidemark";
const GENERATED = "/var/lib/provisioning";
const GRAFANA_FOLDER = "/var/lib/grafana-provisioning";
const GRAFANA_PARTS = ["datasources", "dashboards", "alerting", "plugins"] as const;
const GRAFANA_URL = "http://grafana:3000";
const ELASTICSEARCH_URL = "http://elasticsearch:9200";
const INFLUXDB_URL = "http://influxdb:8086";

const stop = new AbortController();
for (const name of ["SIGTERM", "SIGINT"] as const) process.on(name, () => process.exit(1));
const wait = (delayMs: number): Promise<void> => sleep(delayMs, stop.signal);
const say = (line: string): void => void process.stdout.write(line);

async function provisionElasticsearch(): Promise<void> {
  const elastic = readPassword(SECRETS, "elastic_password");
  const passwords = {
    shipper: readPassword(SECRETS, "elasticsearch_shipper_password"),
    grafana: readBasicPassword(SECRETS, "tidemark_elasticsearch_authorization"),
  };
  // Grafana itself starts without it, with the password that everybody knows.
  readPassword(SECRETS, "grafana_admin_password");
  const authorization = basicOf("elastic", elastic);
  for (const { path, body } of elasticsearchAccounts(passwords))
    await mustAnswer({ method: "PUT", url: `${ELASTICSEARCH_URL}${path}`, authorization, body }, wait);
  say("elasticsearch: accounts of shipper and Grafana are there\n");
  await provisionStore("elasticsearch");
  tellGrafana("elasticsearch");
}

async function provisionInfluxdb(): Promise<void> {
  const access = { url: INFLUXDB_URL, adminPassword: readPassword(SECRETS, "influxdb_admin_password"), wait };
  const passwords = {
    shipper: readPassword(SECRETS, "influxdb_shipper_password"),
    grafana: readBasicPassword(SECRETS, "tidemark_influxdb_authorization"),
  };
  await ensureAdmin(access);
  await provisionStore("influxdb");
  await ensureAccounts(access, passwords);
  say("influxdb: accounts of shipper and Grafana are there\n");
  tellGrafana("influxdb");
  await reloadGrafana(readPassword(SECRETS, "grafana_admin_password"));
}

async function provisionStore(store: Store): Promise<void> {
  // The variables of the alerts are for Grafana, and no options of ours.
  const config = readConfig(`${CONFIGS}/provision-${store}.yaml`, {});
  if (!(await runProvision(config, { dryRun: false, force: false, say })))
    throw new Error(`${store} does not have what it has to have; see above`);
}

/** Elasticsearch comes first and clears what an earlier start had left; InfluxDB adds its own. */
function tellGrafana(store: Store): void {
  const files = filesOf(store, generatedFiles(), process.env);
  if (store === "elasticsearch")
    for (const name of readdirSync(GRAFANA_FOLDER)) rmSync(join(GRAFANA_FOLDER, name), { recursive: true });
  // Grafana complains of a folder that is not there.
  for (const part of GRAFANA_PARTS) mkdirSync(join(GRAFANA_FOLDER, part), { recursive: true });
  for (const { path, text } of files) {
    mkdirSync(dirname(join(GRAFANA_FOLDER, path)), { recursive: true });
    writeFileSync(join(GRAFANA_FOLDER, path), text);
    say(`grafana: ${path}\n`);
  }
}

function generatedFiles(): readonly ProvisioningFile[] {
  const paths = readdirSync(GENERATED, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".yaml"));
  return paths.sort().map((path) => ({ path, text: readFileSync(join(GENERATED, path), "utf8") }));
}

/** Data sources before the boards and rules that name them. */
async function reloadGrafana(password: string): Promise<void> {
  const authorization = basicOf("admin", password);
  for (const part of ["datasources", "dashboards", "alerting"]) {
    const url = `${GRAFANA_URL}/api/admin/provisioning/${part}/reload`;
    await mustAnswer({ method: "POST", url, authorization }, wait);
  }
  say("grafana: told to read them\n");
}

try {
  const [store] = process.argv.slice(2);
  if (store === "elasticsearch") await provisionElasticsearch();
  else if (store === "influxdb") await provisionInfluxdb();
  else throw new Error("say which store: elasticsearch or influxdb");
} catch (caught) {
  process.stderr.write(`provision: ${asError(caught).message}\n`);
  process.exitCode = 1;
}

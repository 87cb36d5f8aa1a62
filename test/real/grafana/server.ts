/**
 * # One real Grafana, where one is at hand
 *
 * GRAFANA_HOME names the folder of an unpacked Grafana 12.3 or newer (`bin/grafana`, `conf`, `public`). It is in no package registry, so
 * that where the variable is not set these tests say so and are skipped. It gets data of its own, listens on loopback, and asks
 * nobody outside: no telemetry, no updates, no plugins, no news. Whoever does not log in may look at everything, as browsers do here.
 */

import { randomBytes } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readFile, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { noteSkipped } from "../../notices.ts";
import { startChild } from "../child.ts";
import { scratchDir } from "../places.ts";
import { freePort } from "../ports.ts";
import { done, notYet, until } from "../until.ts";

const READY_TIMEOUT_MS = 120_000;
const ASK_TIMEOUT_MS = 60_000;

export interface Answer {
  readonly status: number;
  /** Parsed JSON; text where it is none. */
  readonly body: unknown;
}

export interface Grafana extends AsyncDisposable {
  readonly url: string;
  readonly version: string;
  /** Asks its API as its administrator: GET, or POST where there is a body. */
  ask(path: string, body?: unknown): Promise<Answer>;
  /** Everything it has logged. */
  log(): Promise<string>;
}

export interface GrafanaOptions {
  /** A folder with `datasources/`, `dashboards/`, `alerting/`, `plugins/`, or some of them. */
  readonly provisioning: string;
  /** More of its environment: what provisioning files name, or settings as `GF_<SECTION>_<KEY>`. */
  readonly env?: Readonly<Record<string, string>>;
}

/** The folder of a Grafana; undefined, and noted for the end of the run, where there is none. */
export async function grafanaHome(): Promise<string | undefined> {
  const home = process.env["GRAFANA_HOME"];
  const missing = home === undefined ? "GRAFANA_HOME is not set" : `${home}/bin/grafana is missing`;
  if (home !== undefined && existsSync(resolve(home, "bin/grafana"))) return home;
  await noteSkipped({ server: "Grafana", reason: `${missing}: it names the folder of a Grafana 12.3 or newer` });
  return undefined;
}

/** What would reach out of this machine, and what would take time for nothing. */
const QUIET_SETTINGS = {
  GF_ANALYTICS_REPORTING_ENABLED: "false",
  GF_ANALYTICS_CHECK_FOR_UPDATES: "false",
  GF_ANALYTICS_CHECK_FOR_PLUGIN_UPDATES: "false",
  GF_ANALYTICS_FEEDBACK_LINKS_ENABLED: "false",
  GF_PLUGINS_PREINSTALL_DISABLED: "true",
  GF_PLUGINS_PLUGIN_ADMIN_ENABLED: "false",
  GF_PLUGINS_PUBLIC_KEY_RETRIEVAL_DISABLED: "true",
  GF_GRAFANA_COM_URL: "http://127.0.0.1:9",
  GF_GRAFANA_COM_API_URL: "http://127.0.0.1:9/api",
  GF_NEWS_NEWS_FEED_ENABLED: "false",
  GF_SECURITY_DISABLE_GRAVATAR: "true",
  GF_SNAPSHOTS_EXTERNAL_ENABLED: "false",
  GF_AUTH_ANONYMOUS_ENABLED: "true",
  GF_AUTH_ANONYMOUS_ORG_ROLE: "Viewer",
} as const;

export async function startGrafana(home: string, { provisioning, env = {} }: GrafanaOptions): Promise<Grafana> {
  const dir = await scratchDir("grafana");
  for (const folder of ["data", "plugins"]) await mkdir(resolve(dir, folder));
  const port = await freePort();
  const password = randomBytes(16).toString("hex");
  const logFile = resolve(dir, "out.log");
  const child = await startChild({
    command: resolve(home, "bin/grafana"),
    args: ["server", "--homepath", home],
    logFile,
    env: {
      ...QUIET_SETTINGS,
      GF_SERVER_HTTP_ADDR: "127.0.0.1",
      GF_SERVER_HTTP_PORT: String(port),
      GF_PATHS_DATA: resolve(dir, "data"),
      GF_PATHS_LOGS: resolve(dir, "log"),
      GF_PATHS_PLUGINS: resolve(dir, "plugins"),
      GF_PATHS_PROVISIONING: provisioning,
      GF_SECURITY_ADMIN_PASSWORD: password,
      GF_LOG_MODE: "console",
      ...env,
    },
  });
  const url = `http://127.0.0.1:${port}`;
  const end = async (): Promise<void> => {
    await child.kill();
    await rm(dir, { recursive: true, force: true, maxRetries: 3 });
  };
  const look = async () => {
    if (!child.running) return done("ended");
    const answer = await fetch(`${url}/api/health`);
    const { version } = (await answer.json()) as { readonly version?: string };
    return answer.ok && version !== undefined ? done(version) : notYet(`answers ${answer.status}`);
  };
  const state = await until("an answer of Grafana", look, { timeoutMs: READY_TIMEOUT_MS, everyMs: 200 }).catch(
    async (error: unknown) => {
      await end();
      throw error;
    },
  );
  if (state === "ended") {
    const tail = await child.logTail();
    await end();
    throw new Error(`Grafana did not start: ${await child.ended}\n${tail}`);
  }
  const who = `Basic ${Buffer.from(`admin:${password}`).toString("base64")}`;
  return {
    url,
    version: state,
    ask: (path, body) => asked(`${url}${path}`, who, body),
    log: () => readFile(logFile, "utf8"),
    [Symbol.asyncDispose]: end,
  };
}

async function asked(url: string, authorization: string, body: unknown): Promise<Answer> {
  const answer = await fetch(url, {
    method: body === undefined ? "GET" : "POST",
    headers: { authorization, "content-type": "application/json" },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(ASK_TIMEOUT_MS),
  });
  const text = await answer.text();
  return { status: answer.status, body: parsed(text) };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

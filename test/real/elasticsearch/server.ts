/**
 * # One real Elasticsearch
 *
 * A single node with a small heap. It refuses to run as root, so there it runs as `nobody`, who owns its folders; its launcher
 * starts the server as a child, which ends when the launcher does.
 */

import { execFile } from "node:child_process";
import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { type Child, startChild } from "../child.ts";
import { requireJava } from "../kafka/java.ts";
import { scratchDir } from "../places.ts";
import { freePorts } from "../ports.ts";
import { done, notYet, until } from "../until.ts";
import { elasticsearchHome } from "./distribution.ts";

const run = promisify(execFile);
const READY_TIMEOUT_MS = 120_000;
const STOP_GRACE_MS = 20_000;
const GONE_TIMEOUT_MS = 30_000;

export interface Elasticsearch extends AsyncDisposable {
  readonly url: string;
  /** SIGKILL of the server itself. */
  kill(): Promise<void>;
  /** Starts again on the same port and data. */
  restart(): Promise<void>;
}

interface Layout {
  readonly home: string;
  readonly java: string;
  readonly dir: string;
  readonly url: string;
  readonly answers: Variant["answers"];
}

/** Another server than the plain one. */
export interface Variant {
  readonly home: string;
  readonly scheme: "http" | "https";
  /** Of the folder of its configuration, by name. */
  readonly files: Readonly<Record<string, string>>;
  readonly answers: (url: string) => Promise<boolean>;
}

export async function startElasticsearch(
  settings: Readonly<Record<string, string>> = {},
  variant?: Variant,
): Promise<Elasticsearch> {
  await requireJava();
  const home = variant?.home ?? (await elasticsearchHome());
  const dir = await scratchDir("elasticsearch");
  const [port, transportPort] = await freePorts(2);
  if (port === undefined || transportPort === undefined) throw new Error("no free ports");
  const config = resolve(dir, "config");
  for (const folder of ["data", "logs", "tmp"]) await mkdir(resolve(dir, folder), { recursive: true });
  await cp(resolve(home, "config"), config, { recursive: true });
  const all = { ...settingsOf(dir, { port, transportPort }), ...settings };
  const lines = Object.entries(all).map(([key, value]) => `${key}: ${value}\n`);
  await writeFile(resolve(config, "elasticsearch.yml"), lines.join(""));
  for (const [name, text] of Object.entries(variant?.files ?? {})) await writeFile(resolve(config, name), text);
  if (isRoot()) await run("chown", ["-R", "nobody", dir]);
  const url = `${variant?.scheme ?? "http"}://127.0.0.1:${port}`;
  const layout = { home, java: await javaHome(), dir, url, answers: variant?.answers ?? isHealthy };
  return handleOf(layout, await launch(layout));
}

async function isHealthy(url: string): Promise<boolean> {
  return (await fetch(`${url}/_cluster/health`)).ok;
}

function settingsOf(
  dir: string,
  { port, transportPort }: { readonly port: number; readonly transportPort: number },
): Readonly<Record<string, string>> {
  return {
    "cluster.name": "tidemark-test",
    "discovery.type": "single-node",
    "network.host": "127.0.0.1",
    "http.port": String(port),
    "transport.port": String(transportPort),
    "path.data": resolve(dir, "data"),
    "path.logs": resolve(dir, "logs"),
    "xpack.security.enabled": "false",
    "cluster.routing.allocation.disk.threshold_enabled": "false",
  };
}

const isRoot = (): boolean => process.getuid?.() === 0;

async function javaHome(): Promise<string> {
  const { stderr } = await run("java", ["-XshowSettings:properties", "-version"]);
  const home = /java\.home = (.*)/.exec(stderr)?.[1];
  if (home === undefined) throw new Error("java does not say where it is");
  return home.trim();
}

async function launch({ home, java, dir, url, answers }: Layout): Promise<Child> {
  const script = [resolve(home, "bin/elasticsearch"), "-p", resolve(dir, "pid")];
  const nobody = ["--reuid", "nobody", "--regid", "nogroup", "--clear-groups", "bash"];
  const child = await startChild({
    command: isRoot() ? "setpriv" : "bash",
    args: isRoot() ? [...nobody, ...script] : script,
    logFile: resolve(dir, "out.log"),
    env: {
      ES_JAVA_HOME: java,
      ES_PATH_CONF: resolve(dir, "config"),
      ES_TMPDIR: resolve(dir, "tmp"),
      ES_JAVA_OPTS: "-Xms512m -Xmx512m -XX:TieredStopAtLevel=1 -XX:-UsePerfData",
      CLI_JAVA_OPTS: "-Xms16m -Xmx64m -XX:+UseSerialGC -XX:TieredStopAtLevel=1",
    },
  });
  const look = async () => {
    if (!child.running) return done("ended");
    return (await answers(url)) ? done("ready") : notYet("does not answer well");
  };
  const state = await until("an answer of Elasticsearch", look, { timeoutMs: READY_TIMEOUT_MS, everyMs: 200 });
  if (state === "ended") throw new Error(`Elasticsearch did not start: ${await child.ended}\n${await child.logTail()}`);
  return child;
}

function handleOf(layout: Layout, first: Child): Elasticsearch {
  let child = first;
  const kill = async (): Promise<void> => {
    const pid = Number(await readFile(resolve(layout.dir, "pid"), "utf8").catch(() => "0"));
    if (child.running && pid > 0) process.kill(pid, "SIGKILL");
    await child.kill();
    const look = async () => ((await isRunning(pid)) ? notYet("still there") : done(undefined));
    await until("the end of the server", look, { timeoutMs: GONE_TIMEOUT_MS });
  };
  return {
    url: layout.url,
    kill,
    restart: async () => {
      await child.stop(STOP_GRACE_MS);
      child = await launch(layout);
    },
    [Symbol.asyncDispose]: async () => {
      await kill();
      await rm(layout.dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** A process that ended and whose parent has not asked for its end yet is a zombie: it is not running. */
async function isRunning(pid: number): Promise<boolean> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8").catch(() => "");
  return stat !== "" && !/\) Z /.test(stat);
}

/**
 * # One real InfluxDB 1.x
 *
 * Debian's `influxdb`, 1.6.7: `/write`, `/query`, no `/api/v2`. Where it is not installed its package is fetched and unpacked
 * into `.cache/`, which needs no root.
 */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, rename, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { type Child, startChild } from "../child.ts";
import { MissingProgram } from "../kafka/java.ts";
import { CACHE, scratchDir } from "../places.ts";
import { freePorts } from "../ports.ts";
import { done, notYet, until } from "../until.ts";

const run = promisify(execFile);
const INSTALLED = "/usr/bin/influxd";
const FETCH_TIMEOUT_MS = 120_000;
const READY_TIMEOUT_MS = 60_000;

export interface Influx extends AsyncDisposable {
  readonly url: string;
  kill(): Promise<void>;
  /** Starts again on the same port and data. */
  restart(): Promise<void>;
  /** The values of the first series of an answer, row by row. */
  query(database: string, statement: string): Promise<readonly InfluxSeries[]>;
}

export interface InfluxSeries {
  readonly name: string;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | number | null)[])[];
}

export interface InfluxOptions {
  /** Another 1.x than Debian's. */
  readonly program?: string;
  readonly bodyBytesMax?: number;
  /** A user of this name and password, who may do everything; without it nobody has to say who they are. */
  readonly admin?: { readonly username: string; readonly password: string };
}

async function influxd(): Promise<string> {
  if (existsSync(INSTALLED)) return INSTALLED;
  const home = resolve(CACHE, "influxdb-1");
  const program = resolve(home, "usr/bin/influxd");
  if (existsSync(program)) return program;
  const partial = await scratchDir("partial");
  await run("apt-get", ["download", "-qq", "influxdb"], { cwd: partial, timeout: FETCH_TIMEOUT_MS }).catch(
    (cause: unknown) => {
      throw new MissingProgram("influxd", "InfluxDB 1.x (Debian: apt-get install influxdb)", { cause });
    },
  );
  const [archive = ""] = (await readdir(partial)).filter((name) => name.endsWith(".deb"));
  await run("dpkg", ["-x", archive, "unpacked"], { cwd: partial });
  await rename(resolve(partial, "unpacked"), home);
  await rm(partial, { recursive: true, force: true });
  return program;
}

export async function startInflux(options: InfluxOptions = {}): Promise<Influx> {
  const { bodyBytesMax = 25_000_000, admin } = options;
  const program = options.program ?? (await influxd());
  const dir = await scratchDir("influxdb");
  const [port, rpcPort] = await freePorts(2);
  if (port === undefined || rpcPort === undefined) throw new Error("no free ports");
  const config = resolve(dir, "influxdb.conf");
  await writeFile(config, configText(dir, { port, rpcPort, bodyBytesMax, authenticates: admin !== undefined }));
  const launch = () => launched({ program, config, dir, port });
  let child = await launch();
  const url = `http://127.0.0.1:${port}`;
  if (admin !== undefined) {
    const { username, password } = admin;
    await statement(`${url}/query`, { q: `CREATE USER "${username}" WITH PASSWORD '${password}' WITH ALL PRIVILEGES` });
  }
  const who = admin === undefined ? "" : `?${new URLSearchParams({ u: admin.username, p: admin.password })}`;
  return {
    url,
    kill: () => child.kill(),
    restart: async () => {
      await child.stop();
      child = await launch();
    },
    query: (db, q) => statement(`${url}/query${who}`, { db, q }),
    [Symbol.asyncDispose]: async () => {
      await child.kill();
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

interface ConfigOptions {
  readonly port: number;
  readonly rpcPort: number;
  readonly bodyBytesMax: number;
  readonly authenticates: boolean;
}

function configText(dir: string, { port, rpcPort, bodyBytesMax, authenticates }: ConfigOptions): string {
  return `reporting-disabled = true
bind-address = "127.0.0.1:${rpcPort}"
[meta]
  dir = "${resolve(dir, "meta")}"
[data]
  dir = "${resolve(dir, "data")}"
  wal-dir = "${resolve(dir, "wal")}"
  query-log-enabled = false
[http]
  bind-address = "127.0.0.1:${port}"
  auth-enabled = ${authenticates}
  log-enabled = false
  max-body-size = ${bodyBytesMax}
[monitor]
  store-enabled = false
`;
}

interface Layout {
  readonly program: string;
  readonly config: string;
  readonly dir: string;
  readonly port: number;
}

async function launched({ program, config, dir, port }: Layout): Promise<Child> {
  const child = await startChild({
    command: program,
    args: ["run", "-config", config],
    logFile: resolve(dir, "out.log"),
    env: { HOME: dir },
  });
  const look = async () => {
    if (!child.running) return done("ended");
    const answer = await fetch(`http://127.0.0.1:${port}/ping`);
    return answer.status === 204 ? done("ready") : notYet(`answers ${answer.status}`);
  };
  const state = await until("an answer of InfluxDB", look, { timeoutMs: READY_TIMEOUT_MS });
  if (state === "ended") throw new Error(`InfluxDB did not start: ${await child.ended}\n${await child.logTail()}`);
  return child;
}

interface Answer {
  readonly results?: readonly { readonly series?: readonly InfluxSeries[]; readonly error?: string }[];
  readonly error?: string;
}

async function statement(url: string, query: Readonly<Record<string, string>>): Promise<readonly InfluxSeries[]> {
  const answer = await fetch(url, { method: "POST", body: new URLSearchParams({ ...query, epoch: "ms" }) });
  const said = (await answer.json()) as Answer;
  const error = said.error ?? said.results?.find((result) => result.error !== undefined)?.error;
  if (error !== undefined) throw new Error(`InfluxDB answers ${answer.status} to ${query["q"]}: ${error}`);
  return said.results?.flatMap(({ series = [] }) => series) ?? [];
}

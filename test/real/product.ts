/**
 * # The product, as its users run it
 *
 * `./tidemark all --config FILE` as a child process with ports and folders of its own. The configuration is written as JSON,
 * which is YAML, so a name or a path needs no quoting of ours.
 */

import { rm, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { resolve } from "node:path";
import { type Child, startChild } from "./child.ts";
import { REPOSITORY, scratchDir } from "./places.ts";
import { freePort } from "./ports.ts";
import { done, notYet, until } from "./until.ts";

export const CLUSTER = "real";
const START_TIMEOUT_MS = 30_000;
const REQUEST_TIMEOUT_MS = 10_000;

export interface ProductOptions {
  readonly brokers: readonly string[];
  /** Time between ticks and between Burrow's looks at the broker; 1 s where absent. */
  readonly intervalMs?: number;
  readonly command?: "all" | "collector";
  /** Windows outlive a restart. */
  readonly savesWindows?: boolean;
  /** What it asks of every client; `get` shows it. */
  readonly token?: string;
  /** Options of the collector beside where it listens and keeps its data. */
  readonly collector?: Readonly<Record<string, unknown>>;
  /** Options of the cluster beside its brokers: tls, sasl. */
  readonly cluster?: Readonly<Record<string, unknown>>;
  /** Clusters beside this one, by their names. */
  readonly others?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

export interface Answer {
  readonly status: number;
  readonly contentType: string;
  readonly text: string;
}

export interface Product extends AsyncDisposable {
  /** http://127.0.0.1:port, without a slash at the end. */
  readonly url: string;
  readonly dataDir: string;
  readonly pid: number;
  readonly running: boolean;
  /** Rejects where nothing answers; every HTTP status resolves. */
  get(path: string): Promise<Answer>;
  /** Resolves when /readyz says 200. */
  ready(timeoutMs?: number): Promise<void>;
  /** SIGTERM, and what it had acknowledged is on disk. */
  stop(): Promise<void>;
  kill(): Promise<void>;
  /** Starts again on the same port and data; it must not run. */
  start(): Promise<void>;
  logTail(): Promise<string>;
}

export async function startProduct(options: ProductOptions): Promise<Product> {
  const dataDir = await scratchDir("products");
  const port = await freePort();
  const configFile = resolve(dataDir, "tidemark.json");
  if (options.token !== undefined) await writeFile(tokenFile(dataDir), options.token);
  await writeFile(configFile, JSON.stringify(configOf(options, { port, dataDir }), undefined, 2));
  const launch = () =>
    startChild({
      command: resolve(REPOSITORY, "tidemark"),
      args: [options.command ?? "all", "--config", configFile],
      logFile: resolve(dataDir, "product.log"),
      cwd: dataDir,
    });
  return handleOf(await launch(), { launch, dataDir, url: `http://127.0.0.1:${port}`, token: options.token });
}

/** Where the token of a product lies. */
export function tokenFile(dataDir: string): string {
  return resolve(dataDir, "token");
}

function configOf(options: ProductOptions, { port, dataDir }: { readonly port: number; readonly dataDir: string }) {
  const interval = `${options.intervalMs ?? 1_000}ms`;
  const saved = options.savesWindows === true ? { data_dir: dataDir } : {};
  const access = options.token === undefined ? {} : { token_file: tokenFile(dataDir) };
  const collector = { listen: `127.0.0.1:${port}`, ...saved, ...access, ...options.collector };
  return {
    clusters: { [CLUSTER]: { brokers: options.brokers, ...options.cluster }, ...options.others },
    evaluate: { interval, burrow: { offset_refresh: interval } },
    collector,
    ...(options.command === "collector" ? {} : { shipper: { data_dir: dataDir } }),
  };
}

/** Not fetch: it would resolve a segment `..`, also as `%2E%2E`, and that is a legal group name. */
function ask({ hostname, port }: URL, path: string, token: string | undefined): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    const headers = token === undefined ? {} : { authorization: `Bearer ${token}` };
    const outgoing = request({ hostname, port, path, headers, signal, agent: false }, (response) => {
      const contentType = response.headers["content-type"] ?? "";
      response.toArray().then((chunks) => {
        resolve({ status: response.statusCode ?? 0, contentType, text: Buffer.concat(chunks).toString() });
      }, reject);
    });
    outgoing.on("error", reject);
    outgoing.end();
  });
}

interface Place {
  readonly url: string;
  readonly dataDir: string;
  readonly token: string | undefined;
  launch(): Promise<Child>;
}

function handleOf(first: Child, { url, dataDir, token, launch }: Place): Product {
  let child = first;
  const get = (path: string) => ask(new URL(url), path, token);
  async function isReady() {
    if (!child.running) return done("ended");
    const { status, text } = await get("/readyz");
    return status === 200 ? done("ready") : notYet(`${status} ${text}`);
  }
  return {
    url,
    dataDir,
    get pid() {
      return child.pid;
    },
    get running() {
      return child.running;
    },
    get,
    ready: async (timeoutMs = START_TIMEOUT_MS) => {
      const state = await until("/readyz", isReady, { timeoutMs });
      if (state === "ended") throw new Error(`tidemark ended: ${await child.ended}\n${await child.logTail()}`);
    },
    stop: () => child.stop(),
    kill: () => child.kill(),
    start: async () => {
      if (child.running) throw new Error("tidemark still runs");
      child = await launch();
    },
    logTail: () => child.logTail(),
    [Symbol.asyncDispose]: async () => {
      await child.kill();
      await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

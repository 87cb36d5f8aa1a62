/**
 * # A real Burrow, where BURROW_BIN names one
 *
 * Its program is built outside of this repository, and nothing of it is kept here: a configuration is written, and its own
 * interface is asked.
 */

import { existsSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { startChild } from "../child.ts";
import { scratchDir } from "../places.ts";
import { freePort } from "../ports.ts";
import { done, notYet, until } from "../until.ts";

const READY_TIMEOUT_MS = 60_000;
/** The name of the module that reads the offsets topic; Burrow reports on itself as a group of this name. */
const READER = "reader";
export const OWN_GROUP = `burrow-${READER}`;

export interface BurrowOptions {
  readonly binary: string;
  readonly brokers: readonly string[];
  readonly cluster: string;
  readonly refreshS: number;
}

export interface Burrow extends AsyncDisposable {
  /** http://127.0.0.1:port, without a slash at the end. */
  readonly url: string;
  readonly running: boolean;
  logTail(): Promise<string>;
}

/** The program that BURROW_BIN names; undefined where it names none. */
export function burrowBinary(): string | undefined {
  const { BURROW_BIN: path = "" } = process.env;
  if (path === "") return undefined;
  if (!existsSync(path)) throw new Error(`BURROW_BIN names ${path}, and there is no such file`);
  return path;
}

/** Resolves when it says that it is ready. */
export async function startBurrow(options: BurrowOptions): Promise<Burrow> {
  const dir = await scratchDir("burrows");
  const port = await freePort();
  await writeFile(resolve(dir, "burrow.toml"), configOf(options, { dir, port }));
  const child = await startChild({
    command: options.binary,
    args: ["--config-dir", dir],
    logFile: resolve(dir, "burrow.log"),
    cwd: dir,
  });
  const url = `http://127.0.0.1:${port}`;
  const look = async () => {
    if (!child.running) return done("ended");
    const { status } = await fetch(`${url}/burrow/admin/ready`);
    return status === 200 ? done("ready") : notYet(`${status}`);
  };
  const state = await until("Burrow", look, { timeoutMs: READY_TIMEOUT_MS });
  if (state === "ended") throw new Error(`Burrow ended: ${await child.ended}\n${await child.logTail()}`);
  return {
    url,
    get running() {
      return child.running;
    },
    logTail: () => child.logTail(),
    [Symbol.asyncDispose]: async () => {
      await child.stop();
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/** Rules as they come, both refreshes as ours, and verdicts that are kept for a second instead of ten. */
function configOf(
  { brokers, cluster, refreshS }: BurrowOptions,
  { dir, port }: { readonly dir: string; readonly port: number },
): string {
  const servers = JSON.stringify(brokers);
  return `[general]
pidfile=${JSON.stringify(resolve(dir, "burrow.pid"))}
[logging]
level="warn"
[client-profile.profile]
kafka-version="2.8.0"
[cluster.${cluster}]
class-name="kafka"
client-profile="profile"
servers=${servers}
topic-refresh=${refreshS}
offset-refresh=${refreshS}
[consumer.${READER}]
class-name="kafka"
client-profile="profile"
cluster="${cluster}"
servers=${servers}
[evaluator.default]
class-name="caching"
expire-cache=1
[httpserver.default]
address="127.0.0.1:${port}"
`;
}

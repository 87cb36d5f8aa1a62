/**
 * # A child process that cannot be left behind
 *
 * Output goes to a file, so that a full pipe never blocks the child and an error can quote its last lines. Where `setpriv`
 * exists the kernel kills the child when we die, even by SIGKILL; elsewhere an exit handler does it for an ordinary exit.
 */

import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { open, readFile } from "node:fs/promises";

export interface ChildOptions {
  readonly command: string;
  readonly args: readonly string[];
  readonly logFile: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

export interface Child extends AsyncDisposable {
  readonly pid: number;
  readonly running: boolean;
  /** How it ended, in words; settles once. */
  readonly ended: Promise<string>;
  /** SIGTERM, then SIGKILL after `graceMs` (10 s). Resolves when the process is gone. */
  stop(graceMs?: number): Promise<void>;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** The end of its output, for error messages. */
  logTail(): Promise<string>;
}

const SETPRIV = "/usr/bin/setpriv";
const TAIL_LINES = 25;
const GRACE_MS = 10_000;
const living = new Set<ChildProcess>();
process.on("exit", () => {
  for (const one of living) one.kill("SIGKILL");
});

export async function startChild(options: ChildOptions): Promise<Child> {
  const log = await open(options.logFile, "a");
  const { command, args } = tiedToUs(options);
  const child = spawn(command, args, {
    cwd: options.cwd,
    env: { ...process.env, LC_ALL: "C.UTF-8", ...options.env },
    stdio: ["ignore", log.fd, log.fd],
  });
  await log.close();
  living.add(child);
  const ended = new Promise<string>((resolve) => {
    child.once("error", (error) => resolve(`could not start ${options.command}: ${error.message}`));
    child.once("exit", (code, signal) => resolve(signal === null ? `exit code ${code}` : `killed by ${signal}`));
  });
  const pid = child.pid;
  if (pid === undefined) {
    living.delete(child);
    throw new Error(await ended);
  }
  ended.finally(() => living.delete(child)).catch(() => undefined);
  return handleOf(child, { pid, ended, logFile: options.logFile });
}

function tiedToUs(options: ChildOptions): { readonly command: string; readonly args: readonly string[] } {
  if (!existsSync(SETPRIV)) return options;
  return { command: SETPRIV, args: ["--pdeathsig", "SIGKILL", options.command, ...options.args] };
}

interface Started {
  readonly pid: number;
  readonly ended: Promise<string>;
  readonly logFile: string;
}

function handleOf(child: ChildProcess, { pid, ended, logFile }: Started): Child {
  async function end(signal: NodeJS.Signals, graceMs: number): Promise<void> {
    if (!living.has(child)) return;
    child.kill(signal);
    const hard = setTimeout(() => child.kill("SIGKILL"), graceMs);
    await ended;
    clearTimeout(hard);
  }
  return {
    pid,
    ended,
    get running() {
      return living.has(child);
    },
    stop: (graceMs = GRACE_MS) => end("SIGTERM", graceMs),
    kill: () => end("SIGKILL", GRACE_MS),
    logTail: async () => (await readFile(logFile, "utf8")).trimEnd().split("\n").slice(-TAIL_LINES).join("\n"),
    [Symbol.asyncDispose]: () => end("SIGKILL", GRACE_MS),
  };
}

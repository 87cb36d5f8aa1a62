/**
 * # docker compose, under a project of its own
 *
 * The plugin where it is there, else the program of that name. Nothing of a stack that somebody else runs here is touched, but
 * the ports on loopback are the same.
 */

import { spawn, spawnSync } from "node:child_process";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "../..");
const PROJECT = "tidemark-smoke";
const FILES = ["docker-compose.yml", "test/smoke/docker-compose.smoke.yml"];
const PROFILES = ["influxdb", "demo"];

export interface Ended {
  readonly code: number;
  /** Of both outputs. */
  readonly text: string;
}

export interface Compose {
  /** Prints what it says unless `quiet`. */
  run(args: readonly string[], options?: { readonly quiet: boolean }): Promise<Ended>;
}

/** Undefined where there is no Docker that answers, or no compose of version 2. */
export function findCompose(environment: Readonly<Record<string, string>>): Compose | undefined {
  if (spawnSync("docker", ["info"]).status !== 0) return undefined;
  const found = [["docker", "compose"], ["docker-compose"]].find(([program = "", ...args]) =>
    /v?[2-9]\d*\.\d+\.\d+/.test(String(spawnSync(program, [...args, "version", "--short"]).stdout)),
  );
  if (found === undefined) return undefined;
  const [program = "", ...before] = found;
  const all = [...before, "-p", PROJECT, ...FILES.flatMap((file) => ["-f", file])];
  const profiles = PROFILES.flatMap((profile) => ["--profile", profile]);
  const env = { ...process.env, ...environment };
  return {
    run: (args, { quiet } = { quiet: false }) =>
      runProgram({ program, args: [...all, ...profiles, ...args], env, quiet }),
  };
}

/** Whether Docker has the image, so that nothing has to be fetched. */
export function hasImage(image: string): boolean {
  return spawnSync("docker", ["image", "inspect", image]).status === 0;
}

interface Program {
  readonly program: string;
  readonly args: readonly string[];
  readonly env: NodeJS.ProcessEnv;
  readonly quiet: boolean;
}

function runProgram({ program, args, env, quiet }: Program): Promise<Ended> {
  const child = spawn(program, args, { cwd: ROOT, env, stdio: ["ignore", "pipe", "pipe"] });
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (said: string) => {
      text += said;
      if (!quiet) process.stderr.write(said);
    });
  return new Promise((settle, reject) => {
    child.once("error", reject);
    child.once("close", (code) => settle({ code: code ?? 1, text }));
  });
}

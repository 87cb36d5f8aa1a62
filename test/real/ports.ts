/**
 * # Free ports
 *
 * Taken below the kernel's range for outgoing connections (32768 and up on Linux). A port of that range may be taken by any
 * client while a killed broker is away, and a client that retries a dead port of that range can even connect to itself. A port that
 * was given out is ours until the process ends, whether somebody listens or not: files of tests run beside each other, and a
 * broker that is away comes back.
 */

import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { resolve } from "node:path";
import { CACHE } from "./places.ts";

const FIRST = 20_000;
const COUNT = 12_000;
const TRIES_MAX = 200;

/** Ports that nobody else has and nobody listens on now, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  for (let tries = 0; tries < TRIES_MAX && found.size < count; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (!found.has(port) && reserve(port) && (await isFree(port))) found.add(port);
  }
  if (found.size < count) throw new Error(`found ${found.size} of ${count} free ports in ${TRIES_MAX} tries`);
  return [...found];
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("freePorts(1) gave none");
  return port;
}

const RESERVED = resolve(CACHE, "ports");
const ours: string[] = [];
process.on("exit", () => {
  for (const file of ours) rmSync(file, { force: true });
});

/** A file per port with the process that has it; one that is left by a process that is gone is taken away. */
function reserve(port: number): boolean {
  const file = resolve(RESERVED, String(port));
  mkdirSync(RESERVED, { recursive: true });
  try {
    writeFileSync(file, String(process.pid), { flag: "wx" });
    ours.push(file);
    return true;
  } catch {
    if (!isHeld(file)) rmSync(file, { force: true });
    return false;
  }
}

function isHeld(file: string): boolean {
  try {
    const holder = Number(readFileSync(file, "utf8"));
    // Not written yet, or gone between two looks: another has it.
    return holder === 0 || existsSync(`/proc/${holder}`);
  } catch {
    return true;
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

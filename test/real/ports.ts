/**
 * # Free ports
 *
 * Taken below the kernel's range for outgoing connections (32768 and up on Linux). A port of that range may be taken by any
 * client while a killed broker is away, and a client that retries a dead port of that range can even connect to itself.
 */

import { createServer } from "node:net";

const FIRST = 20_000;
const COUNT = 12_000;
const TRIES_MAX = 200;

/** Ports that nobody listens on now, all different. */
export async function freePorts(count: number): Promise<readonly number[]> {
  const found = new Set<number>();
  for (let tries = 0; tries < TRIES_MAX && found.size < count; tries++) {
    const port = FIRST + Math.floor(Math.random() * COUNT);
    if (!found.has(port) && (await isFree(port))) found.add(port);
  }
  if (found.size < count) throw new Error(`found ${found.size} of ${count} free ports in ${TRIES_MAX} tries`);
  return [...found];
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("freePorts(1) gave none");
  return port;
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(false));
    server.listen({ port, host: "127.0.0.1", exclusive: true }, () => server.close(() => resolve(true)));
  });
}

/**
 * # A proxy on loopback with one thing wrong with it
 *
 *     latency     each piece is late                      slicer      pieces of a few bytes
 *     bandwidth   few bytes at a time                     limit       cut after some bytes of a connection
 *     slow-close  the end is late                         reset       reset at the first byte
 *     black-hole  nothing comes through, nothing is closed
 *     down        towards the server nobody listens; from it whoever comes is sent away
 *
 * In one direction at a time, of connections that are there and of those to come. Cured, what was held back comes through, as
 * TCP would send it again; what was cut stays cut.
 */

import type { Socket } from "node:net";
import { connect, createServer } from "node:net";

export const TOXICS = ["latency", "bandwidth", "slow-close", "black-hole", "slicer", "limit", "reset", "down"] as const;
export type Toxic = (typeof TOXICS)[number];

export const DIRECTIONS = ["to-server", "from-server"] as const;
export type Direction = (typeof DIRECTIONS)[number];

export interface ToxicProxy extends AsyncDisposable {
  readonly url: string;
  /** How often the poison has acted. */
  touched(): number;
  cure(): Promise<void>;
}

interface Poison {
  readonly toxic: Toxic;
  readonly direction: Direction;
}

const LATE_MS = 20;
const BANDWIDTH_BYTES = 8_192;
const SLICE_BYTES = 100;
const LIMIT_BYTES = 60;

/** Poisoned from its start. */
export async function startToxicProxy(target: string, poison: Poison): Promise<ToxicProxy> {
  const port = Number(new URL(target).port);
  const cured = Promise.withResolvers<void>();
  const open = new Set<Socket>();
  let [isPoisoned, touched] = [true, 0];
  const toxicIn = (direction: Direction): Toxic | undefined =>
    isPoisoned && poison.direction === direction ? poison.toxic : undefined;
  const touch = () => {
    touched += 1;
  };
  const server = createServer({ allowHalfOpen: true }, (client) => {
    if (toxicIn("from-server") === "down") {
      touch();
      client.resetAndDestroy();
      return;
    }
    const upstream = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    for (const [one, other] of [[client, upstream] as const, [upstream, client] as const]) {
      open.add(one);
      one.on("error", () => other.destroy());
      one.on("close", () => open.delete(one));
    }
    const pump = (from: Socket, to: Socket, direction: Direction) =>
      pumped({ from, to, touch, toxic: () => toxicIn(direction), cured: cured.promise });
    void pump(client, upstream, "to-server");
    void pump(upstream, client, "from-server");
  });
  const listen = (at: number) => new Promise<void>((resolve) => server.listen(at, "127.0.0.1", resolve));
  const close = () => new Promise((resolve) => server.close(resolve));
  await listen(0);
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the proxy has no port");
  if (toxicIn("to-server") === "down") {
    touch();
    await close();
  }
  return {
    url: `http://127.0.0.1:${address.port}`,
    touched: () => touched,
    cure: async () => {
      isPoisoned = false;
      cured.resolve();
      if (!server.listening) await listen(address.port);
    },
    [Symbol.asyncDispose]: async () => {
      isPoisoned = false;
      cured.resolve();
      for (const socket of open) socket.destroy();
      if (server.listening) await close();
    },
  };
}

interface Pump {
  readonly from: Socket;
  readonly to: Socket;
  readonly toxic: () => Toxic | undefined;
  readonly touch: () => void;
  readonly cured: Promise<void>;
}

/** One direction of one connection, to its end. */
async function pumped(pump: Pump): Promise<void> {
  const { from, to, toxic, touch } = pump;
  let passed = 0;
  try {
    for await (const chunk of from) {
      const at = toxic();
      if (at !== undefined && at !== "slow-close") touch();
      passed += chunk.length;
      if (!(await passOn(pump, chunk, passed))) break;
    }
    if (toxic() === "slow-close") {
      touch();
      await wait(LATE_MS);
    }
    to.end();
  } catch {
    from.destroy();
    to.destroy();
  }
}

/** False where the connection is cut. */
async function passOn({ from, to, toxic, cured }: Pump, chunk: Buffer, passed: number): Promise<boolean> {
  switch (toxic()) {
    case "latency":
      await wait(LATE_MS);
      await write(to, chunk);
      return true;
    case "bandwidth":
      await inPieces(chunk, BANDWIDTH_BYTES, async (piece) => {
        await write(to, piece);
        await wait(1);
      });
      return true;
    case "slicer":
      await inPieces(chunk, SLICE_BYTES, (piece) => write(to, piece));
      return true;
    case "black-hole":
      await cured;
      await write(to, chunk);
      return true;
    case "limit":
      await write(to, chunk.subarray(0, Math.max(0, LIMIT_BYTES - passed + chunk.length)));
      if (passed < LIMIT_BYTES) return true;
      from.destroy();
      to.end();
      return false;
    case "reset":
    case "down":
      from.resetAndDestroy();
      to.resetAndDestroy();
      return false;
    case "slow-close":
    case undefined:
      await write(to, chunk);
      return true;
  }
}

async function inPieces(chunk: Buffer, bytes: number, pass: (piece: Buffer) => Promise<void>): Promise<void> {
  for (let at = 0; at < chunk.length; at += bytes) await pass(chunk.subarray(at, at + bytes));
}

const wait = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

/** Resolves where the connection is gone, too: the next read tells. */
function write(to: Socket, chunk: Buffer): Promise<void> {
  return new Promise((resolve) => to.write(chunk, () => resolve()));
}

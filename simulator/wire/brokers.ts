/**
 * # Simulated brokers: one listener each, on loopback
 *
 * All answer from one cluster. A broker that is down has its port closed and keeps it: it comes up where it was.
 */

import { once } from "node:events";
import type { Server, Socket } from "node:net";
import { createServer } from "node:net";
import type { TlsOptions } from "node:tls";
import { createServer as createTlsServer } from "node:tls";
import type { ClusterView } from "../cluster/cluster.ts";
import type { BrokerContext, Endpoint } from "./api.ts";
import { serveConnection } from "./connection.ts";
import type { Faults } from "./faults.ts";
import { createFaults } from "./faults.ts";
import type { SaslOptions } from "./sasl.ts";

export interface BrokersOptions {
  readonly view: ClusterView;
  /** One per broker, in the order of their ids; 0 or absent: any that is free. */
  readonly ports?: readonly number[];
  readonly tls?: TlsOptions;
  readonly sasl?: SaslOptions;
  /** Faults of the caller's own making; such that are begun and ended, where none are given. */
  readonly faults?: Faults;
  readonly random: () => number;
  /** Sees each request that came. */
  readonly onRequest?: (api: string, frame: Buffer) => void;
}

export interface Brokers extends AsyncDisposable {
  /** host:port of each, in the order of their ids. */
  readonly bootstrap: readonly string[];
  readonly faults: Faults;
  /** Resolves when ports are closed, or open again, as the faults that are on want it. */
  settled(): Promise<void>;
  /** Requests that came, by API; of one broker where its id is given. */
  requests(broker?: number): ReadonlyMap<string, number>;
}

const HOST = "127.0.0.1";

class PortInUseError extends Error {
  constructor(port: number, options: ErrorOptions) {
    super(`a simulated broker cannot listen on ${HOST}:${port}: the port is in use; give another one`, options);
    this.name = "PortInUseError";
  }
}

interface Running {
  readonly id: number;
  readonly requests: Map<string, number>;
  readonly sockets: Set<Socket>;
  server: Server | undefined;
}

export async function startBrokers(options: BrokersOptions): Promise<Brokers> {
  const { view, ports = [], faults = createFaults() } = options;
  const endpoints = new Map<number, Endpoint>();
  const running = view.brokers.map(
    (id): Running => ({ id, requests: new Map(), sockets: new Set(), server: undefined }),
  );
  const isDown = (id: number): boolean => faults.find("broker-down", ({ broker }) => broker === id) !== undefined;
  const alive = (): readonly number[] => view.brokers.filter((id) => !isDown(id));
  const listen = async (broker: Running, port: number): Promise<void> => {
    const context: BrokerContext = { broker: broker.id, view, faults, endpoints, alive };
    const server = await startServer(broker, { ...options, context, port });
    endpoints.set(broker.id, { host: HOST, port: portOf(server) });
    broker.server = server;
  };
  let settled = Promise.all(running.map((broker, index) => listen(broker, ports[index] ?? 0)));
  const stop = async (): Promise<void> => {
    await settled;
    await Promise.all(running.map(close));
  };
  try {
    await settled;
  } catch (error) {
    await Promise.allSettled(running.map(close));
    throw error;
  }
  // One change after the other: a broker that goes down and up at once must not meet its own port.
  faults.onChange(() => {
    settled = settled.then(() => Promise.all(running.map(reconcile)));
  });
  const reconcile = async (broker: Running): Promise<void> => {
    if (isDown(broker.id) && broker.server !== undefined) await close(broker);
    else if (!isDown(broker.id) && broker.server === undefined)
      await listen(broker, endpoints.get(broker.id)?.port ?? 0);
  };
  return {
    bootstrap: [...endpoints.values()].map(({ host, port }) => `${host}:${port}`),
    faults,
    settled: async () => void (await settled),
    requests: (id) => sumOf(running.filter((broker) => id === undefined || broker.id === id)),
    [Symbol.asyncDispose]: stop,
  };
}

interface Starting extends BrokersOptions {
  readonly context: BrokerContext;
  readonly port: number;
}

async function startServer(
  broker: Running,
  { context, port, tls, sasl, random, onRequest }: Starting,
): Promise<Server> {
  const count = (api: string, frame: Buffer): void => {
    broker.requests.set(api, (broker.requests.get(api) ?? 0) + 1);
    onRequest?.(api, frame);
  };
  const onConnection = (socket: Socket): void => {
    broker.sockets.add(socket);
    socket.once("close", () => broker.sockets.delete(socket));
    socket.setNoDelay(true);
    void serveConnection(socket, { context, sasl, random, count });
  };
  const server = tls === undefined ? createServer(onConnection) : createTlsServer(tls, onConnection);
  server.listen(port, HOST);
  try {
    await once(server, "listening");
  } catch (cause) {
    throw new PortInUseError(port, { cause });
  }
  return server;
}

async function close(broker: Running): Promise<void> {
  const { server, sockets } = broker;
  broker.server = undefined;
  if (server === undefined) return;
  const closed = once(server, "close");
  server.close();
  for (const socket of sockets) socket.destroy();
  await closed;
}

function portOf(server: Server): number {
  const address = server.address();
  return typeof address === "object" && address !== null ? address.port : 0;
}

function sumOf(brokers: readonly Running[]): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  for (const { requests } of brokers) for (const [api, n] of requests) sum.set(api, (sum.get(api) ?? 0) + n);
  return sum;
}

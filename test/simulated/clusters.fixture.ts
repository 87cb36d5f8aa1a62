/** Several simulated clusters watched by one collector, and peers that are no Kafka at all. */

import { once } from "node:events";
import { createServer, type Socket } from "node:net";
import { createCollector } from "../../cli/collector.ts";
import { Config } from "../../cli/config.ts";
import type { ClusterView } from "../../collector/http/cluster-view.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createLogger } from "../../runtime/logger.ts";
import type { Look } from "../real/until.ts";
import { until } from "../real/until.ts";

const TIMEOUT_MS = 60_000;

export interface Fleeting extends AsyncDisposable {
  readonly collector: ReturnType<typeof createCollector>;
  /** The configuration anew, as `watchAll` takes it. */
  reload(clusters: object, more?: object): Promise<unknown>;
  view(cluster: string): ClusterView;
  until<T>(what: string, look: () => Look<T>): Promise<T>;
}

/** `clusters` as in the configuration, the rest of which `more` gives. */
export function watchAll(clusters: object, more: object = {}): Fleeting {
  const evaluate = { interval: "200ms", burrow: { offset_refresh: "200ms" } };
  const configOf = (of: object, rest: object) => Config.parse({ clusters: of, evaluate, ...rest });
  const collector = createCollector({
    config: configOf(clusters, more),
    clock: systemClock,
    logger: createLogger("silent"),
  });
  const stop = new AbortController();
  const run = collector.run(stop.signal);
  return {
    collector,
    reload: (wanted, rest = {}) => collector.prepare(configOf(wanted, rest)).apply(),
    view: (cluster) => {
      const view = collector.views.find((one) => one.cluster === cluster);
      if (view === undefined) throw new Error(`${cluster} is not watched`);
      return view;
    },
    until: (what, look) => until(what, async () => look(), { timeoutMs: TIMEOUT_MS, everyMs: 20 }),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await run;
      if (collector.failures.size > 0) throw new Error("watching a cluster failed");
    },
  };
}

export interface Peer extends AsyncDisposable {
  readonly address: string;
  requests(): number;
}

/** Accepts connections; what comes is answered by `answer`, or not at all. */
export async function strangePeer(answer: (socket: Socket, request: Buffer) => void): Promise<Peer> {
  let requests = 0;
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
    socket.on("data", (request) => {
      requests += 1;
      answer(socket, request);
    });
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return {
    address: `127.0.0.1:${port}`,
    requests: () => requests,
    [Symbol.asyncDispose]: async () => {
      if (!server.listening) return;
      for (const socket of sockets) socket.destroy();
      server.close();
      await once(server, "close");
    },
  };
}

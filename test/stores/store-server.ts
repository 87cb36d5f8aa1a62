/**
 * # A store on loopback that does as its script says
 *
 * A real HTTP server. Each request takes the next step of the script; at its end the store simply serves. What it did is
 * kept, so that a test can look at the requests as well as at the data.
 */

import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { gunzipSync } from "node:zlib";

export type Step =
  | { readonly kind: "serve" }
  /** Answers thus, and does nothing. */
  | ({ readonly kind: "answer" } & Reply)
  /** Does its work; the connection is reset before any answer. */
  | { readonly kind: "serve-then-reset" }
  /** Does its work, and then answers something else. */
  | ({ readonly kind: "serve-then-answer" } & Reply)
  /** Does its work; the connection ends within the answer, whose length had been told. */
  | { readonly kind: "serve-then-truncate"; readonly bytes: number }
  | { readonly kind: "reset" }
  /** Takes the request and never answers. */
  | { readonly kind: "hang" }
  /** Serves, each answer so late. */
  | { readonly kind: "slow"; readonly delayMs: number };

export interface Reply {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface StoreRequest {
  readonly method: string;
  readonly path: string;
  readonly query: URLSearchParams;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface StoreServer extends AsyncDisposable {
  readonly url: string;
  readonly requests: readonly StoreRequest[];
  /** The most requests that were unanswered at one moment, and all connections ever opened. */
  seen(): { readonly inFlightMax: number; readonly connections: number };
  /** Steps for the requests to come; those of an earlier call that were not taken yet are dropped. */
  follow(...steps: readonly Step[]): void;
  /** What every request gets once the script is at its end; serve where never told. */
  rest(step: Step): void;
}

export interface StoreServerOptions {
  readonly serve: (request: StoreRequest) => Reply;
  /** PEM texts, for a server that speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
  /** Requests for which the script does not count. */
  readonly aside?: (request: StoreRequest) => boolean;
}

export async function startStoreServer({ serve, tls, aside = () => false }: StoreServerOptions): Promise<StoreServer> {
  const requests: StoreRequest[] = [];
  let script: Step[] = [];
  let restStep: Step = { kind: "serve" };
  let [inFlight, inFlightMax, connections] = [0, 0, 0];
  const listener = (incoming: IncomingMessage, outgoing: ServerResponse): void => {
    inFlight += 1;
    inFlightMax = Math.max(inFlightMax, inFlight);
    outgoing.once("close", () => {
      inFlight -= 1;
    });
    readRequest(incoming).then(
      (request) => {
        requests.push(request);
        const step = aside(request) ? SERVE : (script.shift() ?? restStep);
        take(step, { outgoing, serve: () => served(serve, request) });
      },
      () => incoming.socket.destroy(),
    );
  };
  const server = tls === undefined ? createServer(listener) : createTlsServer(tls, listener);
  server.on("connection", () => {
    connections += 1;
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    url: `${tls === undefined ? "http" : "https"}://127.0.0.1:${portOf(server)}`,
    requests,
    seen: () => ({ inFlightMax, connections }),
    follow: (...steps) => {
      script = [...steps];
    },
    rest: (step) => {
      restStep = step;
    },
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const SERVE: Step = { kind: "serve" };

/** What the store does not know to answer must not end the test's process: that would be told as a hang. */
function served(serve: StoreServerOptions["serve"], request: StoreRequest): Reply {
  try {
    return serve(request);
  } catch (caught) {
    return { status: 500, body: `the fake store fails: ${String(caught)}` };
  }
}

function portOf(server: Server): number {
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("the server has no port");
  return address.port;
}

async function readRequest(incoming: IncomingMessage): Promise<StoreRequest> {
  const raw = Buffer.concat(await incoming.toArray());
  const body = incoming.headers["content-encoding"] === "gzip" ? gunzipSync(raw) : raw;
  const { pathname, searchParams } = new URL(incoming.url ?? "/", "http://store");
  const { method = "", headers } = incoming;
  return { method, path: pathname, query: searchParams, headers, body: body.toString() };
}

interface Exchange {
  readonly outgoing: ServerResponse;
  readonly serve: () => Reply;
}

function take(step: Step, { outgoing, serve }: Exchange): void {
  switch (step.kind) {
    case "serve":
      answer(outgoing, serve());
      break;
    case "answer":
      answer(outgoing, step);
      break;
    case "serve-then-reset":
      serve();
      outgoing.socket?.resetAndDestroy();
      break;
    case "serve-then-answer":
      serve();
      answer(outgoing, step);
      break;
    case "serve-then-truncate":
      truncate(outgoing, serve(), step.bytes);
      break;
    case "reset":
      outgoing.socket?.resetAndDestroy();
      break;
    case "hang":
      break;
    case "slow":
      setTimeout(() => answer(outgoing, serve()), step.delayMs);
      break;
  }
}

function answer(outgoing: ServerResponse, { status, headers = {}, body = "" }: Reply): void {
  outgoing.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
  outgoing.end(body);
}

function truncate(outgoing: ServerResponse, { status, headers = {}, body = "" }: Reply, bytes: number): void {
  outgoing.writeHead(status, { "content-length": Buffer.byteLength(body), ...headers });
  outgoing.write(body.slice(0, bytes), () => outgoing.socket?.destroy());
}

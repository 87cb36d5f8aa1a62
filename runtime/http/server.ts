/**
 * # The HTTP server of a process
 *
 * Bounded against slow, many and greedy clients (connections.ts, token-bucket.ts, request.ts); answers GET and HEAD, and POST and
 * DELETE only where a handler takes them. Handlers are asked in turn; an error in one is logged with an id that the client gets instead
 * of its text.
 *
 *     10 s   for the headers of a request, and for a connection without one
 *     10 s   for a reader that takes nothing of its answer, and for a TLS handshake
 *     30 s   for a whole request, and for the next one on the same connection
 *     429    where an address asks for more than its share
 */

import { randomBytes } from "node:crypto";
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { createServer as createTlsServer } from "node:https";
import { asError } from "../error.ts";
import type { Logger } from "../logger.ts";
import type { HttpAnswer, HttpHandler, HttpRequest } from "./answer.ts";
import { jsonAnswer } from "./answer.ts";
import type { ConnectionCounts, Connections } from "./connections.ts";
import { createConnections } from "./connections.ts";
import type { Access, ListenAddress } from "./listen.ts";
import { accessProblem, isAuthorised } from "./listen.ts";
import { HEAD_BYTES_MAX, parseRequest } from "./request.ts";
import { readPair, renewPair, type ServerTls } from "./tls.ts";
import type { TokenBuckets } from "./token-bucket.ts";
import { createTokenBuckets, REQUESTS_PER_SECOND_DEFAULT } from "./token-bucket.ts";
import { writeAnswer } from "./write-answer.ts";

/** For all; tests shorten them. */
const LIMITS = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 30_000,
  /** Of a connection without a request, and of a reader that takes nothing. */
  stalledMsMax: 10_000,
  handshakeTimeoutMs: 10_000,
  lookEveryMs: 1_000,
  connectionsMax: 256,
  requestsPerSocketMax: 1_000,
  stopDeadlineMs: 5_000,
  tlsLookEveryMs: 5_000,
};
export type HttpLimits = Readonly<typeof LIMITS>;

const BURST_SECONDS = 10;

export interface HttpServerOptions {
  readonly listen: ListenAddress;
  readonly access: Access;
  readonly handlers: readonly HttpHandler[];
  readonly logger: Logger;
  /** HTTPS; files that cannot be used are a ListenError. */
  readonly tls?: ServerTls | undefined;
  /** Of one address, over ten seconds. */
  readonly requestsPerSecond?: number;
  readonly limits?: Partial<HttpLimits>;
  /** Written as they happen. */
  readonly counts?: HttpCounts;
}

/** What was not answered. */
export interface HttpCounts extends ConnectionCounts {
  /** Requests answered with 429. */
  limited: number;
}

export function createHttpCounts(): HttpCounts {
  return { evicted: 0, refused: 0, limited: 0 };
}

export interface HttpServer extends AsyncDisposable {
  /** What was opened; the port that the system chose where 0 was asked for. */
  readonly address: ListenAddress;
}

/** A start that cannot work: the address is taken, not ours, or open to others without a token. */
export class ListenError extends Error {
  constructor({ host, port }: ListenAddress, why: string, options?: ErrorOptions) {
    super(`cannot listen on ${host}:${port}: ${why}`, options);
    this.name = "ListenError";
  }
}

export async function startHttpServer(options: HttpServerOptions): Promise<HttpServer> {
  const problem = accessProblem(options.listen, options.access);
  if (problem !== undefined) throw new ListenError(options.listen, problem);
  const stop = new AbortController();
  const limits = { ...LIMITS, ...options.limits };
  const { server, renewal } = bareServer(options, limits);
  const served = servedOf(options, limits, stop.signal);
  server.on("connection", served.connections.add);
  server.on("request", (incoming, outgoing) => void serve(served, incoming, outgoing));
  server.timeout = limits.stalledMsMax;
  server.headersTimeout = limits.headersTimeoutMs;
  server.requestTimeout = limits.requestTimeoutMs;
  server.keepAliveTimeout = limits.keepAliveTimeoutMs;
  server.maxRequestsPerSocket = limits.requestsPerSocketMax;
  const port = await open(server, options.listen).catch((cause: unknown) => {
    renewal?.[Symbol.dispose]();
    throw cause;
  });
  return {
    address: { host: options.listen.host, port },
    [Symbol.asyncDispose]: async () => {
      renewal?.[Symbol.dispose]();
      await close(server, stop, limits.stopDeadlineMs);
    },
  };
}

function servedOf(options: HttpServerOptions, limits: HttpLimits, stopping: AbortSignal): Served {
  const { requestsPerSecond: perSecond = REQUESTS_PER_SECOND_DEFAULT, counts = createHttpCounts() } = options;
  const { connectionsMax, stalledMsMax } = limits;
  const monotonicMs = () => performance.now();
  const connections = createConnections({ connectionsMax, busyMsMin: stalledMsMax }, { counts, monotonicMs });
  const buckets = createTokenBuckets({ perSecond, burst: perSecond * BURST_SECONDS });
  return { ...options, limits, counts, connections, buckets, stopping };
}

interface Bare {
  readonly server: Server;
  readonly renewal: Disposable | undefined;
}

function bareServer({ listen, tls, logger }: HttpServerOptions, limits: HttpLimits): Bare {
  const { lookEveryMs: connectionsCheckingInterval, handshakeTimeoutMs: handshakeTimeout } = limits;
  const common = { maxHeaderSize: HEAD_BYTES_MAX, connectionsCheckingInterval };
  if (tls === undefined) return { server: createServer(common), renewal: undefined };
  try {
    const first = readPair(tls);
    const server = createTlsServer({ ...common, ...first, handshakeTimeout });
    const use = (pair: typeof first) => server.setSecureContext(pair);
    return { server, renewal: renewPair({ files: tls, first, everyMs: limits.tlsLookEveryMs, use, logger }) };
  } catch (caught) {
    const cause = asError(caught);
    throw new ListenError(listen, `its certificate and key cannot be used: ${cause.message}`, { cause });
  }
}

function open(server: Server, listen: ListenAddress): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => {
      const taken =
        cause.code === "EADDRINUSE" ? "the port is in use; choose another with --port or `listen`" : cause.message;
      reject(new ListenError(listen, taken, { cause }));
    });
    server.listen(listen.port, listen.host, () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : listen.port);
    });
  });
}

/** No new connections, running answers get a deadline, then sockets are cut. */
async function close(server: Server, stop: AbortController, deadlineMs: number): Promise<void> {
  stop.abort();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), deadlineMs);
  await closed;
  clearTimeout(deadline);
}

interface Served extends HttpServerOptions {
  readonly limits: HttpLimits;
  readonly counts: HttpCounts;
  readonly connections: Connections;
  readonly buckets: TokenBuckets;
  readonly stopping: AbortSignal;
}

async function serve(served: Served, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const { connections, buckets, limits, stopping } = served;
  const { socket } = incoming;
  const gone = new AbortController();
  connections.began(socket);
  outgoing.once("close", () => {
    gone.abort();
    connections.ended(socket);
  });
  // While we work nothing has to move; whoever waits for the feed may wait for a minute.
  socket.setTimeout(0);
  const address = socket.remoteAddress ?? "";
  const charge = (bytes: number) => buckets.charge(address, bytes, performance.now());
  const write = async (answer: HttpAnswer, request?: HttpRequest): Promise<void> => {
    socket.setTimeout(limits.stalledMsMax);
    // What is left of a body is not waited for, and the last answer is the last.
    if (!incoming.complete || stopping.aborted) outgoing.shouldKeepAlive = false;
    await writeAnswer({ incoming, outgoing, request, charge }, answer);
  };
  try {
    const parsed = parseRequest(incoming, AbortSignal.any([gone.signal, stopping]));
    if (parsed.kind === "refused") await write(parsed.answer);
    else await write(await answerOf(served, parsed.request, address), parsed.request);
  } catch (caught) {
    if (gone.signal.aborted || stopping.aborted) return void outgoing.destroy();
    const answer = failed(served, incoming, asError(caught));
    if (outgoing.headersSent) return void outgoing.destroy();
    await write(answer);
  }
}

const REQUEST_ID_BYTES = 8;

function failed({ logger }: Served, incoming: IncomingMessage, err: Error): HttpAnswer {
  const requestId = randomBytes(REQUEST_ID_BYTES).toString("hex");
  const path = incoming.url?.slice(0, 200);
  logger.error({ event: "http.failed", requestId, path, err }, "an answer failed");
  const body = { error: true, message: "internal error; the log has it under this id", request_id: requestId };
  return { ...jsonAnswer(500, body), headers: { "x-request-id": requestId } };
}

const MS_PER_SECOND = 1_000;

async function answerOf(served: Served, request: HttpRequest, address: string): Promise<HttpAnswer> {
  const waitMs = served.buckets.take(address, performance.now());
  if (waitMs > 0) {
    served.counts.limited += 1;
    const answer = jsonAnswer(429, { error: true, message: "too many requests from this address" });
    return { ...answer, headers: { "retry-after": String(Math.ceil(waitMs / MS_PER_SECOND)) } };
  }
  if (!isAuthorised(request.headers["authorization"], served.access)) {
    const answer = jsonAnswer(401, { error: true, message: "a token is needed" });
    return { ...answer, headers: { "www-authenticate": 'Bearer realm="tidemark", Basic realm="tidemark"' } };
  }
  for (const handler of served.handlers) {
    const answer = await handler(request);
    if (answer !== undefined) return answer;
  }
  return jsonAnswer(404, { error: true, message: "no such path" });
}

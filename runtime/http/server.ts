/**
 * # The HTTP server of a process
 *
 * Bounded against slow and many clients; answers GET and HEAD, and POST and DELETE only where a handler takes them.
 * Handlers are asked in turn; an error in one is logged with a number that the client gets instead of its text.
 */

import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { createServer } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, gzipSync } from "node:zlib";
import { asError } from "../error.ts";
import type { Logger } from "../logger.ts";
import type { HttpAnswer, HttpHandler, HttpRequest } from "./answer.ts";
import { acceptsGzip, jsonAnswer } from "./answer.ts";
import type { Access, ListenAddress } from "./listen.ts";
import { accessProblem, isAuthorised } from "./listen.ts";

const LIMITS = {
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 30_000,
  keepAliveTimeoutMs: 30_000,
  connectionsMax: 256,
  requestsPerSocketMax: 1_000,
  urlBytesMax: 65_536,
  stopDeadlineMs: 5_000,
  gzipBytesMin: 1_024,
} as const;

export interface HttpServerOptions {
  readonly listen: ListenAddress;
  readonly access: Access;
  readonly handlers: readonly HttpHandler[];
  readonly logger: Logger;
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
  const server = createServer({ maxHeaderSize: LIMITS.urlBytesMax }, (incoming, outgoing) => {
    void serve(options, stop.signal, incoming, outgoing);
  });
  server.headersTimeout = LIMITS.headersTimeoutMs;
  server.requestTimeout = LIMITS.requestTimeoutMs;
  server.keepAliveTimeout = LIMITS.keepAliveTimeoutMs;
  server.maxConnections = LIMITS.connectionsMax;
  server.maxRequestsPerSocket = LIMITS.requestsPerSocketMax;
  const port = await open(server, options.listen);
  return {
    address: { host: options.listen.host, port },
    [Symbol.asyncDispose]: () => close(server, stop),
  };
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
async function close(server: Server, stop: AbortController): Promise<void> {
  stop.abort();
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const deadline = setTimeout(() => server.closeAllConnections(), LIMITS.stopDeadlineMs);
  await closed;
  clearTimeout(deadline);
}

async function serve(
  options: HttpServerOptions,
  stopping: AbortSignal,
  incoming: IncomingMessage,
  outgoing: ServerResponse,
): Promise<void> {
  const gone = new AbortController();
  outgoing.once("close", () => gone.abort());
  try {
    const request = parseRequest(incoming, AbortSignal.any([gone.signal, stopping]));
    const answer = request.kind === "refused" ? request.answer : await answerOf(options, request.request);
    await write(incoming, outgoing, answer, request.kind === "refused" ? undefined : request.request);
  } catch (caught) {
    const cause = asError(caught);
    if (gone.signal.aborted || stopping.aborted) return void outgoing.destroy();
    options.logger.error({ event: "http.failed", path: incoming.url?.slice(0, 200), err: cause }, "an answer failed");
    if (outgoing.headersSent) return void outgoing.destroy();
    await write(
      incoming,
      outgoing,
      jsonAnswer(500, { error: true, message: "internal error; see the log" }),
      undefined,
    );
  }
}

type Parsed =
  | { readonly kind: "request"; readonly request: HttpRequest }
  | { readonly kind: "refused"; readonly answer: HttpAnswer };

const METHODS = ["GET", "HEAD", "POST", "DELETE", "OPTIONS"] as const;

function parseRequest(incoming: IncomingMessage, signal: AbortSignal): Parsed {
  const method = METHODS.find((one) => one === incoming.method);
  if (method === undefined) return refused(405, "method not allowed");
  const [rawPath = "/", rawQuery = ""] = (incoming.url ?? "/").split("?", 2);
  const path = decodedSegments(rawPath);
  if (path === undefined) return refused(400, "the path is not percent-encoded UTF-8");
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = Array.isArray(value) ? value[0] : value;
  const body = (bytesMax: number) => bodyOf(incoming, bytesMax);
  return { kind: "request", request: { method, path, query: new URLSearchParams(rawQuery), headers, body, signal } };
}

/** What is too much is not read to its end; the stream stays open for the answer. */
async function bodyOf(incoming: IncomingMessage, bytesMax: number): Promise<Uint8Array | undefined> {
  const parts: Buffer[] = [];
  let bytes = 0;
  for await (const part of incoming.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += part.length;
    if (bytes > bytesMax) return undefined;
    parts.push(part);
  }
  return Buffer.concat(parts);
}

function refused(status: number, message: string): Parsed {
  return { kind: "refused", answer: jsonAnswer(status, { error: true, message }) };
}

function decodedSegments(rawPath: string): readonly string[] | undefined {
  try {
    return rawPath.replace(/^\//, "").replace(/\/$/, "").split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

async function answerOf(options: HttpServerOptions, request: HttpRequest): Promise<HttpAnswer> {
  if (!isAuthorised(request.headers["authorization"], options.access)) {
    const answer = jsonAnswer(401, { error: true, message: "a token is needed" });
    return { ...answer, headers: { "www-authenticate": 'Bearer realm="tidemark", Basic realm="tidemark"' } };
  }
  for (const handler of options.handlers) {
    const answer = await handler(request);
    if (answer !== undefined) return answer;
  }
  return jsonAnswer(404, { error: true, message: "no such path" });
}

async function write(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  answer: HttpAnswer,
  request: HttpRequest | undefined,
): Promise<void> {
  outgoing.setHeader("content-type", answer.contentType);
  outgoing.setHeader("x-content-type-options", "nosniff");
  for (const [name, value] of Object.entries(answer.headers ?? {})) outgoing.setHeader(name, value);
  outgoing.statusCode = answer.status;
  const gzip = request !== undefined && !outgoing.hasHeader("content-encoding") && acceptsGzip(request);
  if (gzip) outgoing.appendHeader("vary", "accept-encoding");
  if (typeof answer.body === "string" || answer.body instanceof Uint8Array) {
    writeWhole(incoming, outgoing, gzip ? compressed(outgoing, answer.body) : answer.body);
    return;
  }
  if (gzip) outgoing.setHeader("content-encoding", "gzip");
  if (incoming.method === "HEAD") return void outgoing.end();
  const stages = gzip ? [createGzip({ level: 1 }), outgoing] : [outgoing];
  await pipeline([Readable.from(answer.body), ...stages]);
}

function compressed(outgoing: ServerResponse, body: string | Uint8Array): string | Uint8Array {
  if (body.length < LIMITS.gzipBytesMin) return body;
  outgoing.setHeader("content-encoding", "gzip");
  return gzipSync(body, { level: 1 });
}

function writeWhole(incoming: IncomingMessage, outgoing: ServerResponse, body: string | Uint8Array): void {
  outgoing.setHeader("content-length", Buffer.byteLength(body));
  outgoing.end(incoming.method === "HEAD" ? undefined : body);
}

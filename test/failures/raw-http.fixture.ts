/** HTTP as bytes: a server for a test, requests that no client library would send, and what comes back. */

import { connect, type Socket } from "node:net";
import type { HttpHandler } from "../../runtime/http/answer.ts";
import type { HttpServerOptions } from "../../runtime/http/server.ts";
import { startHttpServer } from "../../runtime/http/server.ts";
import { createLogger } from "../../runtime/logger.ts";

export const OPEN = { token: undefined, insecure: false } as const;

export function serving(handlers: readonly HttpHandler[], more: Partial<HttpServerOptions> = {}) {
  const listen = { host: "127.0.0.1", port: 0 };
  return startHttpServer({ listen, access: OPEN, handlers, logger: createLogger("silent"), ...more });
}

export interface RawAnswer {
  readonly status: number;
  /** Names in lower case. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: string;
}

/** Sends the bytes, and reads to the end of the connection: the request has to ask for it to be closed. */
export async function raw(port: number, bytes: string, from?: string): Promise<RawAnswer> {
  const socket = connect({ host: "127.0.0.1", port, ...(from === undefined ? {} : { localAddress: from }) });
  const closed = whenClosed(socket);
  socket.write(bytes);
  return answerOf(await closed);
}

export function answerOf(received: string): RawAnswer {
  const end = received.indexOf(END);
  const [first = "", ...lines] = received.slice(0, end).split("\r\n");
  const named = lines.map((line) => [
    line.slice(0, line.indexOf(":")).toLowerCase(),
    line.slice(line.indexOf(":") + 2),
  ]);
  const headers = new Map(named as [string, string][]);
  const body = received.slice(end + END.length);
  return {
    status: Number(first.split(" ")[1]),
    headers,
    body: utf8(headers.get("transfer-encoding") === "chunked" ? joined(body) : body),
  };
}

const END = "\r\n\r\n";

function joined(chunked: string): string {
  const parts: string[] = [];
  for (let at = 0; at < chunked.length; ) {
    const from = chunked.indexOf("\r\n", at) + 2;
    const length = Number.parseInt(chunked.slice(at, from), 16);
    if (!(length > 0)) break;
    parts.push(chunked.slice(from, from + length));
    at = from + length + 2;
  }
  return parts.join("");
}

function utf8(bytes: string): string {
  return Buffer.from(bytes, "latin1").toString("utf8");
}

/** `rest`: more headers, the empty line, and a body. */
export function requestOf(method: string, path: string, rest = "\r\n"): string {
  return `${method} ${path} HTTP/1.1\r\nhost: h\r\nconnection: close\r\n${rest}`;
}

export function get(port: number, path: string, more = ""): Promise<RawAnswer> {
  return raw(port, requestOf("GET", path, `${more}\r\n`));
}

/** All bytes that came until the other side closed, however it did, a character each. */
export async function whenClosed(socket: Socket): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<void>();
  const parts: Buffer[] = [];
  socket.on("data", (part) => parts.push(part)).on("error", () => undefined);
  socket.once("close", () => resolve());
  if (!socket.closed) await promise;
  return Buffer.concat(parts).toString("latin1");
}

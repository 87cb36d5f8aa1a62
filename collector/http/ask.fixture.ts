/** Asking a handler: by a request made here, or over a socket, where a path is what a client encodes. */

import { request } from "node:http";
import type { HttpAnswer, HttpHandler, HttpRequest } from "../../runtime/http/answer.ts";
import { NO_BODY } from "../../runtime/http/answer.ts";
import { startHttpServer } from "../../runtime/http/server.ts";
import { createLogger } from "../../runtime/logger.ts";

export async function ask(
  handler: HttpHandler,
  url: string,
  more: Partial<Pick<HttpRequest, "method" | "headers" | "body">> = {},
): Promise<HttpAnswer | undefined> {
  const [path = "", query = ""] = url.split("?", 2);
  const segments = path.slice(1).split("/").map(decodeURIComponent);
  const signal = new AbortController().signal;
  const request = {
    method: "GET",
    path: segments,
    query: new URLSearchParams(query),
    headers: {},
    body: NO_BODY,
  } as const;
  return handler({ ...request, ...more, signal });
}

export async function textOf({ body }: HttpAnswer): Promise<string> {
  if (typeof body === "string") return body;
  if (body instanceof Uint8Array) return Buffer.from(body).toString();
  const parts: Buffer[] = [];
  for await (const part of body) parts.push(Buffer.from(part));
  return Buffer.concat(parts).toString();
}

export interface Received {
  readonly status: number;
  readonly contentType: string | undefined;
  readonly text: string;
}

/** Over a socket; `path` is sent as it is, since a URL parser would fold `..` away. */
export type Get = (path: string) => Promise<Received>;

export async function overSocket(handlers: readonly HttpHandler[], use: (get: Get) => Promise<void>): Promise<void> {
  const listen = { host: "127.0.0.1", port: 0 };
  const access = { token: undefined, insecure: false };
  await using server = await startHttpServer({ listen, access, handlers, logger: createLogger("silent") });
  const { port } = server.address;
  await use(
    (path) =>
      new Promise((resolve, reject) => {
        const sent = request({ host: "127.0.0.1", port, path, agent: false }, (response) => {
          const parts: Buffer[] = [];
          response.on("data", (part: Buffer) => parts.push(part));
          response.on("end", () =>
            resolve({
              status: response.statusCode ?? 0,
              contentType: response.headers["content-type"],
              text: Buffer.concat(parts).toString(),
            }),
          );
        });
        sent.on("error", reject);
        sent.end();
      }),
  );
}

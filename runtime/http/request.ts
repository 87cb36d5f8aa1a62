/**
 * # What came in, as a request or as a refusal
 *
 *     405  another method than GET, HEAD, POST, DELETE, OPTIONS
 *     414  a path and query of more than 8 KiB
 *     431  headers of more than 16 KiB, or more than 100 of them (node answers so itself beyond 32 KiB with the path)
 *     413  a body where none belongs
 *     400  a path that is not percent-encoded UTF-8
 */

import type { IncomingMessage } from "node:http";
import type { HttpAnswer, HttpRequest } from "./answer.ts";
import { jsonAnswer } from "./answer.ts";

/** Of path and headers together: what node reads before we see it. */
export const HEAD_BYTES_MAX = 32_768;
const URL_BYTES_MAX = 8_192;
const HEADERS_BYTES_MAX = 16_384;
const HEADERS_MAX = 100;

export type Parsed =
  | { readonly kind: "request"; readonly request: HttpRequest }
  | { readonly kind: "refused"; readonly answer: HttpAnswer };

const METHODS = ["GET", "HEAD", "POST", "DELETE", "OPTIONS"] as const;

export function parseRequest(incoming: IncomingMessage, signal: AbortSignal): Parsed {
  const method = METHODS.find((one) => one === incoming.method);
  if (method === undefined) return notAllowed();
  const url = incoming.url ?? "/";
  if (url.length > URL_BYTES_MAX) return refused(414, `path and query have more than ${URL_BYTES_MAX} bytes`);
  if (!areHeadersShort(incoming)) return refused(431, `headers have more than ${HEADERS_BYTES_MAX} bytes`);
  if (method !== "POST" && hasBody(incoming)) return refused(413, `${method} takes no body`);
  const [rawPath = "/", rawQuery = ""] = url.split("?", 2);
  const path = decodedSegments(rawPath);
  if (path === undefined) return refused(400, "the path is not percent-encoded UTF-8");
  const headers: Record<string, string | undefined> = {};
  for (const [name, value] of Object.entries(incoming.headers)) headers[name] = Array.isArray(value) ? value[0] : value;
  const body = (bytesMax: number) => bodyOf(incoming, bytesMax);
  return { kind: "request", request: { method, path, query: new URLSearchParams(rawQuery), headers, body, signal } };
}

function areHeadersShort({ rawHeaders }: IncomingMessage): boolean {
  const bytes = rawHeaders.reduce((sum, text) => sum + text.length, 0);
  return bytes <= HEADERS_BYTES_MAX && rawHeaders.length <= 2 * HEADERS_MAX;
}

function hasBody({ headers }: IncomingMessage): boolean {
  return headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) !== 0;
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

function notAllowed(): Parsed {
  const answer = jsonAnswer(405, { error: true, message: "method not allowed" });
  return { kind: "refused", answer: { ...answer, headers: { allow: METHODS.join(", ") } } };
}

function decodedSegments(rawPath: string): readonly string[] | undefined {
  try {
    return rawPath.replace(/^\//, "").replace(/\/$/, "").split("/").map(decodeURIComponent);
  } catch {
    return undefined;
  }
}

/**
 * # Answers on their way out
 *
 * Compressed for those who take it; never with more than a chunk of a stream ahead of its reader. No header holds a name, and none
 * lets a page of another site read an answer (no CORS).
 */

import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip, gzipSync } from "node:zlib";
import type { HttpAnswer, HttpBody, HttpRequest } from "./answer.ts";
import { acceptsGzip } from "./answer.ts";

const GZIP_BYTES_MIN = 1_024;

export interface Exchange {
  readonly incoming: IncomingMessage;
  readonly outgoing: ServerResponse;
  /** Undefined where it was refused. */
  readonly request: HttpRequest | undefined;
  /** Bytes before compression, as they are written. */
  readonly charge: (bytes: number) => void;
}

export async function writeAnswer(exchange: Exchange, answer: HttpAnswer): Promise<void> {
  const { incoming, outgoing, request } = exchange;
  outgoing.setHeader("content-type", answer.contentType);
  outgoing.setHeader("x-content-type-options", "nosniff");
  for (const [name, value] of Object.entries(answer.headers ?? {})) outgoing.setHeader(name, value);
  outgoing.statusCode = answer.status;
  const gzip = request !== undefined && !outgoing.hasHeader("content-encoding") && acceptsGzip(request);
  if (gzip) outgoing.appendHeader("vary", "accept-encoding");
  if (typeof answer.body === "string" || answer.body instanceof Uint8Array) {
    exchange.charge(answer.body.length);
    writeWhole(incoming, outgoing, gzip ? compressed(outgoing, answer.body) : answer.body);
    return;
  }
  if (gzip) outgoing.setHeader("content-encoding", "gzip");
  if (incoming.method === "HEAD") return void outgoing.end();
  const stages = gzip ? [createGzip({ level: 1 }), outgoing] : [outgoing];
  await pipeline([Readable.from(counted(answer.body, exchange.charge)), ...stages]);
}

/** Charged at the end, in one: the parts of a stream may each be less than what counts. */
async function* counted(
  body: Exclude<HttpBody, string | Uint8Array>,
  charge: Exchange["charge"],
): AsyncGenerator<string | Uint8Array> {
  let bytes = 0;
  try {
    for await (const part of body) {
      bytes += part.length;
      yield part;
    }
  } finally {
    charge(bytes);
  }
}

function compressed(outgoing: ServerResponse, body: string | Uint8Array): string | Uint8Array {
  if (body.length < GZIP_BYTES_MIN) return body;
  outgoing.setHeader("content-encoding", "gzip");
  return gzipSync(body, { level: 1 });
}

function writeWhole(incoming: IncomingMessage, outgoing: ServerResponse, body: string | Uint8Array): void {
  outgoing.setHeader("content-length", Buffer.byteLength(body));
  outgoing.end(incoming.method === "HEAD" ? undefined : body);
}

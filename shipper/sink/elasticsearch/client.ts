/**
 * # The client of Elasticsearch, as a transport and no more
 *
 * It retries nothing, follows nothing, and talks to OpenSearch as well. Its own check of the product comes after the first
 * request was sent and acted upon, so it protects nothing here; and without the versioned media types one client serves
 * every server. Both go by leaving their options out, which needs a subclass: the one seam it has.
 */

import { readFileSync } from "node:fs";
import type { ClientOptions } from "@elastic/elasticsearch";
import { Client, SniffingTransport } from "@elastic/elasticsearch";
import { asError } from "../../../runtime/error.ts";
import type { Credentials } from "../http/credentials.ts";
import type { StoreAnswer } from "../http/outcome.ts";

export interface ElasticsearchConnection {
  readonly url: string;
  readonly credentials: Credentials;
  readonly caFile: string | undefined;
  readonly requestTimeoutMs: number;
}

/** An answer to a bulk request of some thousand items is below one MiB. */
const ANSWER_BYTES_MAX = 64 * 1024 * 1024;

type TransportOptions = ConstructorParameters<typeof SniffingTransport>[0];

class PlainTransport extends SniffingTransport {
  constructor({ productCheck: _check, vendoredHeaders: _versioned, ...options }: TransportOptions) {
    super(options);
  }
}

/** The timeout belongs to the client: given with a request, it would fire the abort event of the caller's own signal. */
export function openClient({ url, caFile, requestTimeoutMs }: Omit<ElasticsearchConnection, "credentials">): Client {
  const options: ClientOptions = {
    node: url,
    Transport: PlainTransport,
    maxRetries: 0,
    requestTimeout: requestTimeoutMs,
    maxResponseSize: ANSWER_BYTES_MAX,
    maxCompressedResponseSize: ANSWER_BYTES_MAX,
    enableMetaHeader: false,
    ...(caFile === undefined ? {} : { tls: { ca: readFileSync(caFile) } }),
  };
  return new Client(options);
}

/** What the server said with a status of its own, if the error is one of that sort. */
export function answerOf(caught: unknown): (StoreAnswer & { readonly body: unknown }) | undefined {
  const error = asError(caught);
  if (!("meta" in error) || typeof error.meta !== "object" || error.meta === null) return undefined;
  const { statusCode, headers, body } = error.meta as {
    readonly statusCode?: unknown;
    readonly headers?: Readonly<Record<string, string | undefined>>;
    readonly body?: unknown;
  };
  if (typeof statusCode !== "number" || statusCode === 0) return undefined;
  return { status: statusCode, retryAfter: headers?.["retry-after"], text: textOf(body), body };
}

export function textOf(body: unknown): string {
  if (typeof body === "string") return body;
  const { reason, type } = errorIn(body);
  return reason === undefined ? (JSON.stringify(body) ?? "") : `${type ?? "error"}: ${reason}`;
}

interface ErrorBody {
  readonly type: string | undefined;
  readonly reason: string | undefined;
}

function errorIn(body: unknown): ErrorBody {
  const error = typeof body === "object" && body !== null && "error" in body ? body.error : undefined;
  if (typeof error === "string") return { type: undefined, reason: error };
  if (typeof error !== "object" || error === null) return { type: undefined, reason: undefined };
  const { type, reason } = error as { readonly type?: unknown; readonly reason?: unknown };
  return {
    type: typeof type === "string" ? type : undefined,
    reason: typeof reason === "string" ? reason : undefined,
  };
}

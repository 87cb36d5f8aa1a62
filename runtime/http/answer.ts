/**
 * # Requests and answers, as handlers see them
 *
 * Path segments are percent-decoded exactly once, so every legal name can stand in a path. A handler answers, or says
 * with `undefined` that the path is not its own.
 */

export interface HttpRequest {
  readonly method: "GET" | "HEAD" | "POST" | "DELETE" | "OPTIONS";
  /** Decoded segments: `/v3/kafka/a%2Fb` is ["v3", "kafka", "a/b"]. */
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** What came with it; undefined where that is more than `bytesMax`. */
  readonly body: (bytesMax: number) => Promise<Uint8Array | undefined>;
  /** Aborts when the client goes or the server stops. */
  readonly signal: AbortSignal;
}

export type HttpBody = string | Uint8Array | AsyncIterable<string | Uint8Array>;

export interface HttpAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: HttpBody;
  /** The body is compressed already, as `content-encoding` says. */
  readonly headers?: Readonly<Record<string, string>>;
}

export type HttpHandler = (request: HttpRequest) => Promise<HttpAnswer | undefined>;

export function jsonAnswer(status: number, value: unknown): HttpAnswer {
  return { status, contentType: "application/json", body: JSON.stringify(value) };
}

export function textAnswer(status: number, text: string): HttpAnswer {
  return { status, contentType: "text/plain; charset=utf-8", body: text };
}

/** For requests that bring nothing. */
export const NO_BODY: HttpRequest["body"] = async () => new Uint8Array();

export function acceptsGzip(request: HttpRequest): boolean {
  return /(^|[\s,])gzip(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(request.headers["accept-encoding"] ?? "");
}

/**
 * # The transport of InfluxDB's client
 *
 * Its connections, its gzip, its headers. Its write queue is not used: that drops what it cannot send soon, and takes the
 * seconds of Retry-After for milliseconds.
 */

import { readFileSync } from "node:fs";
import { Agent as HttpAgent } from "node:http";
import { Agent as HttpsAgent } from "node:https";
import { HttpError, InfluxDB } from "@influxdata/influxdb-client";
import { asError } from "../../../runtime/error.ts";
import { compressed } from "../http/compressed.ts";
import type { Credentials } from "../http/credentials.ts";
import type { StoreAnswer } from "../http/outcome.ts";

export interface InfluxConnection {
  readonly url: string;
  readonly credentials: Credentials;
  readonly caFile: string | undefined;
  readonly requestTimeoutMs: number;
}

export interface InfluxRequest {
  readonly method: "GET" | "POST" | "PATCH";
  /** From the first slash, query included. */
  readonly path: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

export interface InfluxTransport {
  /** Any status is an answer; rejects where none came. */
  send(request: InfluxRequest, signal: AbortSignal): Promise<StoreAnswer>;
  close(): void;
}

const GZIP_CHARS_MIN = 1_000;
/** Of an answer that is no error: those are short, and a page of a proxy need not be read to its end. */
const ANSWER_CHARS_MAX = 1_000_000;

export function openTransport({ url, caFile, requestTimeoutMs: timeout }: InfluxConnection): InfluxTransport {
  const agentOptions = {
    keepAlive: true,
    maxSockets: 4,
    ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
  };
  const agent = url.startsWith("https:") ? new HttpsAgent(agentOptions) : new HttpAgent(agentOptions);
  const { transport } = new InfluxDB({ url, timeout, transportOptions: { agent } });
  return {
    send: async ({ method, path, body, headers }, signal) => {
      const isLong = body.length >= GZIP_CHARS_MIN;
      const { bytes, headers: encoding } = isLong ? await compressed(body) : { bytes: body, headers: {} };
      signal.throwIfAborted();
      const { promise, resolve, reject } = Promise.withResolvers<StoreAnswer>();
      // The client never takes its listener off a signal again, so it gets one that nobody keeps. The timeout of a socket
      // starts anew with each byte; ours does not.
      const ours = new AbortController();
      const stop = (): void => ours.abort();
      signal.addEventListener("abort", stop, { once: true });
      const timer = setTimeout(stop, timeout * TIMEOUTS_IN_ALL);
      let [status, text] = [0, ""];
      transport.send(
        path,
        // It makes a buffer of whatever it is given; compressing by itself it would take its time.
        bytes as string,
        { method, headers: { ...headers, ...encoding }, signal: ours.signal },
        {
          responseStarted: (_headers, statusCode = 0) => {
            status = statusCode;
          },
          next: (chunk) => {
            if (text.length < ANSWER_CHARS_MAX) text += Buffer.from(chunk).toString();
          },
          error: (error) => {
            const answer = answerOf(error);
            if (answer === undefined) reject(asError(error));
            else resolve(answer);
          },
          complete: () => resolve({ status, retryAfter: undefined, text }),
        },
      );
      return promise.finally(() => {
        clearTimeout(timer);
        signal.removeEventListener("abort", stop);
      });
    },
    close: () => agent.destroy(),
  };
}

const TIMEOUTS_IN_ALL = 2;

function answerOf(error: Error): StoreAnswer | undefined {
  if (!(error instanceof HttpError)) return undefined;
  const retryAfter: unknown = error.headers?.["retry-after"];
  return {
    status: error.statusCode,
    retryAfter: typeof retryAfter === "string" ? retryAfter : undefined,
    text: error.body ?? error.message,
  };
}

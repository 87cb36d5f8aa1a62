/**
 * # Questions to a Burrow over HTTP
 *
 * GET alone, so many at a time, each with a time to answer and a size of answer. Redirects are not followed: Burrow sends them for names
 * that its router would change. A 404 has two meanings: JSON is "no such group", text is "no such route", which is what becomes of a
 * name with a slash.
 */

import { Agent, type AgentOptions, type ClientRequest, type IncomingMessage, request } from "node:http";
import { Agent as SecureAgent, request as secureRequest } from "node:https";
import { asError } from "../../runtime/error.ts";
import type { Certificates } from "../security/certificates.ts";

export type BurrowAnswer =
  | { readonly kind: "answered"; readonly body: unknown }
  | { readonly kind: "not-found"; readonly message: string }
  /** Burrow's router does not reach this name. */
  | { readonly kind: "no-route" }
  | { readonly kind: "refused"; readonly status: number }
  /** It, or what stands before it, asks us to come back later. */
  | { readonly kind: "busy"; readonly status: number; readonly retryAfterMs: number | undefined }
  /** It answers what we cannot use, or not in time. */
  | { readonly kind: "failed"; readonly cause: Error }
  | { readonly kind: "unreachable"; readonly cause: Error };

export interface BurrowClient extends AsyncDisposable {
  /** `path` is below the address, its names percent-encoded. Resolves whatever happens; an abort is `unreachable`. */
  ask(path: string, signal: AbortSignal): Promise<BurrowAnswer>;
  readonly requests: () => number;
}

export interface BurrowClientOptions {
  readonly url: string;
  /** Asked at each connection; undefined: the system's authorities. */
  readonly certificates: Certificates | undefined;
  readonly timeoutMs: number;
  readonly atOnce: number;
}

/** A group of 50,000 partitions; more would be another Burrow's worth of memory. */
const ANSWER_BYTES_MAX = 16_777_216;
const RETRY_AFTER_S_MAX = 60;
const MS_PER_SECOND = 1_000;

/** A segment of a path: a name is percent-encoded once. */
export function segment(name: string): string {
  return encodeURIComponent(name);
}

export function createBurrowClient({ url, certificates, timeoutMs, atOnce }: BurrowClientOptions): BurrowClient {
  const base = new URL(url);
  const isSecure = base.protocol === "https:";
  const limits = { keepAlive: true, maxSockets: atOnce };
  const agent = isSecure ? secureAgent(limits, certificates) : new Agent(limits);
  const root = base.pathname.replace(/\/+$/, "");
  let requests = 0;
  return {
    requests: () => requests,
    ask: async (path, stop) => {
      requests += 1;
      const tooLate = AbortSignal.timeout(timeoutMs);
      const signal = AbortSignal.any([stop, tooLate]);
      const { port } = base;
      // In a URL an IPv6 address stands in brackets, which are no part of it.
      const hostname = base.hostname.replace(/^\[|\]$/g, "");
      // Not fetch: it would take a segment `..` for a step up, and that is a legal group name.
      const options = { hostname, ...(port === "" ? {} : { port }), path: `${root}${path}`, agent, signal };
      try {
        return await answerOf(isSecure ? secureRequest(options) : request(options));
      } catch (caught) {
        const cause = asError(caught);
        return tooLate.aborted ? { kind: "failed", cause } : { kind: "unreachable", cause };
      }
    },
    [Symbol.asyncDispose]: async () => agent.destroy(),
  };
}

function secureAgent(limits: AgentOptions, certificates: Certificates | undefined): SecureAgent {
  const agent = new SecureAgent(limits);
  const connect = agent.createConnection.bind(agent);
  agent.createConnection = (options, done) => connect({ ...options, ...certificates?.current() }, done);
  return agent;
}

function answerOf(outgoing: ClientRequest): Promise<BurrowAnswer> {
  return new Promise((resolve, reject) => {
    outgoing.on("error", reject);
    outgoing.on("response", (response) => readAnswer(response).then(resolve, reject));
    outgoing.end();
  });
}

async function readAnswer(response: IncomingMessage): Promise<BurrowAnswer> {
  const { statusCode: status = 0, headers } = response;
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of response) {
    bytes += chunk.length;
    if (bytes > ANSWER_BYTES_MAX) {
      response.destroy();
      return { kind: "failed", cause: new Error(`an answer of more than ${ANSWER_BYTES_MAX} bytes`) };
    }
    chunks.push(chunk);
  }
  if (status === 401 || status === 403) return { kind: "refused", status };
  if (status === 429 || status === 503) {
    const seconds = Number(headers["retry-after"] ?? Number.NaN);
    const retryAfterMs = seconds >= 0 ? Math.min(seconds, RETRY_AFTER_S_MAX) * MS_PER_SECOND : undefined;
    return { kind: "busy", status, retryAfterMs };
  }
  const isJson = headers["content-type"]?.startsWith("application/json") === true;
  if ((status >= 300 && status < 400) || (status === 404 && !isJson)) return { kind: "no-route" };
  if (!isJson || (status !== 200 && status !== 404)) return { kind: "failed", cause: new Error(`status ${status}`) };
  return parsed(Buffer.concat(chunks).toString(), status);
}

function parsed(text: string, status: number): BurrowAnswer {
  try {
    const body: unknown = JSON.parse(text);
    if (status === 200) return { kind: "answered", body };
    const message = typeof body === "object" && body !== null ? Reflect.get(body, "message") : undefined;
    return { kind: "not-found", message: String(message) };
  } catch (caught) {
    return { kind: "failed", cause: asError(caught) };
  }
}

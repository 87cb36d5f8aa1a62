/**
 * # Asking a server that has just started
 *
 * Again and again while it does not answer or is not ready; what it refuses is an error at once.
 */

import { asError } from "../../runtime/error.ts";

export interface Ask {
  readonly method: "GET" | "POST" | "PUT";
  readonly url: string;
  readonly authorization: string | undefined;
  readonly body?: object | URLSearchParams;
}

export interface Reply {
  readonly status: number;
  readonly text: string;
}

export class AskError extends Error {
  constructor({ method, url }: Ask, why: string, options?: ErrorOptions) {
    super(`${method} ${url}: ${why}`, options);
    this.name = "AskError";
  }
}

const REQUEST_TIMEOUT_MS = 10_000;
const TRIES_MAX = 60;
const BETWEEN_MS = 2_000;
const SAID_MAX = 300;

export type Wait = (delayMs: number) => Promise<void>;

/** Any answer below 500. */
export async function askUntilAnswered(ask: Ask, wait: Wait): Promise<Reply> {
  let last = "";
  for (let tries = 0; tries < TRIES_MAX; tries++) {
    if (tries > 0) await wait(BETWEEN_MS);
    try {
      const reply = await askOnce(ask);
      if (reply.status < 500) return reply;
      last = `${reply.status} ${reply.text.slice(0, SAID_MAX)}`;
    } catch (caught) {
      last = asError(caught).message;
    }
  }
  throw new AskError(ask, `no good answer in ${TRIES_MAX} tries; the last: ${last}`);
}

/** The text of an answer below 300. */
export async function mustAnswer(ask: Ask, wait: Wait): Promise<string> {
  const { status, text } = await askUntilAnswered(ask, wait);
  if (status < 300) return text;
  throw new AskError(ask, `it answers ${status} ${text.slice(0, SAID_MAX)}`);
}

async function askOnce({ method, url, authorization, body }: Ask): Promise<Reply> {
  const isForm = body instanceof URLSearchParams;
  const headers = new Headers(authorization === undefined ? {} : { authorization });
  if (body !== undefined && !isForm) headers.set("content-type", "application/json");
  const sent = body === undefined ? {} : { body: isForm ? body : JSON.stringify(body) };
  const signal = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
  const answer = await fetch(url, { method, headers, redirect: "error", signal, ...sent });
  return { status: answer.status, text: await answer.text() };
}

export function basicOf(user: string, password: string): string {
  return `Basic ${Buffer.from(`${user}:${password}`).toString("base64")}`;
}

/**
 * # A request that was not simply taken, as an outcome
 *
 * One rule for every store behind HTTP: by status where there is an answer, by the kind of error where there is none.
 */

import type { WriteOutcome } from "../sink.ts";
import { answerClass } from "./answer-class.ts";
import { retryAfterMs } from "./retry-after.ts";

export interface StoreAnswer {
  readonly status: number;
  /** The header, if there was one. */
  readonly retryAfter: string | undefined;
  /** Its first characters, for people. */
  readonly text: string;
}

const EXCERPT_CHARS = 300;

export class StoreAnswerError extends Error {
  constructor({ status, text }: Pick<StoreAnswer, "status" | "text">, hint?: string) {
    const said = text.replaceAll(/\s+/g, " ").trim().slice(0, EXCERPT_CHARS);
    const advice = hint === undefined ? "" : ` (${hint})`;
    super(`it answered ${status}${said === "" ? "" : `: ${said}`}${advice}`);
    this.name = "StoreAnswerError";
  }
}

/** Of an answer that is no success, or of a success that cannot be read. */
export function outcomeOfAnswer(answer: StoreAnswer, nowMs: number, hint?: string): WriteOutcome {
  const cause = new StoreAnswerError(answer, hint);
  switch (answerClass(answer.status)) {
    case "done":
    case "retry":
      return { kind: "kept", retryAfterMs: retryAfterMs(answer.retryAfter, nowMs), cause };
    case "too-large":
      return { kind: "split", why: "too-large", cause };
    case "refused":
      return { kind: "split", why: "refused", cause };
    case "hold":
      return { kind: "held", cause };
  }
}

/** Codes of Node and OpenSSL for a peer that is not who it should be, or speaks no TLS that we accept. */
const TLS_CODE =
  /^(CERT_|ERR_TLS_|ERR_SSL_|UNABLE_TO_|SELF_SIGNED_|DEPTH_ZERO_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|EPROTO)/;
/** The same in words: Elasticsearch's client keeps the message of an error and drops its code. */
const TLS_WORDS = /\bcertificate\b|altnames|SSL routines|SSL alert|EPROTO/i;
const DEPTH_MAX = 5;

/** Of a request that got no answer. TLS that fails and a secret that cannot be read are ours to mend: held. */
export function outcomeOfError(error: Error): WriteOutcome {
  return isConfiguration(error)
    ? { kind: "held", cause: error }
    : { kind: "kept", retryAfterMs: undefined, cause: error };
}

function isConfiguration(error: Error): boolean {
  let at: unknown = error;
  for (let depth = 0; depth < DEPTH_MAX && at instanceof Error; depth += 1) {
    if (at.name === "SecretError" || TLS_WORDS.test(at.message)) return true;
    if ("code" in at && TLS_CODE.test(String(at.code))) return true;
    at = at.cause;
  }
  return false;
}

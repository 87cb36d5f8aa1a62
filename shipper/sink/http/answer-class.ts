/**
 * # What an HTTP status of a store means
 *
 *     done      2xx
 *     retry     408 425 429 5xx, and whatever is in no other line
 *     too-large 413
 *     refused   every other 4xx: something in the request, and most often one point of it
 *     hold      401 403 404 3xx: it refuses us, or is not what we take it for. A redirect is never followed
 */

export type AnswerClass = "done" | "retry" | "too-large" | "refused" | "hold";

const RETRY: ReadonlySet<number> = new Set([408, 425, 429]);
const HOLD: ReadonlySet<number> = new Set([401, 403, 404]);

export function answerClass(status: number): AnswerClass {
  if (status >= 200 && status < 300) return "done";
  if (status === 413) return "too-large";
  if (HOLD.has(status) || (status >= 300 && status < 400)) return "hold";
  if (RETRY.has(status)) return "retry";
  return status >= 400 && status < 500 ? "refused" : "retry";
}

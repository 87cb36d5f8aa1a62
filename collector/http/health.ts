/**
 * # /healthz and /readyz
 *
 * Health: this process runs and answers. Readiness: every cluster's numbers are worth showing; if not, the reason in words.
 * Neither depends on a store.
 */

import type { HttpHandler } from "../../runtime/http/answer.ts";
import { jsonAnswer, textAnswer } from "../../runtime/http/answer.ts";

export interface Readiness {
  readonly ready: boolean;
  /** One line a part that is not ready. */
  readonly reasons: readonly string[];
}

export function createHealthHandler(readiness: () => Readiness): HttpHandler {
  return async ({ path }) => {
    if (path.length !== 1) return undefined;
    if (path[0] === "healthz") return textAnswer(200, "ok\n");
    if (path[0] !== "readyz") return undefined;
    const now = readiness();
    return jsonAnswer(now.ready ? 200 : 503, now);
  };
}

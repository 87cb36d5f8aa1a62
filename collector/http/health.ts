/**
 * # /healthz and /readyz
 *
 * Health: this process runs and answers, with a line for what somebody may want to look at. Readiness: what it shows is worth showing and what it is told is kept;
 * if not, the reason in words. A sink that is down is neither: the spool is there for that.
 */

import type { HttpHandler } from "../../runtime/http/answer.ts";
import { jsonAnswer, textAnswer } from "../../runtime/http/answer.ts";

export interface Readiness {
  readonly ready: boolean;
  /** One line a part that is not ready. */
  readonly reasons: readonly string[];
}

export function createHealthHandler(
  readiness: () => Readiness | Promise<Readiness>,
  remarks: () => readonly string[] = () => [],
): HttpHandler {
  return async ({ path }) => {
    if (path.length !== 1) return undefined;
    if (path[0] === "healthz") return textAnswer(200, ["ok", ...remarks(), ""].join("\n"));
    if (path[0] !== "readyz") return undefined;
    const now = await readiness();
    return jsonAnswer(now.ready ? 200 : 503, now);
  };
}

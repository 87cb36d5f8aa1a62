/**
 * # What /v3 changes: the log level, and what is remembered of a group
 *
 * Burrow lets everybody do both (its issue #646). Here a write needs a token to be configured, on loopback, too: who may look is
 * not who may write. A browser shows its token to us by itself, so one that was sent here by another site's page is refused; what
 * other clients send as the type of their body says nothing.
 */

import type { HttpAnswer, HttpRequest } from "../../runtime/http/answer.ts";
import { deleteGroup } from "../window/burrow-store.ts";
import type { ClusterView } from "./cluster-view.ts";
import { failure, success } from "./v3-answer.ts";

const BODY_BYTES_MAX = 4_096;

export const LOG_LEVELS = ["trace", "debug", "info", "warn", "error", "fatal"] as const;
export type V3LogLevel = (typeof LOG_LEVELS)[number];

export interface V3Writes {
  /** Requests that come this far have shown it. */
  readonly hasToken: boolean;
  readonly setLogLevel: (level: V3LogLevel) => void;
}

/** Why nothing may be written by this request; undefined where it may. */
export function writeRefusal(request: HttpRequest, { hasToken }: V3Writes): HttpAnswer | undefined {
  if (!hasToken) return failure(request, 403, "writing needs a token: set collector.token_file");
  if (isFromAnotherSite(request)) return failure(request, 403, "a page of another site may not write here");
  return undefined;
}

function isFromAnotherSite({ headers }: HttpRequest): boolean {
  const { origin, host } = headers;
  return origin !== undefined && origin !== `http://${host}` && origin !== `https://${host}`;
}

/**
 * Burrow's `/v3` and `burrow_*` forget the group, or the topic of it, until its next commit; 200 whether there was one or not.
 * Kafka and our own verdicts are not touched.
 */
export function forgetGroup(
  request: HttpRequest,
  view: ClusterView | undefined,
  { group, topic }: { readonly group: string; readonly topic?: string },
): HttpAnswer {
  if (view !== undefined) {
    deleteGroup(view.state.burrow, group, topic);
    view.state.touch();
  }
  return success(request, "consumer group removed");
}

export async function setLogLevel(request: HttpRequest, writes: V3Writes): Promise<HttpAnswer> {
  const body = await request.body(BODY_BYTES_MAX);
  if (body === undefined) return failure(request, 413, `the body has more than ${BODY_BYTES_MAX} bytes`);
  const asked = levelOf(Buffer.from(body).toString("utf8"));
  if (asked === undefined) return failure(request, 400, "could not decode message body");
  const level = LOG_LEVELS.find((one) => one === (asked === "warning" ? "warn" : asked));
  if (level === undefined) return failure(request, 404, "unknown log level");
  writes.setLogLevel(level);
  return success(request, "set log level");
}

/** In lower case; empty where the body has none, undefined where it is no object with one. */
function levelOf(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    if (value === null) return "";
    if (typeof value !== "object" || Array.isArray(value)) return undefined;
    const level = "level" in value ? value.level : "";
    return typeof level === "string" ? level.toLowerCase() : undefined;
  } catch {
    return undefined;
  }
}

/**
 * # Can the collector's feed be read?
 *
 *     GET {from}/v4/evaluations?after=check&wait=0      401, 403: the token · 410: a feed that does not know this cursor, so all is well
 *
 * A cursor that no collector has ever given is answered without a tick.
 */

import { z } from "zod";
import { asError } from "../../runtime/error.ts";
import type { Finding } from "../../runtime/finding.ts";
import { fail, ok, warn } from "../../runtime/finding.ts";
import type { Secret } from "../../runtime/secret.ts";

export interface ExamineFeedOptions {
  readonly from: string;
  readonly token: Secret | undefined;
  readonly timeoutMs: number;
}

const WHAT = "the collector's feed";

export async function examineFeed({ from, token, timeoutMs }: ExamineFeedOptions): Promise<readonly Finding[]> {
  const base = from.replace(/\/+$/, "");
  const get = (path: string): Promise<Response> =>
    fetch(`${base}${path}`, {
      headers: token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` },
      redirect: "manual",
      signal: AbortSignal.timeout(timeoutMs),
    });
  try {
    const answer = await get("/v4/evaluations?after=check&wait=0");
    const isFeed = answer.status === 410 && Gone.safeParse(await bodyOf(answer)).success;
    if (!isFeed) {
      await answer.body?.cancel().catch(() => undefined);
      return [refused(from, answer.status, token !== undefined)];
    }
    return [ok(WHAT, `${from} gives it`), ...(await readiness(await get("/readyz")))];
  } catch (caught) {
    return [
      fail(
        WHAT,
        `${from} does not answer: ${reasonOf(asError(caught))}`,
        "start the collector, or mend `shipper.from`",
      ),
    ];
  }
}

const Gone = z.object({ oldest: z.string(), ticks_gone: z.int() });
const Ready = z.object({ ready: z.boolean(), reasons: z.array(z.string().max(1_000)).max(1_000) });

/** `fetch` says "fetch failed", and why only in its cause. */
function reasonOf(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function refused(from: string, status: number, hasToken: boolean): Finding {
  const said = `${from} answers ${status}`;
  if (status === 401 || status === 403)
    return fail(
      WHAT,
      said,
      hasToken
        ? "the token in `shipper.from_token_file` is not that of `collector.token_file`"
        : "set `shipper.from_token_file`",
    );
  return fail(
    WHAT,
    `${said}, which no collector does`,
    "mend `shipper.from`: it is the collector's address, without a path",
  );
}

async function readiness(answer: Response): Promise<readonly Finding[]> {
  const parsed = Ready.safeParse(await bodyOf(answer));
  if (!parsed.success || parsed.data.ready) return [];
  return [warn("the collector", `it is not ready: ${parsed.data.reasons.join("; ")}`, "wait, or look at its cluster")];
}

const BODY_BYTES_MAX = 65_536;

/** What is no JSON, or too long for an answer of ours, is nothing. */
async function bodyOf(answer: Response): Promise<unknown> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of answer.body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > BODY_BYTES_MAX) return undefined;
    parts.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(parts).toString());
  } catch {
    return undefined;
  }
}

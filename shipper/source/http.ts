/**
 * # A collector's feed over HTTP
 *
 *     GET {from}/v4/evaluations?after={cursor}&wait={seconds}      Authorization: Bearer {token}
 *     200 NDJSON (ndjson.ts) · 410 {"oldest": cursor, "ticks_gone": n} · anything else is a failure
 *
 * A collector that is away, or answers what we cannot use, is normal life: the read answers "no ticks, same cursor" after
 * a full-jitter backoff, and the state is logged once and shown. Redirects are not followed: the address is the
 * operator's, and the token must not travel.
 */

import { z } from "zod";
import type { Feed, FeedAnswer } from "../../collector/model/feed.ts";
import { sleep } from "../../runtime/clock.ts";
import { asError } from "../../runtime/error.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Secret } from "../../runtime/secret.ts";
import { readFeedBody } from "./ndjson.ts";

export interface HttpFeedOptions {
  /** The collector's address, such as `http://127.0.0.1:8000`. */
  readonly from: string;
  /** Read before each request, so that a rotated one counts at once. */
  readonly token: Secret | undefined;
  readonly random: () => number;
  readonly logger: Logger;
}

export interface HttpFeed extends Feed {
  stats(): HttpFeedStats;
}

/** Since the start. */
export interface HttpFeedStats {
  readonly condition: "up" | "down";
  readonly why: string | undefined;
  readonly requests: number;
  readonly failures: number;
  /** Lines that were not an evaluation: each is one group's tick lost. */
  readonly linesRefused: number;
}

/** Beyond the time the collector may wait for a tick: for the answer itself. */
const ANSWER_MS_MAX = 60_000;
const DELAY_MS_FIRST = 500;
const DELAY_MS_MAX = 30_000;
const GONE_BYTES_MAX = 65_536;

export function createHttpFeed({ from, token, random, logger }: HttpFeedOptions): HttpFeed {
  const stats = { requests: 0, failures: 0, linesRefused: 0 };
  let down: Error | undefined;
  let failuresInRow = 0;

  const failed = async (cause: Error, signal: AbortSignal): Promise<void> => {
    const retryInMs = random() * Math.min(DELAY_MS_MAX, DELAY_MS_FIRST * 2 ** failuresInRow);
    if (down === undefined) {
      const event = "feed.unreachable";
      logger.warn({ event, from, retryInMs, err: cause }, "the collector's feed cannot be read; it is tried again");
    }
    down = cause;
    failuresInRow += 1;
    stats.failures += 1;
    await sleep(retryInMs, signal);
  };
  const succeeded = (): void => {
    if (down !== undefined) logger.info({ event: "feed.up", from }, "the collector's feed is read again");
    down = undefined;
    failuresInRow = 0;
  };

  return {
    read: async (cursor, waitMs, signal) => {
      signal.throwIfAborted();
      stats.requests += 1;
      try {
        const { answer, linesRefused } = await request(urlOf(from, { cursor, waitMs }), token, {
          signal,
          timeoutMs: waitMs + ANSWER_MS_MAX,
        });
        stats.linesRefused += linesRefused;
        // The same cursor again would come back at once, and for ever.
        if (answer.kind === "gone" && answer.oldest === cursor) throw new Error("410 with the cursor that was sent");
        succeeded();
        return answer;
      } catch (caught) {
        signal.throwIfAborted();
        await failed(asError(caught), signal);
        signal.throwIfAborted();
        return { kind: "ticks", ticks: [], cursor };
      }
    },
    stats: () => ({ condition: down === undefined ? "up" : "down", why: down?.message, ...stats }),
  };
}

function urlOf(from: string, { cursor, waitMs }: { readonly cursor: string; readonly waitMs: number }): URL {
  const url = new URL(`${from.replace(/\/+$/, "")}/v4/evaluations`);
  url.searchParams.set("after", cursor);
  url.searchParams.set("wait", String(Math.floor(waitMs / 1_000)));
  return url;
}

interface Answered {
  readonly answer: FeedAnswer;
  readonly linesRefused: number;
}

async function request(
  url: URL,
  token: Secret | undefined,
  { signal, timeoutMs }: { readonly signal: AbortSignal; readonly timeoutMs: number },
): Promise<Answered> {
  const response = await fetch(url, {
    headers: {
      accept: "application/x-ndjson",
      ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
    },
    redirect: "error",
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  const body = response.body;
  if (response.status === 410) return { answer: await goneOf(body), linesRefused: 0 };
  if (response.status !== 200 || body === null) {
    await body?.cancel();
    throw new Error(`the collector answers ${response.status}`);
  }
  const { ticks, cursor, linesRefused } = await readFeedBody(body);
  return { answer: { kind: "ticks", ticks, cursor }, linesRefused };
}

const Gone = z.object({ oldest: z.string().max(4_096), ticks_gone: z.int().nonnegative() });

async function goneOf(body: AsyncIterable<Uint8Array> | null): Promise<FeedAnswer> {
  const parts: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of body ?? []) {
    bytes += chunk.byteLength;
    if (bytes > GONE_BYTES_MAX) throw new Error("the answer 410 is too long");
    parts.push(chunk);
  }
  const { oldest, ticks_gone: ticksGone } = Gone.parse(JSON.parse(Buffer.concat(parts).toString()));
  return { kind: "gone", oldest, ticksGone };
}

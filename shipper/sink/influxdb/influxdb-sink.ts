/**
 * # Points to InfluxDB
 *
 *     api v1      POST /write?db=…&rp=…&precision=ms                    1.x; credentials are a name and a password
 *     api v2      POST /api/v2/write?org=…&bucket=…&precision=ms        1.8, 2.x, 3; a token (1.8: "name:password")
 *
 * A request that is refused tells by no server alike which line was at fault (1.x and 3: 400, the others stored; 2.x: 422 the
 * same, or 400 and nothing stored), so it is halved until the line is alone: what was stored already overwrites itself. For
 * the same reason no store tells of duplicates. Where Telegraf's lines are written too, a point's two lines are never parted: it
 * is stored when both are.
 */

import type { Clock } from "../../../runtime/clock.ts";
import { asError } from "../../../runtime/error.ts";
import { linesOf } from "../../encode/line-protocol.ts";
import type { TelegrafOptions } from "../../encode/telegraf.ts";
import { telegrafLineOf } from "../../encode/telegraf.ts";
import type { Point } from "../../schema/point.ts";
import { authorizationOf } from "../http/credentials.ts";
import { outcomeOfAnswer, outcomeOfError } from "../http/outcome.ts";
import type { Sink, WriteOutcome } from "../sink.ts";
import type { InfluxConnection } from "./transport.ts";
import { openTransport } from "./transport.ts";

export interface InfluxSinkOptions extends InfluxConnection {
  readonly name: string;
  readonly target: InfluxTarget;
  /** Beside each point what Telegraf wrote of it; undefined: not. */
  readonly telegraf: TelegrafOptions | undefined;
  readonly batchPointsMax: number;
  readonly clock: Clock;
}

/** `database` is the bucket in 2.x; a retention policy is 1.x's, where absent its default. */
export type InfluxTarget =
  | { readonly api: "v1"; readonly database: string; readonly retentionPolicy: string | undefined }
  | {
      readonly api: "v2";
      readonly database: string;
      readonly retentionPolicy: string | undefined;
      readonly org: string;
    };

const BODY_CHARS_MAX = 4 * 1024 * 1024;
const NO_FIELDS = "a point without fields cannot be said in line protocol";

export function openInfluxSink(options: InfluxSinkOptions): Sink & AsyncDisposable {
  const { name, target, telegraf, batchPointsMax, clock, credentials } = options;
  const transport = openTransport(options);
  const path = writePath(target);
  const beside = telegraf === undefined ? undefined : (point: Point) => telegrafLineOf(point, telegraf);

  const send = async (batch: readonly Point[], signal: AbortSignal): Promise<WriteOutcome> => {
    const { text: body, without } = linesOf(batch, beside);
    const rejected = without.map((index) => ({ index, reason: NO_FIELDS }));
    const written: WriteOutcome = { kind: "written", duplicates: 0, rejected, kept: [] };
    if (body === "") return written;
    if (body.length > BODY_CHARS_MAX && batch.length > 1) {
      return { kind: "split", why: "too-large", cause: new Error(`${batch.length} points make ${body.length} bytes`) };
    }
    const headers = { ...authorizationOf(credentials), "content-type": "text/plain; charset=utf-8" };
    const answer = await transport.send({ method: "POST", path, body, headers }, signal);
    // Of all good answers only 204 (and 200, 201 of some servers, without a body) is one of InfluxDB's.
    if (answer.status >= 200 && answer.status < 300 && answer.text === "") return written;
    return outcomeOfAnswer(answer, clock.nowMs(), answer.status === 404 ? notFoundHint(target) : undefined);
  };

  return {
    name,
    batchPointsMax,
    write: async (batch, signal) => {
      signal.throwIfAborted();
      try {
        return await send(batch, signal);
      } catch (caught) {
        signal.throwIfAborted();
        return outcomeOfError(asError(caught));
      }
    },
    [Symbol.asyncDispose]: async () => transport.close(),
  };
}

export function notFoundHint({ api, database }: InfluxTarget): string {
  return api === "v1"
    ? `database ${database} must exist: "tidemark provision" makes it`
    : `bucket ${database} must exist: "tidemark provision" makes it; a server before 1.8 needs api: v1`;
}

export function writePath(target: InfluxTarget): string {
  const { database, retentionPolicy: policy } = target;
  switch (target.api) {
    case "v1": {
      const query = { db: database, ...(policy === undefined ? {} : { rp: policy }), precision: "ms" };
      return `/write?${new URLSearchParams(query)}`;
    }
    case "v2": {
      const bucket = policy === undefined ? database : `${database}/${policy}`;
      return `/api/v2/write?${new URLSearchParams({ org: target.org, bucket, precision: "ms" })}`;
    }
  }
}

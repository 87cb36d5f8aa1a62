/**
 * # Points to Elasticsearch 8 and 9, and to OpenSearch
 *
 * One bulk request of `create` lines into the indices of the points' days. Whatever its answer, the same points may be sent
 * again: what is there already says so. Where Telegraf's documents are written too, a point's two are never parted: it is stored
 * when both are.
 */

import type { Clock } from "../../../runtime/clock.ts";
import { asError } from "../../../runtime/error.ts";
import { bulkRequest } from "../../encode/bulk.ts";
import type { TelegrafOptions } from "../../encode/telegraf.ts";
import { telegrafBulkLinesOf } from "../../encode/telegraf-document.ts";
import type { Point } from "../../schema/point.ts";
import { compressed } from "../http/compressed.ts";
import { authorizationOf } from "../http/credentials.ts";
import { outcomeOfAnswer, outcomeOfError } from "../http/outcome.ts";
import type { Sink, WriteOutcome } from "../sink.ts";
import { outcomeOfBulk } from "./bulk-answer.ts";
import type { ElasticsearchConnection } from "./client.ts";
import { answerOf, openClient, textOf } from "./client.ts";
import type { Gate, Request } from "./gate.ts";
import { createGate } from "./gate.ts";
import { indexSetsOf, telegrafPrefix } from "./template.ts";

export interface ElasticsearchSinkOptions extends ElasticsearchConnection {
  readonly name: string;
  /** Of the names of the daily indices. */
  readonly prefix: string;
  /** Beside each point what Telegraf wrote of it; undefined: not. */
  readonly telegraf: TelegrafOptions | undefined;
  readonly batchPointsMax: number;
  readonly clock: Clock;
}

/** Far below the 100 MB a server takes by default, and what its memory likes best. */
const BODY_CHARS_MAX = 4 * 1024 * 1024;
/** Only what is looked at; items stay in their order, one per point. */
const FILTER = "errors,items.*.status,items.*.error.type,items.*.error.reason";

export function openElasticsearchSink(options: ElasticsearchSinkOptions): Sink & AsyncDisposable {
  const { name, prefix, telegraf, batchPointsMax, clock, credentials } = options;
  const client = openClient(options);
  const sets = indexSetsOf(prefix, { withTelegraf: telegraf !== undefined });
  const gateFor = allOf(sets.map((set) => createGate({ client, ...set, clock })));
  const beside =
    telegraf === undefined
      ? undefined
      : (point: Point) => telegrafBulkLinesOf(point, { ...telegraf, prefix: telegrafPrefix(prefix) });

  const send = async (batch: readonly Point[], signal: AbortSignal): Promise<WriteOutcome> => {
    const headers = authorizationOf(credentials);
    const gate = await gateFor({ headers, signal });
    if (gate.kind === "closed") return gate.outcome;
    const { body, pointOfItem } = bulkRequest(batch, { prefix, layout: gate.layout }, beside);
    if (body.length > BODY_CHARS_MAX && batch.length > 1) {
      return { kind: "split", why: "too-large", cause: new Error(`${batch.length} points make ${body.length} bytes`) };
    }
    const { bytes, headers: encoding } = await compressed(body);
    const answer = await client.transport.request(
      { method: "POST", path: "/_bulk", querystring: { filter_path: FILTER }, bulkBody: bytes },
      { headers: { ...headers, ...encoding, "accept-encoding": "gzip" }, signal, meta: true },
    );
    const { statusCode: status = 0, headers: said, body: told } = answer;
    if (status !== 200) {
      const retryAfter = said?.["retry-after"];
      const text = textOf(told);
      return outcomeOfAnswer(
        { status, retryAfter: retryAfter === undefined ? undefined : String(retryAfter), text },
        clock.nowMs(),
      );
    }
    return outcomeOfBulk(told, batch.length, pointOfItem);
  };

  return {
    name,
    batchPointsMax,
    write: async (batch, signal) => {
      signal.throwIfAborted();
      if (batch.length === 0) return { kind: "written", duplicates: 0, rejected: [], kept: [] };
      try {
        return await send(batch, signal);
      } catch (caught) {
        signal.throwIfAborted();
        const answer = answerOf(caught);
        return answer === undefined ? outcomeOfError(asError(caught)) : outcomeOfAnswer(answer, clock.nowMs());
      }
    },
    [Symbol.asyncDispose]: () => client.close(),
  };
}

/** Open once all are, with the layout of the first: the one of our own points. */
function allOf(gates: readonly ((request: Request) => Promise<Gate>)[]): (request: Request) => Promise<Gate> {
  const [own, ...others] = gates;
  return async (request) => {
    if (own === undefined) throw new Error("a sink without indices");
    const first = await own(request);
    for (const gateFor of others) {
      if (first.kind === "closed") return first;
      const gate = await gateFor(request);
      if (gate.kind === "closed") return gate;
    }
    return first;
  };
}

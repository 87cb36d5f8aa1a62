/**
 * # Requests to one sink, one of them early
 *
 * While a store works on one request the next is made and on its way, so that neither waits for the other: REQUESTS_MAX at once,
 * no more. Answers are still taken in the order of the points, as if each request had been made in its turn; what became
 * of an early one whose turn never comes is forgotten, and its points are sent again, which changes nothing.
 */

import { asError } from "../../runtime/error.ts";
import type { Sink, WriteOutcome } from "../sink/sink.ts";
import { REQUESTS_MAX } from "../sink/sink.ts";
import type { Load } from "./backlog.ts";

/** Indexes of points of a load; the same array is the same request. */
export interface Request {
  readonly load: Load;
  readonly group: readonly number[];
}

type Answer = Promise<WriteOutcome | undefined>;

export interface Requests extends AsyncDisposable {
  /** What the sink says; undefined when aborted. */
  answer(request: Request): Answer;
  /** Makes a request before its turn, where none is early yet. */
  early(request: Request): void;
  /** Whatever was asked early is asked again in its turn. */
  forget(): void;
}

export function createRequests(sink: Sink, hard: AbortSignal): Requests {
  const ended = new AbortController();
  const signal = AbortSignal.any([hard, ended.signal]);
  const underWay = new Set<Answer>();
  let ahead: { readonly group: Request["group"]; readonly answer: Answer } | undefined;
  const begin = ({ load, group }: Request): Answer => {
    const all = group.length === load.points.length;
    const batch = all ? load.points : group.flatMap((index) => load.points[index] ?? []);
    const answer = write(sink, batch, signal);
    underWay.add(answer);
    void answer.finally(() => underWay.delete(answer));
    return answer;
  };
  return {
    answer: async (request) => {
      const early = ahead?.group === request.group ? ahead.answer : undefined;
      if (early !== undefined) {
        ahead = undefined;
        return early;
      }
      while (underWay.size >= REQUESTS_MAX) await Promise.race(underWay);
      return begin(request);
    },
    early: (request) => {
      if (ahead !== undefined || underWay.size >= REQUESTS_MAX) return;
      ahead = { group: request.group, answer: begin(request) };
    },
    forget: () => {
      ahead = undefined;
    },
    [Symbol.asyncDispose]: async () => {
      ended.abort();
      await Promise.all(underWay);
    },
  };
}

/** A sink that throws is a bug, but the points are none the worse: they are kept. Undefined when aborted; never rejects. */
async function write(sink: Sink, batch: Load["points"], signal: AbortSignal): Answer {
  try {
    return await sink.write(batch, signal);
  } catch (caught) {
    return signal.aborted ? undefined : { kind: "kept", retryAfterMs: undefined, cause: asError(caught) };
  }
}

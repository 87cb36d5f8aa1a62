/**
 * # Points to standard output
 *
 *     influx   line protocol (encode/line-protocol.ts), times in nanoseconds
 *     ndjson   one JSON object a line: "@timestamp" in ms, "kind", the dimensions, the fields
 *
 * A batch is written once the stream has taken all of it. A reader that is slow is waited for; one that has gone away holds the
 * sink, since its points are for whoever reads next. What was written before may come again: the same lines say the same.
 */

import type { Writable } from "node:stream";
import { documentOf } from "../../encode/bulk.ts";
import { lineInNanoseconds } from "../../encode/line-protocol.ts";
import type { Point } from "../../schema/point.ts";
import type { Rejection, Sink, WriteOutcome } from "../sink.ts";

export interface StdoutSinkOptions {
  readonly name: string;
  readonly format: "influx" | "ndjson";
  readonly stream: Writable;
}

const BATCH_POINTS_MAX = 5_000;
const NO_FIELDS = "a point without fields cannot be said in line protocol";

class ReaderGoneError extends Error {
  constructor(options?: ErrorOptions) {
    super("nobody reads standard output any more; start anew with a reader", options);
    this.name = "ReaderGoneError";
  }
}

export function openStdoutSink({ name, format, stream }: StdoutSinkOptions): Sink & Disposable {
  const encode = ENCODERS[format];
  let gone: ReaderGoneError | undefined;
  const onError = (cause: Error): void => {
    gone ??= new ReaderGoneError({ cause });
  };
  stream.on("error", onError);
  const send = async (text: string, signal: AbortSignal): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const stop = (): void => reject(signal.reason);
    signal.addEventListener("abort", stop, { once: true });
    stream.write(text, (error) => {
      if (error === null || error === undefined) resolve();
      else reject(error);
    });
    await promise.finally(() => signal.removeEventListener("abort", stop));
  };
  return {
    name,
    batchPointsMax: BATCH_POINTS_MAX,
    write: async (batch, signal): Promise<WriteOutcome> => {
      signal.throwIfAborted();
      const { text, rejected } = textOf(batch, encode);
      if (gone === undefined && stream.writable) {
        try {
          if (text !== "") await send(text, signal);
          return { kind: "written", duplicates: 0, rejected, kept: [] };
        } catch (caught) {
          signal.throwIfAborted();
          gone ??= new ReaderGoneError({ cause: caught });
        }
      }
      return { kind: "held", cause: gone ?? new ReaderGoneError() };
    },
    [Symbol.dispose]: () => void stream.off("error", onError).on("error", () => {}),
  };
}

const ENCODERS = { influx: lineInNanoseconds, ndjson: documentOf } as const;

function textOf(batch: readonly Point[], encode: (point: Point) => string | undefined) {
  const rejected: Rejection[] = [];
  const lines: string[] = [];
  batch.forEach((point, index) => {
    const line = encode(point);
    if (line === undefined) rejected.push({ index, reason: NO_FIELDS });
    else lines.push(`${line}\n`);
  });
  return { text: lines.join(""), rejected };
}

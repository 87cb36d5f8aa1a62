/**
 * # A shipper's heartbeat
 *
 *     one point per sink, and one of source and spool, whose sink is empty
 *
 * Two shippers tell of themselves under two instances. A tick that is read again makes the same point with newer numbers: the
 * first one counts where a store keeps it, the last where it overwrites.
 */

import type { Fields, PointOf } from "../schema/point.ts";

export interface SelfReport {
  readonly instance: string;
  readonly source: Fields<"self">;
  readonly sinks: ReadonlyMap<string, Fields<"self">>;
}

export function selfPoints(atMs: number, { instance, source, sinks }: SelfReport): readonly PointOf<"self">[] {
  const of = (sink: string, fields: Fields<"self">): PointOf<"self"> => ({
    kind: "self",
    atMs,
    dimensions: { instance, sink },
    fields,
  });
  return [of("", source), ...[...sinks].map(([sink, fields]) => of(sink, fields))];
}

/**
 * # What fell off, as points that every sink gets
 *
 * One event a range. They go into the spool in the transaction that marks the range as told, so that each sink is told once.
 * What tells two events apart is what happened: the sink, the reason, and the running numbers. PURE, as row.ts is.
 */

import { crc32 } from "node:zlib";
import type { PointOf } from "../schema/point.ts";
import type { DropRange } from "./drops.ts";

export function eventOf(
  { sink, reason, firstPoint, points, firstMs, lastMs }: DropRange,
  atMs: number,
): PointOf<"event"> {
  const id = crc32(JSON.stringify([sink, reason, firstPoint, points, firstMs, lastMs]))
    .toString(16)
    .padStart(8, "0");
  const span = `${timeOf(firstMs)} to ${timeOf(lastMs)}`;
  return {
    kind: "event",
    atMs,
    dimensions: { cluster: "", group: "", event: "dropped", id },
    fields: {
      text: `${points} points of ${span} left the spool before ${sink} took them: ${WHY[reason]}`,
      tags: `dropped,${reason},${sink}`,
    },
  };
}

const WHY: Readonly<Record<DropRange["reason"], string>> = {
  bytes: "it had reached bytes_max",
  age: "they were older than age_max",
  disk: "the disk had less free than free_disk_min",
  removed: "the sink is no longer configured",
};

function timeOf(ms: number): string {
  return new Date(ms).toISOString();
}

/**
 * # Ten minutes of points of every kind, with every field
 *
 * Values are arbitrary and differ from tick to tick and from field to field, so that a wrong field, bucket or group shows. One
 * group has a name that would end a query wherever it is not escaped.
 */

import { dimensionText } from "../../../shipper/encode/bulk.ts";
import type { FieldName, Kind } from "../../../shipper/schema/kind.ts";
import { FIELDS } from "../../../shipper/schema/kind.ts";
import type { Point } from "../../../shipper/schema/point.ts";

export const CLUSTER = "prod";
export const HOSTILE = 'a"} or vector(1) # /x\\y é';
/** As a store keeps it, and as its variables list it. */
export const HOSTILE_STORED = dimensionText(HOSTILE);
export const GROUPS = [HOSTILE, "a", "orders"] as const;
export const TOPIC = "clicks";
export const FROM_MS = Date.UTC(2026, 2, 1);
export const TICK_MS = 10_000;
export const TICKS = 60;
export const SPAN = { fromMs: FROM_MS, toMs: FROM_MS + TICKS * TICK_MS - 1 };

const TOPICS = [TOPIC, "a b,c=d"] as const;
const PARTITIONS = [0, 1] as const;
const WORDS = ["OK", "WARN", "ERR", "warming", "stale", "unauthorised", "unknown"] as const;
const SINK_FIELD = /^(points_(?!too)|answers_|dead_letters|sink_state)/;

export function worldPoints(): readonly Point[] {
  return Array.from({ length: TICKS }, (_, tick) => tickPoints(tick)).flat();
}

function tickPoints(tick: number): readonly Point[] {
  const cluster = CLUSTER;
  const groups = GROUPS.flatMap((group) => [
    point("group", tick, { cluster, group }),
    ...TOPICS.flatMap((topic) => [
      point("group_topic", tick, { cluster, group, topic }),
      ...PARTITIONS.map((partition) => point("partition", tick, { cluster, group, topic, partition })),
    ]),
    point("event", tick, { cluster, group, event: "rebalance", id: `${group.length}-${tick}` }),
  ]);
  const topics = TOPICS.flatMap((topic) =>
    PARTITIONS.map((partition) => point("topic", tick, { cluster, topic, partition })),
  );
  const own = ["", "es"].map((sink) => point("self", tick, { instance: "one", sink }));
  return [...groups, ...topics, ...own];
}

function point(kind: Kind, tick: number, dimensions: Readonly<Record<string, string | number>>): Point {
  const seed = JSON.stringify(dimensions).length + tick * 5;
  const fields = FIELDS[kind]
    .map(([name, { type }], index) => [name, type, index] as const)
    .filter(([name]) => kind !== "self" || SINK_FIELD.test(name) === (dimensions["sink"] !== ""))
    .map(([name, type, index]) => [name, fieldValue({ kind, name, type, seed: seed + index * 3, tick })]);
  return { kind, atMs: FROM_MS + tick * TICK_MS, dimensions, fields: Object.fromEntries(fields) } as unknown as Point;
}

interface Wanted {
  readonly kind: Kind;
  readonly name: FieldName;
  readonly type: string;
  readonly seed: number;
  readonly tick: number;
}

/** Counts of the shipper only grow; what a store divides would differ in its last digit, so fractions are halves. */
function fieldValue({ kind, name, type, seed, tick }: Wanted): string | number {
  if (type === "text" || type === "keyword") return name === "status" ? (WORDS[seed % WORDS.length] ?? "OK") : "word";
  if (kind === "self" && type === "integer") return tick * 5;
  if (name === "objective_met") return seed % 2;
  return (seed % 97) + (type === "number" ? 0.5 : 1);
}

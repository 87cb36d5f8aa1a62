/**
 * # The same ten minutes as a collector would have exposed them
 *
 * Numbers of groups, their status as one-hot words, and of a partition lag, committed offset and the status where it is not OK;
 * names as Kafka has them. As OpenMetrics, family by family, one sample a tick.
 */

import { FIELDS } from "../../../shipper/schema/kind.ts";
import type { Point } from "../../../shipper/schema/point.ts";
import { worldPoints } from "./world.ts";

const MS_PER_SECOND = 1_000;
const PARTITION_NUMBERS: readonly string[] = ["lag", "committed_offset"];
const STATUSES = ["OK", "WARN", "ERR", "warming", "stale", "unauthorised", "unknown"] as const;

export function exposedWorld(): string {
  const families = new Map<string, string[]>();
  const put = (name: string, labels: Labels, value: number, atMs: number): void => {
    const lines = families.get(name) ?? [];
    families.set(name, lines);
    lines.push(`${name}{${labelText(labels)}} ${value} ${atMs / MS_PER_SECOND}`);
  };
  for (const point of worldPoints())
    for (const [name, labels, value] of samplesOf(point)) put(name, labels, value, point.atMs);
  const texts = [...families].map(([name, lines]) => `# TYPE ${name} gauge\n${lines.toSorted(bySeries).join("\n")}\n`);
  return `${texts.join("")}# EOF\n`;
}

type Labels = Readonly<Record<string, string | number>>;
type Sample = readonly [name: string, labels: Labels, value: number];

function samplesOf({ kind, dimensions, fields }: Point): readonly Sample[] {
  if (kind !== "group" && kind !== "partition") return [];
  const values: Readonly<Record<string, unknown>> = fields;
  const numbers = FIELDS[kind].flatMap(([field]): readonly Sample[] => {
    const value = values[field];
    const exposed = typeof value === "number" && (kind === "group" || PARTITION_NUMBERS.includes(field));
    return exposed ? [[`tidemark_${kind}_${field}`, dimensions, value]] : [];
  });
  const { status } = fields;
  const words = STATUSES.filter((word) => kind === "group" || (word === status && word !== "OK"));
  const oneHot = words.map(
    (word): Sample => [`tidemark_${kind}_status`, { ...dimensions, status: word }, word === status ? 1 : 0],
  );
  return [...numbers, ...oneHot];
}

function labelText(labels: Labels): string {
  return Object.entries(labels)
    .map(([name, value]) => `${name}="${String(value).replaceAll("\\", "\\\\").replaceAll('"', '\\"')}"`)
    .join(",");
}

/** Samples of a series stand together, in the order of time. */
function bySeries(left: string, right: string): number {
  const [leftAt, rightAt] = [left.lastIndexOf("} "), right.lastIndexOf("} ")];
  const [leftName, rightName] = [left.slice(0, leftAt), right.slice(0, rightAt)];
  if (leftName !== rightName) return leftName < rightName ? -1 : 1;
  return Number(left.split(" ").at(-1)) - Number(right.split(" ").at(-1));
}

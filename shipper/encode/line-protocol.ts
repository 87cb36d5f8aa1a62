/**
 * # A point to a line of InfluxDB's line protocol
 *
 *     line  := "tidemark_" kind ("," tag "=" value)* " " field ("," field)* " " ms      tags by name, as the server sorts them
 *     field := name "=" (integer "i" | float | '"' text '"')
 *
 * In a tag's value `,`, `=` and blank have a backslash before them; in a text `"`. Names and texts hold no backslash and no line
 * end (stored-name.ts), so nothing else needs care. A field keeps its type for ever: an integer always has its `i`, which
 * keeps it exact, and a float never has one. A point without a field has no line: the protocol cannot say it.
 */

import { FIELDS, KIND_NAMES, KINDS, type Kind } from "../schema/kind.ts";
import type { Point } from "../schema/point.ts";
import type { InfluxType } from "../schema/store-type.ts";
import { influxType } from "../schema/store-type.ts";
import { dimensionText } from "./bulk.ts";
import { remembered } from "./remembered.ts";
import { storedText } from "./stored-name.ts";

const TAGS = Object.fromEntries(
  KIND_NAMES.map((kind) => [kind, [...KINDS[kind].dimensions].toSorted()]),
) as unknown as {
  readonly [K in Kind]: readonly string[];
};

const TYPES = Object.fromEntries(
  KIND_NAMES.map((kind) => [kind, new Map(FIELDS[kind].map(([name, { type }]) => [name, influxType(type)]))]),
) as unknown as { readonly [K in Kind]: ReadonlyMap<string, InfluxType> };

/**
 * Lines of many points as one text, which costs half of what joining single ones does. Those without a line are named. `beside`
 * gives a second line of the same point, which goes or stays with the first.
 */
export function linesOf(
  points: readonly Point[],
  beside?: (point: Point) => string | undefined,
): { readonly text: string; readonly without: readonly number[] } {
  const without: number[] = [];
  let text = "";
  points.forEach((point, index) => {
    const line = lineOf(point);
    if (line === undefined) {
      without.push(index);
      return;
    }
    text += text === "" ? line : `\n${line}`;
    const second = beside?.(point);
    if (second !== undefined) text += `\n${second}`;
  });
  return { text, without };
}

/** The line without its end; undefined for a point without fields. */
export function lineOf({ kind, atMs, dimensions, fields }: Point): string | undefined {
  let line = `tidemark_${kind}`;
  for (const tag of TAGS[kind]) line += `,${tag}=${tagValue(entryOf(dimensions, tag))}`;
  let separator = " ";
  // Of the point and not of the table, which names many more: twice as quick.
  for (const name in fields) {
    const [type, value] = [TYPES[kind].get(name), entryOf(fields, name)];
    if (type === undefined || value === undefined) continue;
    line += `${separator}${name}=${fieldValue(value, type)}`;
    separator = ",";
  }
  return separator === " " ? undefined : `${line} ${atMs}`;
}

/** With its time in nanoseconds, as every reader of line protocol takes it that is told nothing else. */
export function lineInNanoseconds(point: Point): string | undefined {
  const line = lineOf(point);
  return line === undefined ? undefined : `${line}000000`;
}

export function tagValue(value: number | string | undefined): number | string {
  return typeof value === "number" ? value : tagText(value ?? "");
}

const tagText = remembered((name) => dimensionText(name).replaceAll(/[,= ]/g, "\\$&"));
const fieldText = remembered((text) => `"${storedText(text).replaceAll('"', '\\"')}"`);

export function fieldValue(value: number | string, type: InfluxType): number | string {
  switch (type) {
    case "integer":
      return `${value}i`;
    case "float":
      return value;
    case "string":
      return fieldText(String(value));
  }
}

function entryOf(record: Readonly<Record<string, number | string | undefined>>, name: string) {
  return record[name];
}

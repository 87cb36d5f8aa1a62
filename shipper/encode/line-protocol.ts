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
import { storedText } from "./stored-name.ts";

const TAGS = Object.fromEntries(
  KIND_NAMES.map((kind) => [kind, [...KINDS[kind].dimensions].toSorted()]),
) as unknown as {
  readonly [K in Kind]: readonly string[];
};

/** The line without its end; undefined for a point without fields. */
export function lineOf({ kind, atMs, dimensions, fields }: Point): string | undefined {
  let line = `tidemark_${kind}`;
  for (const tag of TAGS[kind]) line += `,${tag}=${tagValue(dimensionText(entryOf(dimensions, tag)))}`;
  let separator = " ";
  for (const [name, { type }] of FIELDS[kind]) {
    const value = entryOf(fields, name);
    if (value === undefined) continue;
    line += `${separator}${name}=${fieldValue(value, influxType(type))}`;
    separator = ",";
  }
  return separator === " " ? undefined : `${line} ${atMs}`;
}

const TAG_SIGNS = /[,= ]/;

function tagValue(text: string): string {
  return TAG_SIGNS.test(text) ? text.replaceAll(/[,= ]/g, "\\$&") : text;
}

function fieldValue(value: number | string, type: InfluxType): string {
  switch (type) {
    case "integer":
      return `${value}i`;
    case "float":
      return String(value);
    case "string":
      return `"${storedText(String(value)).replaceAll('"', '\\"')}"`;
  }
}

function entryOf(record: Readonly<Record<string, number | string | undefined>>, name: string) {
  return record[name];
}

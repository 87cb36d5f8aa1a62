/**
 * # JSON as it is committed
 *
 * One member a line, a list of plain values on one line where it fits: as the formatter of this project writes it, so that
 * generated files pass its check and a change is read line by line.
 */

import type { Json } from "../query/backend.ts";

const LINE_MAX = 120;
const INDENT = "  ";

export function jsonText(value: Json): string {
  return `${textOf(value, { indent: "", used: 0 })}\n`;
}

interface Place {
  readonly indent: string;
  /** Characters before the value on its line. */
  readonly used: number;
}

function textOf(value: Json, { indent, used }: Place): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = indent + INDENT;
  if (isList(value)) {
    const flat = flatList(value);
    if (flat !== undefined && used + flat.length < LINE_MAX) return flat;
    const items = value.map((item) => `${inner}${textOf(item, { indent: inner, used: inner.length })}`);
    return `[\n${items.join(",\n")}\n${indent}]`;
  }
  const members = Object.entries(value).map(([key, member]) => {
    const start = `${inner}${JSON.stringify(key)}: `;
    return `${start}${textOf(member, { indent: inner, used: start.length })}`;
  });
  return members.length === 0 ? "{}" : `{\n${members.join(",\n")}\n${indent}}`;
}

function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** Undefined where a member cannot stand on one line. */
function flatList(list: readonly Json[]): string | undefined {
  if (list.length === 0) return "[]";
  const flat = list.map((item) => {
    if (typeof item !== "object" || item === null) return JSON.stringify(item);
    if (isList(item)) return flatList(item);
    return Object.keys(item).length === 0 ? "{}" : undefined;
  });
  return flat.includes(undefined) ? undefined : `[${flat.join(", ")}]`;
}

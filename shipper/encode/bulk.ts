/**
 * # Points to the lines of an Elasticsearch bulk request
 *
 *     point  := action, document                       two lines of JSON, without their line ends
 *     action := {"create":{"_index":index}}            time_series: dimensions and time are the identity
 *             | {"create":{"_index":index,"_id":id}}   plain: a hash of the same identity
 *     index  := prefix "-" YYYY "." MM "." DD          the day of the point, not of the writing (UTC)
 *     document := {"@timestamp":ms,"kind":kind, dimension..., field...}
 *
 * `create` alone: what is there already answers 409, and that is success. Numbers are safe integers or finite, so JSON keeps
 * them exactly.
 */

import { FIELDS, KINDS } from "../schema/kind.ts";
import type { Point } from "../schema/point.ts";
import { identityOf } from "../schema/point.ts";
import { shortHash } from "./sha256.ts";
import { storedName, storedText } from "./stored-name.ts";

export type IndexLayout = "time_series" | "plain";

export interface BulkOptions {
  /** Of the names of the daily indices. */
  readonly prefix: string;
  readonly layout: IndexLayout;
}

export interface BulkLines {
  /** Two per point. */
  readonly lines: readonly string[];
  /** Characters of all lines, which is the least they can be in bytes. */
  readonly chars: number;
}

const DAY_MS = 86_400_000;

export function bulkLines(points: readonly Point[], options: BulkOptions): BulkLines {
  const lines: string[] = [];
  let chars = 0;
  for (const point of points) {
    const action = actionOf(point, options);
    const document = documentOf(point);
    lines.push(action, document);
    chars += action.length + document.length + 2;
  }
  return { lines, chars };
}

function actionOf(point: Point, { prefix, layout }: BulkOptions): string {
  const index = indexOf(prefix, point.atMs);
  switch (layout) {
    case "time_series":
      return `{"create":{"_index":"${index}"}}`;
    case "plain":
      return `{"create":{"_index":"${index}","_id":"${shortHash(identityOf(point))}"}}`;
  }
}

let newestDay = { day: Number.NaN, text: "" };

/** The index of a point's day. Points come by day, so the last answer nearly always is the next. */
export function indexOf(prefix: string, atMs: number): string {
  const day = Math.floor(atMs / DAY_MS);
  if (newestDay.day !== day)
    newestDay = { day, text: new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll("-", ".") };
  return `${prefix}-${newestDay.text}`;
}

function documentOf({ kind, atMs, dimensions, fields }: Point): string {
  let json = `{"@timestamp":${atMs},"kind":"${kind}"`;
  for (const name of KINDS[kind].dimensions)
    json += `,"${name}":${JSON.stringify(dimensionText(entryOf(dimensions, name)))}`;
  for (const [name] of FIELDS[kind]) {
    const value = entryOf(fields, name);
    if (typeof value === "number") json += `,"${name}":${value}`;
    else if (value !== undefined) json += `,"${name}":${JSON.stringify(storedText(value))}`;
  }
  return `${json}}`;
}

/** A number of a partition is a keyword too, as in every other store. */
export function dimensionText(value: number | string | undefined): string {
  return typeof value === "number" ? String(value) : storedName(value ?? "");
}

function entryOf(record: Readonly<Record<string, number | string | undefined>>, name: string) {
  return record[name];
}

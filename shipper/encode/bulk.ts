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

import { FIELDS, KIND_NAMES, KINDS, type Kind } from "../schema/kind.ts";
import type { Point } from "../schema/point.ts";
import { identityOf } from "../schema/point.ts";
import { remembered } from "./remembered.ts";
import { shortHash } from "./sha256.ts";
import { storedName, storedText } from "./stored-name.ts";

export type IndexLayout = "time_series" | "plain";

export interface BulkOptions {
  /** Of the names of the daily indices. */
  readonly prefix: string;
  readonly layout: IndexLayout;
}

const DAY_MS = 86_400_000;

/** The body of a request, its last line end included: two lines a point. */
export function bulkBody(points: readonly Point[], options: BulkOptions): string {
  return bulkRequest(points, options).body;
}

/** `beside` gives the two lines of a second document of the same point; `pointOfItem` says by index whose each is. */
export function bulkRequest(
  points: readonly Point[],
  options: BulkOptions,
  beside?: (point: Point) => string | undefined,
): { readonly body: string; readonly pointOfItem: readonly number[] } {
  let body = "";
  const pointOfItem: number[] = [];
  points.forEach((point, index) => {
    body += `${actionOf(point, options)}\n${documentOf(point)}\n`;
    pointOfItem.push(index);
    const second = beside?.(point);
    if (second === undefined) return;
    body += `${second}\n`;
    pointOfItem.push(index);
  });
  return { body, pointOfItem };
}

function actionOf(point: Point, { prefix, layout }: BulkOptions): string {
  switch (layout) {
    case "time_series":
      return `{"create":{"_index":"${indexOf(prefix, point.atMs)}"}}`;
    case "plain":
      return actionWithId(prefix, point);
  }
}

export function actionWithId(prefix: string, point: Point): string {
  return `{"create":{"_index":"${indexOf(prefix, point.atMs)}","_id":"${shortHash(identityOf(point))}"}}`;
}

let newestDay = { day: Number.NaN, text: "" };

/** The index of a point's day. Points come by day, so the last answer nearly always is the next. */
export function indexOf(prefix: string, atMs: number): string {
  const day = Math.floor(atMs / DAY_MS);
  if (newestDay.day !== day)
    newestDay = { day, text: new Date(day * DAY_MS).toISOString().slice(0, 10).replaceAll("-", ".") };
  return `${prefix}-${newestDay.text}`;
}

/** One line of JSON, as its document is stored. */
export function documentOf({ kind, atMs, dimensions, fields }: Point): string {
  let json = `{"@timestamp":${atMs},"kind":"${kind}"`;
  for (const name of KINDS[kind].dimensions) json += `,"${name}":${nameJson(entryOf(dimensions, name))}`;
  for (const name in fields) {
    const value = entryOf(fields, name);
    if (value === undefined || !FIELD_NAMES[kind].has(name)) continue;
    json += `,"${name}":${typeof value === "number" ? value : textJson(value)}`;
  }
  return `${json}}`;
}

const FIELD_NAMES = Object.fromEntries(
  KIND_NAMES.map((kind) => [kind, new Set(FIELDS[kind].map(([name]) => name))]),
) as unknown as { readonly [K in Kind]: ReadonlySet<string> };

export function nameJson(value: number | string | undefined): string {
  return typeof value === "number" ? `"${value}"` : dimensionJson(value ?? "");
}

const dimensionJson = remembered((name) => JSON.stringify(dimensionText(name)));
export const textJson = remembered((text) => JSON.stringify(storedText(text)));

/** A number of a partition is a keyword too, as in every other store. */
export function dimensionText(value: number | string | undefined): string {
  return typeof value === "number" ? String(value) : storedName(value ?? "");
}

function entryOf(record: Readonly<Record<string, number | string | undefined>>, name: string) {
  return record[name];
}

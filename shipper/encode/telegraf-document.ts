/**
 * # A point as Telegraf's Elasticsearch output wrote it, to two lines of a bulk request
 *
 *     document    := {"@timestamp":time,"measurement_name":measurement,"tag":{tag...},measurement:{field...}}
 *     time        := ISO 8601 in UTC, to the second where it is whole
 *
 * The shape of plugins/outputs/elasticsearch of influxdata/telegraf; measurement, tags and fields are those of telegraf.ts. Every
 * tag is a text. The identity is that of the point, which neither host nor owner is part of. PURE.
 */

import type { Point } from "../schema/point.ts";
import { actionWithId, nameJson, textJson } from "./bulk.ts";
import type { TelegrafOptions } from "./telegraf.ts";
import { measuredOf } from "./telegraf.ts";

export interface TelegrafDocumentOptions extends TelegrafOptions {
  /** Of the names of its daily indices. */
  readonly prefix: string;
}

/** Undefined where Telegraf wrote nothing of it. */
export function telegrafBulkLinesOf(point: Point, options: TelegrafDocumentOptions): string | undefined {
  const measured = measuredOf(point, options);
  if (measured === undefined) return undefined;
  const { measurement, tags, fields } = measured;
  const values = jsonOf(fields, (value) => (typeof value === "number" ? String(value) : textJson(value)));
  if (values === "{}") return undefined;
  const document = `{"@timestamp":"${timeOf(point.atMs)}","measurement_name":"${measurement}","tag":${jsonOf(tags, nameJson)},"${measurement}":${values}}`;
  return `${actionWithId(options.prefix, point)}\n${document}`;
}

function jsonOf(
  entries: readonly (readonly [name: string, value: number | string | undefined])[],
  textOf: (value: number | string) => string,
): string {
  const parts = entries.flatMap(([name, value]) => (value === undefined ? [] : [`"${name}":${textOf(value)}`]));
  return `{${parts.join(",")}}`;
}

let newest = { atMs: Number.NaN, text: "" };

/** All points of a tick have one time, so the last answer nearly always is the next. */
function timeOf(atMs: number): string {
  if (newest.atMs !== atMs) newest = { atMs, text: new Date(atMs).toISOString().replace(".000Z", "Z") };
  return newest.text;
}

/** # What an index of the fake Elasticsearch makes of one document: refused, or known by its dimensions */

import { createHash } from "node:crypto";

export type Json = { readonly [key: string]: unknown };

export interface ItemAnswer {
  readonly status: number;
  readonly type: string;
  readonly reason: string;
}

export interface FakeIndex {
  readonly isTimeSeries: boolean;
  readonly properties: Map<string, Json>;
  blocked: "write" | "read-only" | "flood-stage" | "closed" | undefined;
}

const WINDOW_MS = [Date.UTC(2000, 0, 1), Date.UTC(2100, 0, 1)] as const;

export function refusalOf({ isTimeSeries, properties }: FakeIndex, source: Json, ownId: string | undefined) {
  const bad = (type: string, reason: string): ItemAnswer => ({ status: 400, type, reason });
  if (isTimeSeries && ownId !== undefined)
    return bad(
      "illegal_argument_exception",
      "index is in time_series mode, _id must be unset or set to what it would be",
    );
  const atMs = Number(source["@timestamp"]);
  if (isTimeSeries && source["@timestamp"] === undefined)
    return bad("document_parsing_exception", "data stream timestamp field [@timestamp] is missing");
  if (isTimeSeries && (atMs < WINDOW_MS[0] || atMs >= WINDOW_MS[1]))
    return bad("document_parsing_exception", "time series index @timestamp value is outside of the window");
  for (const [field, value] of Object.entries(source)) {
    const mapping = properties.get(field);
    if (properties.size > 0 && mapping === undefined)
      return bad(
        "strict_dynamic_mapping_exception",
        `mapping set to strict, dynamic introduction of [${field}] is not allowed`,
      );
    const type = mapping?.["type"];
    if ((type === "long" || type === "double") && !isNumber(value, type))
      return bad("document_parsing_exception", `failed to parse field [${field}] of type [${type}]`);
  }
  return undefined;
}

/** A text that says a number is taken for it, a fraction is cut. */
function isNumber(value: unknown, type: "long" | "double"): boolean {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) && (type === "double" || Math.abs(number) < 2 ** 63);
}

export function dimensionsOf({ properties }: FakeIndex, source: Json): string {
  const named = Object.entries(source).filter(([field]) => properties.get(field)?.["time_series_dimension"] === true);
  return createHash("sha256")
    .update(JSON.stringify([source["@timestamp"], named.toSorted()]))
    .digest("hex");
}

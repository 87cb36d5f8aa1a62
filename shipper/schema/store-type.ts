/** # Store types: how each store holds a field of the one table */

import type { FieldType } from "../../collector/model/fields.ts";

/** `word` is a text that repeats, kept once and referred to by its number. */
export type SqliteType = "INTEGER" | "REAL" | "word";

export function sqliteType(type: FieldType): SqliteType {
  switch (type) {
    case "integer":
      return "INTEGER";
    case "number":
      return "REAL";
    case "keyword":
    case "text":
      return "word";
  }
}

/** A type of Elasticsearch's mappings; `long` and `double` are gauges. */
export type ElasticsearchType = "long" | "double" | "keyword";

export function elasticsearchType(type: FieldType): ElasticsearchType {
  switch (type) {
    case "integer":
      return "long";
    case "number":
      return "double";
    case "keyword":
    case "text":
      return "keyword";
  }
}

/** A type of InfluxDB's line protocol. A field keeps its type for ever: a whole number in a float field is still a float. */
export type InfluxType = "integer" | "float" | "string";

export function influxType(type: FieldType): InfluxType {
  switch (type) {
    case "integer":
      return "integer";
    case "number":
      return "float";
    case "keyword":
    case "text":
      return "string";
  }
}

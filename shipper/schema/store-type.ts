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

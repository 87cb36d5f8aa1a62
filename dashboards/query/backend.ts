/**
 * # A backend: how one store is asked
 *
 * Each is a function of the intent alone. What a store cannot answer is `absent` with the reason, and the panel is left out
 * of that store's boards: never a panel that stays empty.
 */

import type { Kind } from "../../shipper/schema/kind.ts";
import type { AnyDimension, Intent } from "./intent.ts";

/** JSON as Grafana reads it. */
export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };
export type JsonObject = Readonly<Record<string, Json>>;

export type BackendName = "elasticsearch" | "influxdb" | "prometheus";

/** The columns of a table as they come back, to what they are called; in the order they are to stand. */
export type Headings = readonly (readonly [string, string])[];

export type Compiled =
  | {
      readonly kind: "targets";
      /** Without refId and datasource, which the panel gives. */
      readonly targets: readonly JsonObject[];
      /** Of a table. */
      readonly headings?: Headings;
      /** The name of the field that holds an instant, where the field `Value` does not. */
      readonly instantField?: string;
      /** What this store cannot do as well as the others, for the description. */
      readonly note?: string;
    }
  | { readonly kind: "absent"; readonly why: string };

export interface VariableQuery {
  /** The points whose dimension is listed. */
  readonly kind: Kind;
  readonly dimension: AnyDimension;
  /** Dimensions that narrow the list. */
  readonly scope: readonly AnyDimension[];
}

export interface Backend {
  readonly name: BackendName;
  /** In uids of boards: tidemark-<short>-<board>. */
  readonly short: string;
  readonly title: string;
  /** The uid of the data source that is provisioned. */
  readonly datasourceUid: string;
  /** What stands for "All" in a variable; it is not escaped. */
  readonly allValue: string;
  compile(intent: Intent): Compiled;
  variable(query: VariableQuery): Json;
  /** Marks of what happened; undefined where the store keeps no events. */
  annotation(scope: readonly AnyDimension[]): JsonObject | undefined;
}

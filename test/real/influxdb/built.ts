/**
 * # InfluxDB 1.8 and 2.7, where they are
 *
 * Named by `INFLUXD_1_8_BIN` and `INFLUXD_2_BIN`, or built once by build.ts. A test that has neither says loudly that it did
 * not run.
 */

import { existsSync } from "node:fs";
import { resolve } from "node:path";
import { CACHE } from "../places.ts";

/** `flux`: the version whose Rust library has to be built; 1.8 does without. */
export const BUILT = {
  "1.8.10": { module: "github.com/influxdata/influxdb", flux: undefined, variable: "INFLUXD_1_8_BIN" },
  "2.7.12": { module: "github.com/influxdata/influxdb/v2", flux: "v0.196.1", variable: "INFLUXD_2_BIN" },
} as const;

export type BuiltVersion = keyof typeof BUILT;

export function builtAt(version: BuiltVersion): string {
  return resolve(CACHE, `influxdb-${version}`, "influxd");
}

/** The program, or undefined where there is none. */
export function builtInflux(version: BuiltVersion): string | undefined {
  const given = process.env[BUILT[version].variable];
  if (given !== undefined && given !== "") return given;
  return existsSync(builtAt(version)) ? builtAt(version) : undefined;
}

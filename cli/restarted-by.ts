/**
 * # Which options only a restart brings in
 *
 * Everything that a process reads, except what is listed here.
 */

import { isDeepStrictEqual } from "node:util";
import type { Config } from "./config.ts";

export interface Runs {
  readonly collector: boolean;
  readonly shipper: boolean;
}

const LIVE = {
  collector: ["clusters", "cluster_defaults", "objectives", "evaluate.interval"],
  shipper: ["sinks"],
  both: ["log.level"],
} as const;
const READ = {
  collector: ["clusters", "cluster_defaults", "objectives", "evaluate", "collector"],
  shipper: ["sinks", "shipper"],
  both: ["log", "reload"],
} as const;

/** Paths, such as `evaluate.window`, in the order of the configuration. */
export function restartedBy(
  { before, wanted }: { readonly before: Config; readonly wanted: Config },
  runs: Runs,
): readonly string[] {
  const parts = (table: Readonly<Record<"collector" | "shipper" | "both", readonly string[]>>): readonly string[] => [
    ...(runs.collector ? table.collector : []),
    ...(runs.shipper ? table.shipper : []),
    ...table.both,
  ];
  // A trace says in its head how often is judged.
  const isTraced = before.collector.record.dir !== undefined;
  const live = parts(LIVE).filter((path) => !(isTraced && path === "evaluate.interval"));
  const isIn = (path: string, part: string): boolean => path === part || path.startsWith(`${part}.`);
  return differingPaths(before, wanted).filter(
    (path) => parts(READ).some((part) => isIn(path, part)) && !live.some((part) => isIn(path, part)),
  );
}

function differingPaths(before: object, wanted: object, above: readonly string[] = []): readonly string[] {
  const [one, other] = [new Map(Object.entries(before)), new Map(Object.entries(wanted))];
  return [...new Set([...one.keys(), ...other.keys()])].flatMap((key) => {
    const [left, right] = [one.get(key), other.get(key)];
    if (isMapping(left) && isMapping(right)) return differingPaths(left, right, [...above, key]);
    return isDeepStrictEqual(left, right) ? [] : [[...above, key].join(".")];
  });
}

function isMapping(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * # The last hour of every group, read at most once per READ_MS
 *
 * Many browsers refreshing, and every letter typed into the filter, ask for the same lines. One reading per cluster is
 * kept, for the configured clusters only, and those who ask while it runs wait for the same one.
 */

import { asError } from "../runtime/error.ts";
import type { History, HistoryPoint } from "../shipper/schema/history.ts";

type Lines = ReadonlyMap<string, readonly HistoryPoint[]>;

export interface RecentLines {
  readonly byCluster: ReadonlyMap<string, Lines>;
  /** Why some are missing, in words. */
  readonly problem: string | undefined;
}

export interface RecentLinesOptions {
  readonly lengthMs: number;
  readonly pointsMax: number;
}

const READ_MS = 10_000;

export function createRecentLines(history: History, options: RecentLinesOptions) {
  const kept = new Map<string, { readonly atMs: number; readonly reading: Promise<Lines> }>();

  const linesOf = (cluster: string, nowMs: number): Promise<Lines> => {
    const last = kept.get(cluster);
    if (last !== undefined && Math.abs(nowMs - last.atMs) < READ_MS) return last.reading;
    const { lengthMs, pointsMax } = options;
    const reading = history.sparklines({ cluster, sinceMs: nowMs - lengthMs, untilMs: nowMs, pointsMax });
    kept.set(cluster, { atMs: nowMs, reading });
    return reading;
  };

  return {
    async read(clusters: readonly string[], nowMs: number): Promise<RecentLines> {
      const settled = await Promise.allSettled(clusters.map((cluster) => linesOf(cluster, nowMs)));
      const byCluster = new Map<string, Lines>();
      let problem: string | undefined;
      settled.forEach((one, index) => {
        const cluster = clusters[index];
        if (one.status === "fulfilled" && cluster !== undefined) byCluster.set(cluster, one.value);
        if (one.status === "rejected") problem = asError(one.reason).message;
      });
      return { byCluster, problem };
    },
  };
}

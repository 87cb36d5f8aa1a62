/**
 * # The metrics of a shipper's spool: what it holds, what fell off it and why, and what its disk is like
 */

import type { Registry } from "prom-client";
import type { ShipperStats } from "../shipper/shipper.ts";
import { DROP_REASONS } from "../shipper/spool/drops.ts";
import { expose } from "./expose-metric.ts";

const MS_PER_SECOND = 1_000;
const SPOOL_STATES = ["ok", "degraded", "unavailable"] as const;

export function addSpoolMetrics(registry: Registry, stats: () => Promise<ShipperStats>, nowMs: () => number): void {
  const spool = async () => (await stats()).spool;
  expose(registry, {
    type: "counter",
    name: "tidemark_points_dropped_total",
    help: "Points that left the spool before a sink took them, by the limit they fell to; removed: of sinks that are no longer configured.",
    labels: ["sink", "reason"],
    read: async () => {
      const { sinks = [], pointsReleased = 0 } = (await spool()).state ?? {};
      const ofSinks = sinks.flatMap(([sink, { droppedBy }]) =>
        DROP_REASONS.map((reason) => [{ sink, reason }, droppedBy[reason]] as const),
      );
      return [...ofSinks, [{ sink: "", reason: "removed" }, pointsReleased]];
    },
  });
  expose(registry, {
    type: "counter",
    name: "tidemark_quarantine_points_total",
    help: "Points in rows of the spool that were damaged or missing.",
    labels: ["sink"],
    read: async () => ((await spool()).state?.sinks ?? []).map(([sink, { quarantined }]) => [{ sink }, quarantined]),
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_spool_oldest_age_seconds",
    help: "Age of the oldest point in the spool; 0 where it is empty.",
    read: async () => {
      const { oldestMs } = await spool();
      return [[{}, oldestMs === undefined ? 0 : Math.max(0, nowMs() - oldestMs) / MS_PER_SECOND]];
    },
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_spool_bytes_max",
    help: "Disk that the spool may take at the moment: its cap, or less where the disk is full.",
    read: async () => {
      const { roomBytes } = await spool();
      return roomBytes === undefined ? [] : [[{}, roomBytes]];
    },
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_spool_state",
    help: "1 for the word that holds. Degraded: a file was set aside since the start. Unavailable: the disk refuses, nothing is taken.",
    labels: ["state"],
    read: async () => {
      const { kind } = (await spool()).health;
      return SPOOL_STATES.map((state) => [{ state }, state === kind ? 1 : 0]);
    },
  });
  addCommitMetrics(registry, stats);
}

function addCommitMetrics(registry: Registry, stats: () => Promise<ShipperStats>): void {
  expose(registry, {
    type: "counter",
    name: "tidemark_commits_total",
    help: "Appends to the spool that are durable, since the start.",
    read: async () => [[{}, (await stats()).spool.appends.count]],
  });
  expose(registry, {
    type: "counter",
    name: "tidemark_commit_seconds_total",
    help: "Time those took, until the disk had them.",
    read: async () => [[{}, (await stats()).spool.appends.ms / MS_PER_SECOND]],
  });
}

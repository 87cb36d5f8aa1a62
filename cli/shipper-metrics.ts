/**
 * # The metrics of a shipper
 *
 * The law of conservation is in them: in = stored + duplicate + filtered + rejected + dropped + quarantined + spooled.
 */

import type { Registry } from "prom-client";
import { systemClock } from "../runtime/clock.ts";
import type { Shipper, ShipperStats } from "../shipper/shipper.ts";
import { expose } from "./expose-metric.ts";
import { addSpoolMetrics } from "./spool-metrics.ts";

const SINK_STATES = ["up", "unreachable", "held"] as const;
const POINT_OUTCOMES = ["stored", "duplicate", "filtered", "rejected", "dropped", "quarantined"] as const;

export function addShipperMetrics(registry: Registry, shipper: Shipper): void {
  const stats = sharedCall(() => shipper.stats());
  const accounts = async () => (await stats()).spool.state?.sinks ?? [];
  expose(registry, {
    type: "counter",
    name: "tidemark_points_total",
    help: "Points by sink and what became of them; what is missing to `in` is spooled.",
    labels: ["sink", "outcome"],
    read: async () => {
      const pointsIn = (await stats()).spool.state?.pointsIn ?? 0;
      return (await accounts()).flatMap(([sink, account]) => [
        [{ sink, outcome: "in" }, pointsIn - account.startPoint] as const,
        ...POINT_OUTCOMES.map((outcome) => [{ sink, outcome }, account[outcome]] as const),
      ]);
    },
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_spool_points",
    help: "Points in the spool that a sink has not settled.",
    labels: ["sink"],
    read: async () => {
      const pointsIn = (await stats()).spool.state?.pointsIn ?? 0;
      return (await accounts()).map(([sink, account]) => [{ sink }, pointsIn - account.point]);
    },
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_spool_bytes",
    help: "Disk that the spool's file takes.",
    read: async () => [[{}, (await stats()).spool.fileBytes]],
  });
  expose(registry, {
    type: "counter",
    name: "tidemark_source_ticks_gone_total",
    help: "Ticks that had left the feed before they were read.",
    read: async () => [[{}, (await stats()).spool.state?.ticksGone ?? 0]],
  });
  expose(registry, {
    type: "counter",
    name: "tidemark_events_dropped_total",
    help: "Events of which one tick had too many.",
    read: async () => [[{}, (await stats()).pull.eventsDropped]],
  });
  addSpoolMetrics(registry, stats, systemClock.nowMs);
  addSinkMetrics(registry, stats);
}

function addSinkMetrics(registry: Registry, stats: () => Promise<ShipperStats>): void {
  expose(registry, {
    type: "counter",
    name: "tidemark_sink_attempts_total",
    help: "Answers of a sink, by kind.",
    labels: ["sink", "answer"],
    read: async () =>
      [...(await stats()).sinks].flatMap(([sink, { attempts }]) =>
        Object.entries(attempts).map(([answer, count]) => [{ sink, answer }, count] as const),
      ),
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_dlq_points",
    help: "Dead letters that are kept: points a sink refused for good.",
    labels: ["sink"],
    read: async () => [...(await stats()).spool.deadLetters].map(([sink, { letters }]) => [{ sink }, letters]),
  });
  expose(registry, {
    type: "counter",
    name: "tidemark_dlq_points_dropped_total",
    help: "Dead letters that left because of the cap on their bytes, of their age, or by hand: sent again or purged.",
    labels: ["sink", "reason"],
    read: async () =>
      [...(await stats()).spool.deadLetters].flatMap(([sink, { overCap, expired, taken }]) => [
        [{ sink, reason: "bytes" }, overCap] as const,
        [{ sink, reason: "age" }, expired] as const,
        [{ sink, reason: "hand" }, taken] as const,
      ]),
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_sink_state",
    help: "What a sink's last answer says of it: 1 for the word that holds. Held needs a person.",
    labels: ["sink", "state"],
    read: async () =>
      [...(await stats()).sinks].flatMap(([sink, { condition }]) =>
        SINK_STATES.map((state) => [{ sink, state }, state === condition ? 1 : 0] as const),
      ),
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_sink_up",
    help: "1 where the last answer of a sink was good.",
    labels: ["sink"],
    read: async () => [...(await stats()).sinks].map(([sink, { condition }]) => [{ sink }, condition === "up" ? 1 : 0]),
  });
}

/** Callers of the same moment share one call: a scrape reads a dozen metrics from one answer. */
function sharedCall<T>(call: () => Promise<T>): () => Promise<T> {
  let running: Promise<T> | undefined;
  return () => {
    running ??= call().finally(() => {
      running = undefined;
    });
    return running;
  };
}

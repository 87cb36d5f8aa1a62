/**
 * # The metrics of a collector and of its process, in a prom-client registry
 *
 * Nothing is counted twice: every number is read from the part that owns it, when it is scraped.
 */

import type { Registry } from "prom-client";
import { collectDefaultMetrics, Registry as PromRegistry } from "prom-client";
import type { SaverStats } from "../collector/saved/saver.ts";
import { commitCounts } from "../collector/window/burrow-reads.ts";
import type { Collector } from "./collector.ts";
import type { Labels, Sample } from "./expose-metric.ts";
import { expose } from "./expose-metric.ts";

const EVENT_LOOP_PRECISION_MS = 100;
const CONDITIONS = ["ok", "warming", "stale", "unreachable"] as const;
const MS_PER_SECOND = 1_000;

export function createOwnMetrics(version: string): Registry {
  const registry = new PromRegistry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS });
  expose(registry, {
    type: "gauge",
    name: "tidemark_build_info",
    help: "Version of this process; always 1.",
    labels: ["version"],
    read: () => [[{ version }, 1]],
  });
  return registry;
}

/** What is read of each cluster, with its name as a label. */
function perClusterOf({ clusters }: Pick<Collector, "clusters">) {
  return <T>(read: (watched: Collector["clusters"][number]) => readonly (readonly [Labels, T])[]) =>
    clusters.flatMap((watched) =>
      read(watched).map(([labels, value]) => [{ cluster: watched.view.cluster, ...labels }, value] as const),
    );
}

function addLinkMetrics(registry: Registry, collector: Collector): void {
  const perCluster = perClusterOf(collector);
  expose(registry, {
    type: "gauge",
    name: "tidemark_collector_topic_configs_denied",
    help: "Topics whose configuration may not be read: when records may be lost is not known of them.",
    labels: ["cluster"],
    read: () => perCluster(({ source }) => [[{}, source.stats().configsDenied]]),
  });
  expose(registry, {
    type: "counter",
    name: "tidemark_collector_connections_cut_total",
    help: "Times that the connections to a broker were cut by us, since it did not answer in time.",
    labels: ["cluster"],
    read: () => perCluster(({ source }) => [[{}, source.stats().connectionsCut]]),
  });
}

function addFleetMetrics(registry: Registry, collector: Collector): void {
  const perCluster = perClusterOf(collector);
  expose(registry, {
    type: "gauge",
    name: "tidemark_collector_excluded",
    help: "Groups and topics that the configuration leaves out, as of the newest lists of the brokers.",
    labels: ["cluster", "kind"],
    read: () =>
      perCluster(({ view }) =>
        Object.entries(view.excluded?.() ?? {}).map(([kind, count]) => [{ kind }, count] as const),
      ),
  });
  expose(registry, {
    type: "counter",
    name: "tidemark_cluster_failures_total",
    help: "Times that watching a cluster failed by a fault of ours, and was begun anew; the others went on.",
    labels: ["cluster"],
    read: () => perCluster(({ view }) => [[{}, collector.failures.get(view.cluster) ?? 0]]),
  });
}

export function addCollectorMetrics(registry: Registry, collector: Collector): void {
  const perCluster = perClusterOf(collector);
  expose(registry, {
    type: "gauge",
    name: "tidemark_cluster_condition",
    help: "What a cluster's numbers are worth: 1 for the word that holds.",
    labels: ["cluster", "condition"],
    read: () =>
      perCluster(({ view }) =>
        CONDITIONS.map((condition) => [{ condition }, view.condition().kind === condition ? 1 : 0]),
      ),
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_cluster_replay_ratio",
    help: "Share of the offsets topic's replay that is done.",
    labels: ["cluster"],
    read: () => perCluster(({ view }) => [[{}, view.state.logs.summary().progress]]),
  });
  expose(registry, {
    type: "counter",
    name: "tidemark_collector_requests_total",
    help: "Requests sent to brokers.",
    labels: ["cluster", "api"],
    read: () => perCluster(({ source }) => [...source.stats().requests].map(([api, count]) => [{ api }, count])),
  });
  addLinkMetrics(registry, collector);
  addFleetMetrics(registry, collector);
  expose(registry, {
    type: "counter",
    name: "tidemark_collector_records_total",
    help: "Batches and records of the offsets topic, by what became of them.",
    labels: ["cluster", "outcome"],
    read: () =>
      perCluster(({ source }) => Object.entries(source.stats().counts).map(([outcome, count]) => [{ outcome }, count])),
  });
  expose(registry, {
    type: "counter",
    name: "tidemark_collector_window_commits_total",
    help: "Commits offered to the windows of the strict rules, by what became of them.",
    labels: ["cluster", "outcome"],
    read: () =>
      perCluster(({ view }) =>
        Object.entries(commitCounts(view.state.burrow)).map(([outcome, count]) => [{ outcome }, count]),
      ),
  });
  addRecordMetrics(registry, collector);
  expose(registry, {
    type: "counter",
    name: "tidemark_collector_group_partitions_refused_total",
    help: "Times that a partition of a group was not kept, since collector.group_partitions_max are.",
    labels: ["cluster"],
    read: () => perCluster(({ view }) => [[{}, view.state.refused()]]),
  });
  addSavedMetrics(registry, collector);
  addTickMetrics(registry, collector);
}

function addRecordMetrics(registry: Registry, { clusters }: Collector): void {
  const recorded = () =>
    clusters.flatMap(({ view, recording }) =>
      recording === undefined ? [] : [[{ cluster: view.cluster }, recording.stats()] as const],
    );
  expose(registry, {
    type: "counter",
    name: "tidemark_record_lines_total",
    help: "Lines of the recorded trace, by what became of them; those that wait are in no count yet.",
    labels: ["cluster", "outcome"],
    read: () =>
      recorded().flatMap(([labels, { written, dropped }]) =>
        Object.entries({ written, ...dropped }).map(([outcome, lines]) => [{ ...labels, outcome }, lines] as const),
      ),
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_record_bytes",
    help: "Disk that the recorded trace takes, the file before included.",
    labels: ["cluster"],
    read: () => recorded().map(([labels, { bytes }]) => [labels, bytes]),
  });
}

function addSavedMetrics(registry: Registry, { clusters }: Collector): void {
  const perSaver = (read: (stats: SaverStats) => readonly Sample[]) =>
    clusters.flatMap(({ view, saver }) =>
      saver === undefined
        ? []
        : read(saver.stats()).map(([labels, value]) => [{ cluster: view.cluster, ...labels }, value] as const),
    );
  expose(registry, {
    type: "counter",
    name: "tidemark_saved_windows_total",
    help: "Files of windows written, and what failed.",
    labels: ["cluster", "outcome"],
    read: () =>
      perSaver(({ saved, failed }) => [
        [{ outcome: "saved" }, saved],
        [{ outcome: "failed" }, failed],
      ]),
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_saved_windows_bytes",
    help: "Size of the last file of windows written.",
    labels: ["cluster"],
    read: () => perSaver(({ bytes }) => [[{}, bytes]]),
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_saved_windows_timestamp_seconds",
    help: "When the newest file of windows was saved; 0 where there is none.",
    labels: ["cluster"],
    read: () => perSaver(({ savedAtMs }) => [[{}, savedAtMs / MS_PER_SECOND]]),
  });
}

function addTickMetrics(registry: Registry, { ticks, feed, clockJumps, clockHeldBackMs }: Collector): void {
  expose(registry, {
    type: "gauge",
    name: "tidemark_clock_held_back_seconds",
    help: "By how much the wall clock is ahead and not followed yet: 10 s, or from a day on ten minutes, have to show that it stays.",
    read: () => [[{}, clockHeldBackMs() / MS_PER_SECOND]],
  });
  expose(registry, {
    type: "counter",
    name: "tidemark_clock_jumps_total",
    help: "Times that the wall clock was put ahead or back by more than a second; ticks go on evenly.",
    labels: ["direction"],
    read: () => Object.entries(clockJumps()).map(([direction, count]) => [{ direction }, count]),
  });
  expose(registry, {
    type: "counter",
    name: "tidemark_ticks_total",
    help: "Ticks judged and put into the feed.",
    read: () => [[{}, ticks.ticks]],
  });
  expose(registry, {
    type: "counter",
    name: "tidemark_ticks_skipped_total",
    help: "Grid times that passed without a tick.",
    read: () => [[{}, ticks.skipped]],
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_tick_seconds",
    help: "Work of the last tick.",
    read: () => [[{}, ticks.lastMs / MS_PER_SECOND]],
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_feed_bytes",
    help: "Memory of the ticks in the feed.",
    read: () => [[{}, feed.stats().bytes]],
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_feed_ticks",
    help: "Ticks in the feed.",
    read: () => [[{}, feed.stats().ticks]],
  });
  expose(registry, {
    type: "counter",
    name: "tidemark_feed_ticks_dropped_total",
    help: "Ticks that fell off the feed, by age or by bytes.",
    read: () => [[{}, feed.stats().ticksDropped]],
  });
}

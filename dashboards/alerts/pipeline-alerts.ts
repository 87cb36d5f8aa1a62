/**
 * # Alerts about what is watched from, and about Tidemark itself
 *
 * A store tells what shippers wrote into it. That nothing was written is an alert of its own, and the only one that fires where
 * there is no data: otherwise a stopped shipper would page once for each.
 */

import { THRESHOLDS } from "../thresholds.ts";
import type { AlertSpec } from "./alert.ts";
import { measure, points } from "./alert.ts";

const SINK = ["instance", "sink"] as const;
const MINUTE_SECONDS = 60;

/** Processes that had this metric within a day, and have not answered a scrape for these minutes. */
const goneWith = (metric: string, minutes: number) =>
  `max_over_time(up[${minutes}m]) == 0 and on (job, instance) present_over_time(${metric}[1d])`;

export const PIPELINE_ALERTS: readonly AlertSpec[] = [
  {
    name: "GroupVanished",
    severity: "warning",
    when: "a group was there 10 minutes ago and is no more",
    summary: "{group} of {cluster} is no longer there: it was deleted, or its offsets expired",
    description: "Nothing is judged of it any more. Who starts it again begins where auto.offset.reset says.",
    condition: {
      shape: "happened",
      measure: points("event", {
        field: "text",
        by: ["cluster", "group"],
        where: [{ field: "event", is: ["vanished"] }],
      }),
      overSeconds: 10 * MINUTE_SECONDS,
    },
    promql:
      'max by (cluster, group) (tidemark_group_partitions offset 10m) unless on (cluster, group) tidemark_group_partitions and on (cluster) max by (cluster) (tidemark_cluster_condition{condition="ok"}) == 1',
    forSeconds: 0,
    keepSeconds: 0,
    panel: { board: "group", id: 6 },
  },
  {
    name: "CollectorDown",
    severity: "critical",
    when: "a shipper gets no ticks from its collector",
    summary: "No ticks come from the collector, says {instance}",
    description: "Nobody watches the groups. What is shown is of the time before, and no alert about a group can fire.",
    condition: {
      shape: "now",
      measure: measure("self", { field: "source_up", by: ["instance"], statistic: "min" }),
      limit: { below: 1 },
    },
    promql: `(${goneWith("tidemark_ticks_total", 1)}) or (increase(tidemark_ticks_total[3m]) == 0) or absent(tidemark_ticks_total)`,
    forSeconds: 2 * MINUTE_SECONDS,
    keepSeconds: MINUTE_SECONDS,
    panel: { board: "pipeline", id: 1, prometheusId: 4 },
  },
  {
    name: "CollectorStale",
    severity: "warning",
    when: "partitions whose broker is away or refuses us",
    summary: "Of {cluster} not all is known: {value:count} partitions of a group are stale for over 5 minutes",
    description:
      "A broker is away or refuses Tidemark's user. What is shown of these partitions is old, and not judged.",
    condition: {
      shape: "now",
      measure: measure("group", { field: "partitions_stale", by: ["cluster"] }),
      limit: { above: 0 },
    },
    forSeconds: 5 * MINUTE_SECONDS,
    keepSeconds: 2 * MINUTE_SECONDS,
    panel: { board: "overview", id: 12 },
  },
  {
    name: "ShipperBacklog",
    severity: "warning",
    when: "the oldest point in the spool is older than 5 minutes",
    summary: "The oldest point that waits in {instance} is {value:seconds} old",
    description:
      "A store is away, slow, or refuses us. Nothing is lost yet; its boards and alerts do not see the newest points.",
    condition: {
      shape: "now",
      measure: measure("self", { field: "spool_oldest_age_seconds", by: ["instance"] }),
      limit: { above: THRESHOLDS.spoolOldestSecondsWarn },
    },
    promql: `max by (job, instance) (tidemark_spool_oldest_age_seconds) > ${THRESHOLDS.spoolOldestSecondsWarn}`,
    forSeconds: 2 * MINUTE_SECONDS,
    keepSeconds: 2 * MINUTE_SECONDS,
    panel: { board: "pipeline", id: 3, prometheusId: 8 },
  },
  {
    name: "PointsRefused",
    severity: "warning",
    when: "a store refused points for good within the last 15 minutes",
    summary: "{sink} refused {value:count} points of {instance} within 15 minutes",
    description: "They are kept as dead letters, which can be sent again once the store is mended.",
    condition: {
      shape: "grown",
      counters: [measure("self", { field: "points_rejected", by: SINK })],
      overSeconds: 15 * MINUTE_SECONDS,
    },
    promql: 'sum by (instance, sink) (increase(tidemark_points_total{outcome="rejected"}[15m])) > 0',
    forSeconds: 0,
    keepSeconds: 5 * MINUTE_SECONDS,
    panel: { board: "pipeline", id: 10 },
  },
  {
    name: "PointsDropped",
    severity: "critical",
    when: "points left the spool unsent, or were damaged in it, within the last 15 minutes",
    summary: "{value:count} points for {sink} were lost in {instance} within 15 minutes",
    description: "The spool was full, or its disk damaged it. This part of history is missing in that store for ever.",
    condition: {
      shape: "grown",
      counters: [
        measure("self", { field: "points_dropped", by: SINK }),
        measure("self", { field: "points_quarantined", by: SINK }),
      ],
      overSeconds: 15 * MINUTE_SECONDS,
    },
    promql: 'sum by (instance, sink) (increase(tidemark_points_total{outcome=~"dropped|quarantined"}[15m])) > 0',
    forSeconds: 0,
    keepSeconds: 5 * MINUTE_SECONDS,
    panel: { board: "pipeline", id: 10 },
  },
  {
    name: "HeartbeatMissing",
    severity: "critical",
    when: "no shipper wrote a heartbeat for 5 minutes",
    summary: "No shipper has written for 5 minutes",
    description:
      "The shipper is down, or the store takes nothing. Alerts about groups that end now say nothing of the groups.",
    condition: {
      shape: "silent",
      measure: points("self", { field: "uptime_seconds", by: [] }),
      overSeconds: 5 * MINUTE_SECONDS,
    },
    promql: `(${goneWith("tidemark_commits_total", 5)}) or (increase(tidemark_commits_total[5m]) == 0) or absent_over_time(tidemark_commits_total[5m])`,
    forSeconds: MINUTE_SECONDS,
    keepSeconds: 0,
    panel: { board: "pipeline", id: 5 },
  },
];

/**
 * # Pipeline: does Tidemark itself work, does each store get its points, is anything lost
 *
 * From the heartbeats a shipper writes into the stores; on Prometheus from the metrics of the processes.
 */

import { chosen } from "../query/chosen.ts";
import { NONE, newest, own, series, table } from "../query/intent.ts";
import type { BoardSpec, PanelSpec } from "./panel-spec.ts";
import { PROCESS_PANELS } from "./pipeline-process.ts";
import { ANY_STEPS, LATENESS_STEPS, SPOOL_AGE_STEPS } from "./steps.ts";

const SCOPE = ["instance"] as const;
const LAST = "2m";
const INSTANCE = chosen("instance");
const OWN = `{${INSTANCE}}`;
const SINK = "{{sink}}";

const now: readonly PanelSpec[] = [
  {
    id: 1,
    title: "Do ticks come?",
    description:
      "Whether a tick came with the last heartbeat of each shipper; the worst one. Normal: up. away: the collector is down, or refuses the shipper's token.",
    view: { type: "stat", reduce: "lastNotNull", meaning: "up" },
    unit: "none",
    width: 5,
    height: 4,
    lastTime: LAST,
    intents: [series("self", { field: "source_up", statistic: "min", by: [], scope: SCOPE, name: "source" })],
  },
  {
    id: 2,
    title: "How late are ticks?",
    description:
      "From the grid time of a tick to the heartbeat after it. Normal: a few seconds. More: the collector cannot keep its interval, or the shipper reads what it missed.",
    view: { type: "stat", reduce: "lastNotNull" },
    unit: "s",
    width: 5,
    height: 4,
    lastTime: LAST,
    intents: [series("self", { field: "lateness_seconds", by: [], scope: SCOPE, name: "lateness" })],
    steps: LATENESS_STEPS,
  },
  {
    id: 3,
    title: "What waits longest?",
    description:
      "Age of the oldest point in the spool. Normal: seconds, or no data where nothing waits. It grows while a store is away; at the cap of the spool the oldest points are dropped.",
    view: { type: "stat", reduce: "lastNotNull" },
    unit: "s",
    width: 5,
    height: 4,
    lastTime: LAST,
    intents: [series("self", { field: "spool_oldest_age_seconds", by: [], scope: SCOPE, name: "oldest point" })],
    steps: SPOOL_AGE_STEPS,
    empty: "nothing waits",
  },
  {
    id: 4,
    title: "Groups seen?",
    description:
      "Groups in the newest tick. Normal: as many as your clusters have. Far fewer than before: a cluster is away, or Tidemark's user may no longer see them.",
    view: { type: "stat", reduce: "lastNotNull" },
    unit: "short",
    width: 4,
    height: 4,
    lastTime: LAST,
    intents: [
      series("self", { field: "groups", by: [], scope: SCOPE, name: "groups" }),
      own("count(tidemark_group_partitions)", "groups"),
    ],
  },
  {
    id: 5,
    title: "How old is this?",
    description:
      "Its newest heartbeat in this store. Normal: seconds ago. Otherwise it is down, or this store refuses it: then its log and its /metrics say why.",
    view: { type: "stat", reduce: "max" },
    unit: "dateTimeFromNow",
    width: 5,
    height: 4,
    intents: [
      newest("self", { field: "uptime_seconds", scope: SCOPE }),
      own(`min(timestamp(tidemark_build_info${OWN})) * 1000`, "newest"),
    ],
  },
];

const stores: readonly PanelSpec[] = [
  {
    id: 6,
    title: "What became of the points?",
    description:
      "Of all points each sink was ever to get. Normal: nearly all stored, the rest waits. in is the sum of all others, always. rejected: see ./tidemark dlq list. dropped and quarantined are lost.",
    view: { type: "table" },
    unit: "short",
    width: 24,
    height: 6,
    lastTime: LAST,
    intents: [
      table("self", {
        by: ["instance", "sink"],
        scope: SCOPE,
        where: { field: "points_in", above: NONE },
        columns: [
          { field: "points_in", title: "in" },
          { field: "points_stored", title: "stored" },
          { field: "points_duplicate", title: "duplicate" },
          { field: "points_filtered", title: "filtered" },
          { field: "points_spooled", title: "waiting" },
          { field: "points_rejected", title: "rejected" },
          { field: "points_dropped", title: "dropped" },
          { field: "points_quarantined", title: "quarantined" },
          { field: "dead_letters", title: "dead letters" },
        ],
      }),
    ],
  },
  {
    id: 7,
    title: "Does each store keep up?",
    description:
      "Points that came in for a sink, and those it stored, in total. Normal: the two lines climb together. Stored stays behind: the store is away or slow. It climbs faster: it works off a backlog.",
    view: { type: "timeseries" },
    unit: "short",
    width: 12,
    height: 8,
    intents: [
      series("self", { field: "points_in", by: ["sink"], scope: SCOPE, name: "{{sink}} in", above: NONE }),
      series("self", { field: "points_stored", by: ["sink"], scope: SCOPE, name: "{{sink}} stored", above: NONE }),
      own(`max by (sink, outcome) (tidemark_points_total{${INSTANCE}, outcome=~"in|stored"})`, "{{sink}} {{outcome}}"),
    ],
  },
  {
    id: 8,
    title: "What waits for which store?",
    description:
      "Points in the spool that a sink has not settled. Normal: a few ticks. It climbs while a store is away, slow, or refuses us, and falls by itself afterwards.",
    view: { type: "timeseries" },
    unit: "short",
    width: 12,
    height: 8,
    intents: [
      series("self", { field: "points_spooled", by: ["sink"], scope: SCOPE, name: SINK, above: NONE }),
      own(`max by (sink) (tidemark_spool_points${OWN})`, SINK),
    ],
  },
  {
    id: 9,
    title: "What do stores answer?",
    description:
      "Answers since the start that did not settle points. Normal: flat. kept: away or busy, it is tried again. split: asked for smaller batches. held: it refuses us, and somebody must mend a right, a template or a disk.",
    view: { type: "timeseries" },
    unit: "short",
    width: 12,
    height: 8,
    intents: [
      series("self", { field: "answers_kept", by: ["sink"], scope: SCOPE, name: "{{sink}} kept", above: NONE }),
      series("self", { field: "answers_split", by: ["sink"], scope: SCOPE, name: "{{sink}} split", above: NONE }),
      series("self", { field: "answers_held", by: ["sink"], scope: SCOPE, name: "{{sink}} held", above: NONE }),
      own(
        `max by (sink, answer) (tidemark_sink_attempts_total{${INSTANCE}, answer!="written"})`,
        "{{sink}} {{answer}}",
      ),
    ],
  },
  {
    id: 10,
    title: "Was anything lost, or refused?",
    description:
      "Counts that must not grow. Normal: flat. dropped: the spool was full. quarantined: the disk damaged it. rejected: the store refused a point for good. Ticks gone: the shipper was away longer than the feed reaches.",
    view: { type: "timeseries", line: "threshold" },
    unit: "short",
    width: 12,
    height: 8,
    intents: [
      series("self", { field: "points_dropped", by: ["sink"], scope: SCOPE, name: "{{sink}} dropped", above: NONE }),
      series("self", {
        field: "points_quarantined",
        by: ["sink"],
        scope: SCOPE,
        name: "{{sink}} quarantined",
        above: NONE,
      }),
      series("self", { field: "points_rejected", by: ["sink"], scope: SCOPE, name: "{{sink}} rejected", above: NONE }),
      series("self", { field: "ticks_gone", by: [], scope: SCOPE, name: "ticks gone" }),
      series("self", { field: "events_dropped", by: [], scope: SCOPE, name: "events dropped" }),
      own(
        `max by (sink, outcome) (tidemark_points_total{${INSTANCE}, outcome=~"rejected|dropped|quarantined"})`,
        "{{sink}} {{outcome}}",
      ),
      own(`max(tidemark_source_ticks_gone_total${OWN})`, "ticks gone"),
    ],
    steps: ANY_STEPS,
  },
  {
    id: 11,
    title: "How much disk does the spool take?",
    description:
      "Size of the spool's file. Normal: steady; it is bounded by shipper.spool_bytes_max and does not shrink by itself. At the cap the oldest points are dropped and counted.",
    view: { type: "timeseries" },
    unit: "bytes",
    width: 12,
    height: 8,
    intents: [
      series("self", { field: "spool_bytes", by: ["instance"], scope: SCOPE, name: "{{instance}}", above: NONE }),
      own(`tidemark_spool_bytes${OWN}`, "{{instance}}"),
    ],
  },
  {
    id: 12,
    title: "What does a tick cost?",
    description:
      "Work of the collector for one tick, and how late ticks are. Normal: far below the interval. Near it: ticks are skipped soon; watch fewer groups, or give it a faster core.",
    view: { type: "timeseries" },
    unit: "s",
    width: 12,
    height: 8,
    intents: [
      series("self", { field: "tick_seconds", by: [], scope: SCOPE, name: "tick" }),
      series("self", { field: "lateness_seconds", by: [], scope: SCOPE, name: "lateness" }),
      own(`max(tidemark_tick_seconds${OWN})`, "tick"),
    ],
  },
];

export const PIPELINE: BoardSpec = {
  name: "pipeline",
  title: "Pipeline",
  description: "Does Tidemark itself work, does each store get its points, is anything lost?",
  variables: [{ dimension: "instance", label: "Instance", many: true, kind: "self", scope: [] }],
  eventScope: [],
  items: [
    { id: 101, section: "Now" },
    ...now,
    { id: 102, section: "Stores" },
    ...stores,
    { id: 103, section: "The process" },
    ...PROCESS_PANELS,
  ],
};

/**
 * # Topic: who reads it, which of them is behind, is it produced evenly, are unread records about to be deleted
 */

import { newest, series, table } from "../query/intent.ts";
import type { BoardSpec, PanelSpec } from "./panel-spec.ts";
import { LOSS_STEPS } from "./steps.ts";

const TOPIC = ["cluster", "topic"] as const;
const LAST = "2m";

const readers: readonly PanelSpec[] = [
  {
    id: 1,
    title: "Which groups read it, and how do they do?",
    description:
      "Each group that commits to this topic, as its worst of the last two minutes; the largest lag on top. Normal: small lag, no bad partitions. Click a group to see why it lags.",
    view: { type: "table", links: [{ board: "group", title: "Open this group", variables: ["cluster", "group"] }] },
    unit: "short",
    width: 19,
    height: 7,
    lastTime: LAST,
    intents: [
      table("group_topic", {
        by: ["cluster", "group"],
        scope: TOPIC,
        columns: [
          { field: "lag", title: "lag" },
          { field: "lag_max", title: "largest lag" },
          { field: "lag_seconds", title: "time lag" },
          { field: "partitions_bad", title: "bad partitions" },
          { field: "partitions", title: "partitions" },
          { field: "committed_per_second", title: "committed/s" },
        ],
      }),
    ],
    units: { "time lag": "s", "committed/s": "recps" },
    hidden: ["cluster"],
  },
  {
    id: 2,
    title: "How old is this?",
    description:
      "When the newest point of this topic was made. Normal: seconds ago. Otherwise nobody reads the topic any more, or nothing is written: see the board Overview.",
    view: { type: "stat", reduce: "max" },
    unit: "dateTimeFromNow",
    width: 5,
    height: 7,
    intents: [newest("group_topic", { field: "partitions", scope: TOPIC })],
  },
  {
    id: 3,
    title: "Whose lag is it?",
    description:
      "Records not yet read, by group. Normal: low for all. All groups at once: more is produced, or a broker is slow. One alone: that consumer.",
    view: { type: "timeseries" },
    unit: "short",
    width: 12,
    height: 9,
    intents: [series("group_topic", { field: "lag", by: ["group"], scope: TOPIC, name: "{{group}}" })],
  },
  {
    id: 4,
    title: "Who is behind in time?",
    description:
      "Age of the oldest record of this topic that a group has not read, of its worst partition. Normal: seconds. It climbs by a second a second where nothing is read.",
    view: { type: "timeseries" },
    unit: "s",
    width: 12,
    height: 9,
    intents: [series("group_topic", { field: "lag_seconds", by: ["group"], scope: TOPIC, name: "{{group}}" })],
  },
];

const PARTITIONS_MAX = 50;
const PARTITION = "partition {{partition}}";

const log: readonly PanelSpec[] = [
  {
    id: 5,
    title: "Is it produced evenly?",
    description:
      "Records produced per second, by partition, stacked. Normal: layers of like height. One thick layer: a key that gets most of the records, which no consumer can share out.",
    view: { type: "timeseries", stacked: true },
    unit: "recps",
    width: 12,
    height: 9,
    intents: [
      series("topic", {
        field: "produced_per_second",
        statistic: "avg",
        by: ["partition"],
        scope: TOPIC,
        name: PARTITION,
        linesMax: PARTITIONS_MAX,
      }),
    ],
  },
  {
    id: 6,
    title: "Which group loses records soonest?",
    description:
      "The least time until retention deletes records of this topic that a group has not read. Normal: no lines, or high ones. Otherwise make the group faster or the retention longer.",
    view: { type: "timeseries", line: "threshold", logarithmic: true },
    unit: "s",
    width: 12,
    height: 9,
    intents: [
      series("partition", {
        field: "loss_seconds",
        statistic: "min",
        by: ["group"],
        scope: TOPIC,
        name: "{{group}}",
      }),
    ],
    steps: LOSS_STEPS,
    empty: "none",
  },
  {
    id: 7,
    title: "Does an open transaction hold readers up?",
    description:
      "For how long a transaction has been open, by partition. Normal: no lines. Readers of committed records cannot pass it: find the producer that hangs.",
    view: { type: "timeseries" },
    unit: "s",
    width: 12,
    height: 9,
    intents: [
      series("topic", {
        field: "open_transaction_seconds",
        by: ["partition"],
        scope: TOPIC,
        name: PARTITION,
        linesMax: PARTITIONS_MAX,
        above: 0,
      }),
    ],
    empty: "none",
  },
  {
    id: 8,
    title: "Which partitions lag, and whose are they?",
    description:
      "Lag of the partitions with the most, over all groups, brighter is more. Normal: even. The same partition bright for each group: look at its producer and its leader.",
    view: { type: "status-history" },
    unit: "short",
    width: 12,
    height: 9,
    intents: [
      series("partition", {
        field: "lag",
        by: ["group", "partition"],
        scope: TOPIC,
        name: "{{group}} {{partition}}",
        linesMax: 10,
      }),
    ],
  },
  {
    id: 9,
    title: "What does its log hold?",
    description:
      "Offsets and rate of each partition, of the last two minutes. Normal: like rates. A start offset close behind the end offset: little is retained, so a short stop loses records.",
    view: { type: "table" },
    unit: "none",
    width: 24,
    height: 9,
    lastTime: LAST,
    intents: [
      table("topic", {
        by: ["cluster", "partition"],
        scope: TOPIC,
        columns: [
          { field: "produced_per_second", title: "produced/s" },
          { field: "start_offset", title: "start offset" },
          { field: "end_offset", title: "end offset" },
        ],
      }),
    ],
    units: { "produced/s": "recps" },
    hidden: ["cluster"],
  },
];

export const TOPIC_BOARD: BoardSpec = {
  name: "topic",
  title: "Topic",
  description: "Who reads this topic, who is behind, is it produced evenly, are unread records about to be deleted?",
  variables: [
    { dimension: "cluster", label: "Cluster", many: false, kind: "group", scope: [] },
    { dimension: "topic", label: "Topic", many: false, kind: "group_topic", scope: ["cluster"] },
  ],
  eventScope: ["cluster"],
  items: [{ id: 101, section: "Readers" }, ...readers, { id: 102, section: "The log" }, ...log],
};

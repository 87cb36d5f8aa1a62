/**
 * # Group: why does this group lag, which partition, since when, what happened before
 */

import { newest, series } from "../query/intent.ts";
import { COLOURS } from "../status-colours.ts";
import { PARTITION_PANELS } from "./group-partitions.ts";
import type { BoardSpec, PanelSpec } from "./panel-spec.ts";
import { ANY_STEPS, LOSS_STEPS, REBALANCE_STEPS } from "./steps.ts";

const GROUP = ["cluster", "group"] as const;
const TOPICS = ["cluster", "group", "topic"] as const;
const LAST = "2m";

const now: readonly PanelSpec[] = [
  {
    id: 1,
    title: "How is it?",
    description:
      "Our verdict, the worst of the last two minutes. Normal: OK. ERR: a partition stands still or its lag only grows; WARN: some of it. No data: no verdict, or the group is gone.",
    view: { type: "stat", reduce: "lastNotNull", meaning: "status" },
    unit: "none",
    width: 3,
    height: 4,
    lastTime: LAST,
    intents: [series("group", { field: "status_code", by: [], scope: GROUP, name: "status" })],
  },
  {
    id: 19,
    title: "In time?",
    description:
      "Whether its time lag was within its objective, at the worst of the last two minutes. Normal: met. missed with an OK beside it: it reads steadily, but too slowly. not known: it has no objective, or its time lag is not known.",
    view: { type: "stat", reduce: "lastNotNull", meaning: "objective" },
    unit: "none",
    width: 3,
    height: 4,
    lastTime: LAST,
    intents: [series("group", { field: "objective_met", statistic: "min", by: [], scope: GROUP, name: "in time" })],
  },
  {
    id: 2,
    title: "How much lag?",
    description: "Lag, summed over its partitions. Normal: what it reads in a few seconds.",
    view: { type: "stat", reduce: "lastNotNull" },
    unit: "short",
    width: 4,
    height: 4,
    lastTime: LAST,
    intents: [series("group", { field: "lag", by: [], scope: GROUP, name: "lag" })],
  },
  {
    id: 3,
    title: "How far behind?",
    description: "Age of the oldest record it has not read. Normal: within its objective, which is drawn below.",
    view: { type: "stat", reduce: "lastNotNull" },
    unit: "s",
    width: 4,
    height: 4,
    lastTime: LAST,
    intents: [series("group", { field: "lag_seconds", by: [], scope: GROUP, name: "time lag" })],
  },
  {
    id: 4,
    title: "When is it lost?",
    description:
      "Time until retention deletes records it has not read, if it reads no more. Normal: no data, or days. Otherwise make it faster or the retention of the topic longer.",
    view: { type: "stat", reduce: "lastNotNull" },
    unit: "s",
    width: 4,
    height: 4,
    lastTime: LAST,
    intents: [
      series("group", { field: "loss_seconds", statistic: "min", by: [], scope: GROUP, name: "until data loss" }),
    ],
    steps: LOSS_STEPS,
    empty: "none near",
  },
  {
    id: 5,
    title: "Members?",
    description: "Members of the group. Normal: as many as you run. 0: nobody reads; a stopped deployment?",
    view: { type: "stat", reduce: "lastNotNull" },
    unit: "short",
    width: 3,
    height: 4,
    lastTime: LAST,
    intents: [series("group", { field: "members", statistic: "min", by: [], scope: GROUP, name: "members" })],
  },
  {
    id: 6,
    title: "How old?",
    description:
      "When the newest point of this group was made. Normal: seconds ago. Otherwise the group is gone, or nothing is written: see the board Overview.",
    view: { type: "stat", reduce: "max" },
    unit: "dateTimeFromNow",
    width: 3,
    height: 4,
    intents: [newest("group", { field: "partitions", scope: GROUP })],
  },
];

const why: readonly PanelSpec[] = [
  {
    id: 7,
    title: "Since when is it in this state?",
    description:
      "Our verdict, that of Burrow's own rules, and whether its objective was met, the worst within each step. Normal: OK, OK and met. OK and missed: too slow, but never without progress. They may differ: ours knows time, retention and idle topics. A gap is no verdict.",
    view: { type: "state-timeline", meaning: "status", meanings: { "in time": "objective" } },
    unit: "none",
    width: 24,
    height: 6,
    intents: [
      series("group", { field: "status_code", by: [], scope: GROUP, name: "status" }),
      series("group", { field: "burrow_status_code", by: [], scope: GROUP, name: "Burrow's rules" }),
      series("group", { field: "objective_met", statistic: "min", by: [], scope: GROUP, name: "in time" }),
    ],
  },
  {
    id: 8,
    title: "Which topic does the lag come from?",
    description:
      "Records not yet read, by topic. Normal: low. One topic alone: look at its producer and its partitions.",
    view: { type: "timeseries", stacked: true },
    unit: "short",
    width: 12,
    height: 9,
    intents: [series("group_topic", { field: "lag", by: ["topic"], scope: TOPICS, name: "{{topic}}" })],
  },
  {
    id: 9,
    title: "How far behind in time, and how sure is that?",
    description:
      "Age of the oldest unread record, with the bounds between which it surely lies, and the objective. Normal: below the objective, the bounds close. Bounds that part: the end offsets of that time were not seen.",
    view: { type: "timeseries" },
    unit: "s",
    width: 12,
    height: 9,
    intents: [
      series("group", { field: "lag_seconds", by: [], scope: GROUP, name: "time lag" }),
      series("group", { field: "lag_seconds_lower", by: [], scope: GROUP, name: "at least" }),
      series("group", { field: "lag_seconds_upper", by: [], scope: GROUP, name: "at most" }),
      series("group", { field: "objective_seconds", by: [], scope: GROUP, name: "objective" }),
    ],
    colours: [
      { name: "time lag", colour: COLOURS.stop },
      { name: "at least", colour: COLOURS.rewind },
      { name: "at most", colour: COLOURS.rewind },
      { name: "objective", colour: COLOURS.err },
    ],
  },
  {
    id: 10,
    title: "Is it too slow, or is more produced?",
    description:
      "Records produced and offsets committed per second. Normal: both alike. More produced than before: a surge, it may catch up. Fewer committed than before: the consumer is slow or stuck.",
    view: { type: "timeseries" },
    unit: "recps",
    width: 12,
    height: 9,
    intents: [
      series("group", {
        field: "produced_per_second",
        statistic: "avg",
        by: [],
        scope: GROUP,
        name: "produced",
      }),
      series("group", {
        field: "committed_per_second",
        statistic: "avg",
        by: [],
        scope: GROUP,
        name: "committed",
      }),
    ],
    colours: [
      { name: "produced", colour: COLOURS.warn },
      { name: "committed", colour: COLOURS.stop },
    ],
  },
  {
    id: 11,
    title: "Does it commit?",
    description:
      "Time since its newest commit, the usual time between two commits, and the age of the oldest open transaction its offsets wait in. Normal: the first is about the second. An open transaction that ages is a producer that hangs.",
    view: { type: "timeseries" },
    unit: "s",
    width: 12,
    height: 9,
    intents: [
      series("group", { field: "commit_age_seconds", by: [], scope: GROUP, name: "since the last commit" }),
      series("group", { field: "commit_interval_seconds", by: [], scope: GROUP, name: "between commits" }),
      series("group", { field: "pending_transaction_seconds", by: [], scope: GROUP, name: "open transaction" }),
    ],
  },
  {
    id: 12,
    title: "Do members come and go?",
    description:
      "Members, and rebalances within five minutes. Normal: steady and 0. Three rebalances and more are a storm: look for crash loops and for max.poll.interval.ms.",
    view: { type: "timeseries", line: "threshold" },
    unit: "short",
    width: 12,
    height: 9,
    intents: [
      series("group", { field: "members", statistic: "min", by: [], scope: GROUP, name: "members" }),
      series("group", { field: "recent_rebalances", by: [], scope: GROUP, name: "rebalances in 5 minutes" }),
    ],
    steps: REBALANCE_STEPS,
  },
  {
    id: 13,
    title: "Were records lost, or will they be?",
    description:
      "Records that retention deleted before they were read. Normal: 0. Otherwise they are gone: find when it began, and make the retention longer than the longest stop.",
    view: { type: "timeseries", line: "threshold" },
    unit: "short",
    width: 12,
    height: 9,
    intents: [series("group", { field: "lost_records", by: [], scope: GROUP, name: "lost records" })],
    steps: ANY_STEPS,
    empty: "none",
  },
];

export const GROUP_BOARD: BoardSpec = {
  name: "group",
  title: "Group",
  description: "Why does this group lag, which partition, since when, and what happened before?",
  variables: [
    { dimension: "cluster", label: "Cluster", many: false, kind: "group", scope: [] },
    { dimension: "group", label: "Group", many: false, kind: "group", scope: ["cluster"] },
    { dimension: "topic", label: "Topic", many: true, kind: "group_topic", scope: ["cluster", "group"] },
  ],
  eventScope: GROUP,
  items: [
    { id: 101, section: "Now" },
    ...now,
    { id: 102, section: "Since when, and why" },
    ...why,
    { id: 103, section: "Partitions" },
    ...PARTITION_PANELS,
  ],
};

/**
 * # Overview: is anything wrong, which group, since when, are records about to be lost
 */

import { count, countZero, newest, series, table } from "../query/intent.ts";
import { GROUP_WORDS } from "../status-colours.ts";
import type { BoardSpec, PanelSpec } from "./panel-spec.ts";
import { LATE_STEPS, LOSS_STEPS, REBALANCE_STEPS } from "./steps.ts";

const SCOPE = ["cluster", "group"] as const;
const NAME = "{{group}} ({{cluster}})";
const LAST = "2m";
const WORST_MAX = 30;
const TOP_MAX = 10;

const counts = GROUP_WORDS.map(({ name, words: isAny }) =>
  count("group", { of: "group", scope: SCOPE, field: "status", isAny, name }),
);
const countColours = GROUP_WORDS.map(({ name, colour }) => ({ name, colour }));

const now: readonly PanelSpec[] = [
  {
    id: 1,
    title: "How many groups are in which state?",
    description:
      "Groups by what was said of them in the last two minutes; one that changed counts in both. Normal: all OK. ERR and WARN: look for the group in the table below. No verdict (warming, stale, unauthorised or unknown): nobody knows how such a group does. All 0, or no data: nothing is written, see the newest point.",
    view: { type: "stat", reduce: "max" },
    unit: "short",
    decimals: 0,
    width: 7,
    height: 4,
    lastTime: LAST,
    intents: counts,
    colours: countColours,
  },
  {
    id: 14,
    title: "Any too late?",
    description:
      "Groups whose time lag was beyond their objective at any time of the last two minutes, whatever their state: one that reads steadily, but too slowly, is OK and late. Normal: 0. No data: nobody has an objective; see objectives in the configuration.",
    view: { type: "stat", reduce: "max" },
    unit: "short",
    decimals: 0,
    width: 4,
    height: 4,
    lastTime: LAST,
    intents: [countZero("group", { of: "group", scope: SCOPE, field: "objective_met", name: "too late" })],
    steps: LATE_STEPS,
  },
  {
    id: 2,
    title: "How far behind?",
    description:
      "The largest time lag of a group, of the last two minutes: the age of the oldest record it has not read. Normal: within the objectives. Where it is large, the table below names the group.",
    view: { type: "stat", reduce: "lastNotNull" },
    unit: "s",
    width: 4,
    height: 4,
    lastTime: LAST,
    intents: [series("group", { field: "lag_seconds", by: [], scope: SCOPE, name: "time lag" })],
  },
  {
    id: 3,
    title: "When is data lost?",
    description:
      "The least time until retention deletes records that a group has not read, if it reads no more. Normal: no data, or days. Minutes or hours: make the consumer faster or the retention longer, now.",
    view: { type: "stat", reduce: "lastNotNull" },
    unit: "s",
    width: 5,
    height: 4,
    lastTime: LAST,
    intents: [
      series("group", { field: "loss_seconds", statistic: "min", by: [], scope: SCOPE, name: "until data loss" }),
    ],
    steps: LOSS_STEPS,
    empty: "none near",
  },
  {
    id: 4,
    title: "How old is this?",
    description:
      "When the newest point was made, of the cluster that is furthest back. Normal: seconds ago. Minutes, or no data: the collector or the shipper is down or cannot write; see the board Pipeline. Nothing else here is to be trusted then.",
    view: { type: "stat", reduce: "min" },
    unit: "dateTimeFromNow",
    width: 4,
    height: 4,
    intents: [newest("group", { field: "partitions", scope: ["cluster"] })],
  },
];

const groups: readonly PanelSpec[] = [
  {
    id: 5,
    title: "Which groups are in trouble, and since when?",
    description:
      "Our verdict on each group over time, the worst within each step. Normal: OK. A gap is no verdict: warming after a start, stale, or no points. Follow the marks of events at the start of a trouble.",
    view: { type: "state-timeline", meaning: "status" },
    unit: "none",
    width: 24,
    height: 11,
    intents: [series("group", { field: "status_code", by: SCOPE, scope: SCOPE, name: NAME, linesMax: WORST_MAX })],
  },
  {
    id: 6,
    title: "Which group should be looked at first?",
    description:
      "Each group as its worst of the last two minutes, the worst status on top, then what is furthest behind in time. Normal: OK, and the objective met. A status that is empty is no verdict. loss in: until retention deletes unread records. bad: partitions in trouble. Click a group to see why it lags and what its partitions do.",
    view: {
      type: "table",
      meanings: { status: "status", "in time": "objective" },
      links: [{ board: "group", title: "Open this group", variables: ["cluster", "group"] }],
    },
    unit: "short",
    width: 24,
    height: 12,
    lastTime: LAST,
    intents: [
      table("group", {
        by: SCOPE,
        scope: SCOPE,
        columns: [
          { field: "status_code", title: "status" },
          { field: "lag_seconds", title: "time lag" },
          { field: "objective_seconds", title: "objective" },
          { field: "objective_met", title: "in time", statistic: "min" },
          { field: "lag", title: "lag" },
          { field: "loss_seconds", title: "loss in", statistic: "min" },
          { field: "partitions_bad", title: "bad" },
          { field: "members", title: "members", statistic: "min" },
          { field: "produced_per_second", title: "produced" },
          { field: "committed_per_second", title: "committed" },
          { field: "commit_age_seconds", title: "last commit", statistic: "min" },
        ],
      }),
    ],
    units: {
      "time lag": "s",
      objective: "s",
      "loss in": "s",
      produced: "recps",
      committed: "recps",
      "last commit": "s",
    },
    widths: { cluster: 80, group: 190, status: 80, "in time": 80 },
  },
];

const causes: readonly PanelSpec[] = [
  {
    id: 7,
    title: "Do troubles come and go?",
    description:
      "Groups that are not OK, over time; one that changed within a step counts in both. Normal: none. A step at one instant in many groups points to a broker or to Tidemark itself, not to the consumers.",
    view: { type: "timeseries", stacked: true },
    unit: "short",
    width: 12,
    height: 9,
    intents: counts.filter(({ name }) => name !== "OK"),
    colours: countColours,
  },
  {
    id: 8,
    title: "Which groups have the largest lag?",
    description:
      "Records not yet read, summed over a group's partitions. Normal: low, or a saw-tooth of batches. A line that only climbs is a group that is slower than its producers.",
    view: { type: "timeseries" },
    unit: "short",
    width: 12,
    height: 9,
    intents: [series("group", { field: "lag", by: SCOPE, scope: SCOPE, name: NAME, linesMax: TOP_MAX, above: 0 })],
  },
  {
    id: 9,
    title: "Which groups are furthest behind in time?",
    description:
      "Age of the oldest record a group has not read. Normal: seconds. It climbs by a second a second where nothing is read at all.",
    view: { type: "timeseries" },
    unit: "s",
    width: 12,
    height: 9,
    intents: [
      series("group", { field: "lag_seconds", by: SCOPE, scope: SCOPE, name: NAME, linesMax: TOP_MAX, above: 0 }),
    ],
  },
  {
    id: 10,
    title: "Which groups lose records soonest?",
    description:
      "Time until retention deletes unread records, if no more are read. Normal: no lines, or high ones. A line that falls to 0 means loss: what is lost is counted on the board Group.",
    view: { type: "timeseries", line: "threshold", logarithmic: true },
    unit: "s",
    width: 12,
    height: 9,
    intents: [
      series("group", {
        field: "loss_seconds",
        statistic: "min",
        by: SCOPE,
        scope: SCOPE,
        name: NAME,
        linesMax: TOP_MAX,
      }),
    ],
    steps: LOSS_STEPS,
  },
  {
    id: 11,
    title: "Which groups rebalance all the time?",
    description:
      "Rebalances within the last five minutes. Normal: none, or one at a deploy. Three and more are a storm: members that leave and join, often by max.poll.interval.ms or a crash loop.",
    view: { type: "timeseries", line: "threshold" },
    unit: "short",
    width: 12,
    height: 9,
    intents: [
      series("group", {
        field: "recent_rebalances",
        by: SCOPE,
        scope: SCOPE,
        name: NAME,
        linesMax: TOP_MAX,
        above: 0,
      }),
    ],
    steps: REBALANCE_STEPS,
    empty: "none",
  },
  {
    id: 12,
    title: "Of which groups do we not know all?",
    description:
      "Partitions whose broker is away or refuses us. Normal: none. Otherwise look at the brokers, and at the rights of Tidemark's user.",
    view: { type: "timeseries" },
    unit: "short",
    width: 12,
    height: 9,
    intents: [
      series("group", {
        field: "partitions_stale",
        by: SCOPE,
        scope: SCOPE,
        name: NAME,
        linesMax: TOP_MAX,
        above: 0,
      }),
    ],
    empty: "none: all is known",
  },
  {
    id: 13,
    title: "What happened?",
    description:
      "Rebalances, offset resets, groups that appeared or vanished, restarts of the collector; the newest on top. Normal: few. What stands here just before a trouble is often its cause.",
    view: {
      type: "table",
      links: [{ board: "group", title: "Open this group", variables: ["cluster", "group"] }],
    },
    unit: "none",
    width: 24,
    height: 9,
    intents: [{ shape: "events", kind: "event", scope: SCOPE, rowsMax: 200 }],
    units: { when: "dateTimeFromNow" },
    widths: { when: 150, cluster: 90, group: 210, event: 100 },
    empty: "nothing",
  },
];

export const OVERVIEW: BoardSpec = {
  name: "overview",
  title: "Overview",
  description: "Is anything wrong, which group, since when, and are records about to be lost?",
  variables: [
    { dimension: "cluster", label: "Cluster", many: true, kind: "group", scope: [] },
    { dimension: "group", label: "Group", many: true, kind: "group", scope: ["cluster"] },
  ],
  eventScope: ["cluster"],
  items: [
    { id: 101, section: "Now" },
    ...now,
    { id: 102, section: "Groups" },
    ...groups,
    { id: 103, section: "Since when, and why" },
    ...causes,
  ],
};

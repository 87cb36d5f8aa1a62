/**
 * # SLO: for what share of the time was each group within its objective, and how fast does its budget burn
 *
 * The objective is a group's own, from the configuration; ticks at which the time lag is not known count for neither side.
 * Prometheus computes over any time, so the rates at which budgets burn are on its board alone.
 */

import { chosen } from "../query/chosen.ts";
import { NONE, newest, own, series, table } from "../query/intent.ts";
import { THRESHOLDS } from "../thresholds.ts";
import type { BoardSpec, PanelSpec } from "./panel-spec.ts";
import { BURN_STEPS, OBJECTIVE_STEPS } from "./steps.ts";

const SCOPE = ["cluster", "group"] as const;
const NAME = "{{group}} ({{cluster}})";
const LINES_MAX = 30;
const MET = `tidemark_group_objective_met{${chosen(...SCOPE)}}`;
const PERCENT = 100;
/** Which share of the time has to be met is not among the metrics: it is chosen on the board. */
const TARGET = "target";
const TARGETS = ["0.99", "0.999", "0.995", "0.95", "0.9"] as const satisfies readonly [
  `${typeof THRESHOLDS.objectiveMetRatio}`,
  ...string[],
];
const BUDGET = `(1 - \${${TARGET}})`;

/** Of 1, the whole month's budget is used within the month. */
function burnOver(window: string): string {
  return `(1 - avg_over_time(${MET}[${window}])) / ${BUDGET} > 0`;
}

const panels: readonly PanelSpec[] = [
  {
    id: 1,
    title: "Which groups keep their objective least?",
    description: `Share of the board's time within the objective, the worst on top. Normal: ${THRESHOLDS.objectiveMetRatio * PERCENT} % and more. Groups without an objective are not here: give them one under objectives.`,
    view: {
      type: "table",
      links: [{ board: "group", title: "Open this group", variables: ["cluster", "group"] }],
    },
    unit: "percentunit",
    width: 19,
    height: 10,
    intents: [
      table("group", {
        by: SCOPE,
        scope: SCOPE,
        worst: "smallest",
        where: { field: "objective_seconds", above: 0 },
        columns: [
          { field: "objective_met", title: "share met", statistic: "avg" },
          { field: "objective_seconds", title: "objective" },
          { field: "lag_seconds", title: "largest time lag" },
        ],
      }),
    ],
    units: { objective: "s", "largest time lag": "s" },
    steps: OBJECTIVE_STEPS,
  },
  {
    id: 2,
    title: "How old is this?",
    description:
      "When the newest point was made, of the cluster that is furthest back. Normal: seconds ago. Otherwise the shares here are of the time before.",
    view: { type: "stat", reduce: "min" },
    unit: "dateTimeFromNow",
    width: 5,
    height: 10,
    intents: [newest("group", { field: "partitions", scope: ["cluster"] })],
  },
  {
    id: 3,
    title: "When was an objective missed?",
    description:
      "Each group that has an objective: missed where it was missed at any tick of a step. Normal: met. A gap: the time lag was not known.",
    view: { type: "state-timeline", meaning: "objective" },
    unit: "none",
    width: 24,
    height: 10,
    intents: [
      series("group", {
        field: "objective_met",
        statistic: "min",
        by: SCOPE,
        scope: SCOPE,
        name: NAME,
        linesMax: LINES_MAX,
        above: NONE,
      }),
    ],
  },
  {
    id: 4,
    title: "How far from its objective is each group?",
    description:
      "Time lag of the groups that are furthest behind. Normal: below their objectives, which the table above names. A saw-tooth is a batch; a straight climb is a stop.",
    view: { type: "timeseries" },
    unit: "s",
    width: 24,
    height: 9,
    intents: [series("group", { field: "lag_seconds", by: SCOPE, scope: SCOPE, name: NAME, linesMax: 10, above: 0 })],
  },
  burnPanel({ id: 5, long: "1h", short: "5m" }),
  burnPanel({ id: 6, long: "6h", short: "30m" }),
  {
    id: 7,
    title: "How much of the month's budget is left?",
    description: `Of 30 days at the target that is chosen above: 100 % is all of it, 0 none, below 0 the objective is missed; less than -100 % is drawn as that. Normal: above 0. It needs 30 days of data; with less it is that of the days there are.`,
    view: { type: "timeseries" },
    unit: "percentunit",
    isSigned: true,
    width: 24,
    height: 9,
    intents: [own(`clamp_min(1 - (1 - avg_over_time(${MET}[30d])) / ${BUDGET}, -1)`, NAME)],
  },
];

function burnPanel({
  id,
  long,
  short,
}: {
  readonly id: number;
  readonly long: string;
  readonly short: string;
}): PanelSpec {
  return {
    id,
    title: `How fast do budgets burn, over ${long} and ${short}?`,
    description: `1 uses the month's budget, at the target that is chosen above, within the month. Normal: below 1. Above the line in both windows an alert fires: over ${short} alone it is just beginning, over ${long} alone it is over.`,
    view: { type: "timeseries", line: "threshold" },
    unit: "none",
    decimals: 1,
    width: 12,
    height: 9,
    intents: [own(burnOver(long), `${NAME} ${long}`), own(burnOver(short), `${NAME} ${short}`)],
    steps: BURN_STEPS,
  };
}

export const SLO: BoardSpec = {
  name: "slo",
  title: "SLO",
  description: "For what share of the time was each group within its objective, and how fast does its budget burn?",
  variables: [
    { dimension: "cluster", label: "Cluster", many: true, kind: "group", scope: [] },
    { dimension: "group", label: "Group", many: true, kind: "group", scope: ["cluster"] },
  ],
  choices: [{ name: TARGET, label: "Target", values: TARGETS }],
  eventScope: ["cluster"],
  items: panels,
};

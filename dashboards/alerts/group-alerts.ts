/**
 * # Alerts about groups
 *
 * ERR is the verdict that something stands still. Which of the three it is, the group's own commits tell: none come (stopped),
 * they come and move nothing (stalled), or they move while a partition does not (stuck). A verdict that is not known has no
 * status, so that warming and stale groups are silent here; idle ones are OK.
 */

import { THRESHOLDS } from "../thresholds.ts";
import type { AlertSpec } from "./alert.ts";
import { measure } from "./alert.ts";

const GROUP = ["cluster", "group"] as const;
const TOPIC = ["cluster", "group", "topic"] as const;
const ERR = { field: "status", is: ["ERR"] } as const;
const NONE = 0;
/** Rates are sums of fractions: what is below moves nothing. */
const STANDING_PER_SECOND = 0.001;
const MINUTE_SECONDS = 60;

export const GROUP_ALERTS: readonly AlertSpec[] = [
  {
    name: "GroupErr",
    severity: "critical",
    when: "the group is ERR and has unread records",
    summary: "{group} of {cluster} has been in ERR for over 5 minutes, {value:count} records unread",
    description:
      "A partition stands still, or only falls further behind. Whoever waits for this group's work waits on.",
    condition: {
      shape: "now",
      measure: measure("group", { field: "lag", by: GROUP, where: [ERR] }),
      limit: { above: NONE },
    },
    forSeconds: 5 * MINUTE_SECONDS,
    keepSeconds: 3 * MINUTE_SECONDS,
    panel: { board: "group", id: 7 },
  },
  {
    name: "GroupStalled",
    severity: "critical",
    when: "ERR, commits come, and none of them moves an offset",
    summary: "{group} of {cluster} commits and does not move, {value:count} records unread for over 2 minutes",
    description: "Its members are alive and commit the same offsets again: often one record that cannot be processed.",
    condition: {
      shape: "now",
      measure: measure("group", {
        field: "lag",
        by: GROUP,
        where: [
          ERR,
          { field: "commit_age_seconds", below: THRESHOLDS.commitAgeSecondsErr },
          { field: "committed_per_second", below: STANDING_PER_SECOND },
        ],
      }),
      limit: { above: NONE },
    },
    forSeconds: 2 * MINUTE_SECONDS,
    keepSeconds: 3 * MINUTE_SECONDS,
    panel: { board: "group", id: 10 },
  },
  {
    name: "GroupStopped",
    severity: "critical",
    when: "ERR, and no commit came for a minute",
    summary: "{group} of {cluster} has committed nothing for over a minute, {value:count} records unread",
    description: "Nobody reads, or whoever reads cannot commit. The lag grows by all that is produced.",
    condition: {
      shape: "now",
      measure: measure("group", {
        field: "lag",
        by: GROUP,
        where: [ERR, { field: "commit_age_seconds", above: THRESHOLDS.commitAgeSecondsErr }],
      }),
      limit: { above: NONE },
    },
    forSeconds: 30,
    keepSeconds: 2 * MINUTE_SECONDS,
    panel: { board: "group", id: 11 },
  },
  {
    name: "LagGrowing",
    severity: "warning",
    when: "not ERR, a minute and more behind, and the least lag of 4 minutes is above the most of 5 before",
    summary: "{group} of {cluster} falls behind, {value:count} records unread and more each minute",
    description: "It reads more slowly than is produced. It does not catch up by itself unless less is produced.",
    condition: {
      shape: "climbing",
      measure: measure("group", { field: "lag", by: GROUP }),
      halfSeconds: 5 * MINUTE_SECONDS,
      also: measure("group", {
        field: "lag_seconds_lower",
        by: GROUP,
        where: [
          { field: "status", is: ["OK", "WARN"] },
          { field: "lag_seconds_lower", above: THRESHOLDS.lagSecondsWarn },
        ],
      }),
    },
    forSeconds: 2 * MINUTE_SECONDS,
    keepSeconds: 5 * MINUTE_SECONDS,
    panel: { board: "group", id: 10 },
  },
  objectiveAlert(),
  {
    name: "PartitionStuck",
    severity: "warning",
    when: "a partition is STOP or STALL while its group moves on",
    summary:
      "{group} of {cluster} does not move on a partition of {topic} for over 3 minutes, {value:count} records unread there",
    description:
      "One partition stands still while others are read: a record that cannot be processed, or a member that hangs.",
    condition: {
      shape: "now",
      measure: measure("partition", { field: "lag", by: TOPIC, where: [{ field: "status", is: ["STOP", "STALL"] }] }),
      limit: { above: NONE },
      also: {
        measure: measure("group", {
          field: "committed_per_second",
          by: GROUP,
          where: [ERR, { field: "committed_per_second", above: STANDING_PER_SECOND }],
        }),
      },
    },
    forSeconds: 3 * MINUTE_SECONDS,
    keepSeconds: 3 * MINUTE_SECONDS,
    panel: { board: "group", id: 15 },
  },
  {
    name: "DataLossNear",
    severity: "critical",
    when: "unread records are deleted within 6 hours, and four fifths of their time are over",
    summary: "{group} of {cluster} loses unread records in {value:seconds}",
    description:
      "Retention is about to delete what the group has not read. What is deleted cannot be had again from Kafka.",
    condition: {
      shape: "now",
      measure: measure("group", { field: "loss_seconds", by: GROUP, statistic: "min" }),
      limit: { below: THRESHOLDS.lossSecondsWarn },
      also: {
        measure: measure("group", { field: "lag_seconds_upper", by: GROUP }),
        timesAtLeast: THRESHOLDS.lossAgeTimesErr,
      },
    },
    forSeconds: MINUTE_SECONDS,
    keepSeconds: 5 * MINUTE_SECONDS,
    panel: { board: "group", id: 13 },
  },
  {
    name: "DataLost",
    severity: "critical",
    when: "records were deleted unread within the last 15 minutes",
    summary: "{group} of {cluster} has lost {value:count} records unread within 15 minutes",
    description: "Retention deleted records before the group read them. They have to be had from their source again.",
    condition: {
      shape: "grown",
      counters: [measure("group", { field: "lost_records", by: GROUP })],
      overSeconds: 15 * MINUTE_SECONDS,
    },
    forSeconds: 0,
    keepSeconds: 10 * MINUTE_SECONDS,
    panel: { board: "group", id: 13 },
  },
  {
    name: "OffsetRewind",
    severity: "warning",
    when: "a partition is REWIND: its committed offset went back",
    summary: "{group} of {cluster} was moved back on {topic}, {value:count} records of a partition to read again",
    description:
      "Records are read a second time. Meant, after a reset by hand; otherwise two readers commit over each other.",
    condition: {
      shape: "now",
      measure: measure("partition", { field: "lag", by: TOPIC, where: [{ field: "status", is: ["REWIND"] }] }),
      limit: { above: NONE },
    },
    forSeconds: 0,
    keepSeconds: 5 * MINUTE_SECONDS,
    panel: { board: "group", id: 15 },
  },
];

function objectiveAlert(): AlertSpec {
  const budget = 1 - THRESHOLDS.objectiveMetRatio;
  const missedAbove = (burnRate: number) => Number((burnRate * budget).toFixed(6));
  return {
    name: "TimeLagObjective",
    severity: "critical",
    when: `the budget of a month burns ${THRESHOLDS.burnRateErr} times too fast over 1 hour and 5 minutes, or ${THRESHOLDS.burnRateWarn} times over 6 hours and 30 minutes`,
    summary: "{group} of {cluster} kept its objective for {value:share} of the last hour",
    description: "It is later than its objective allows so often that the month's budget will not last.",
    condition: {
      shape: "burning",
      measure: measure("group", { field: "objective_met", by: GROUP, statistic: "avg" }),
      windows: [
        {
          longSeconds: 60 * MINUTE_SECONDS,
          shortSeconds: 5 * MINUTE_SECONDS,
          missedAbove: missedAbove(THRESHOLDS.burnRateErr),
        },
        {
          longSeconds: 360 * MINUTE_SECONDS,
          shortSeconds: 30 * MINUTE_SECONDS,
          missedAbove: missedAbove(THRESHOLDS.burnRateWarn),
        },
      ],
    },
    forSeconds: MINUTE_SECONDS,
    keepSeconds: 5 * MINUTE_SECONDS,
    panel: { board: "slo", id: 3 },
  };
}

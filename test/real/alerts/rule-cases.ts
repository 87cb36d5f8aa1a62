/**
 * # Cases of the rules of Prometheus
 *
 * Each alert fires once in time, and stays silent where others page: a blip, an idle or a warming group, a restart. Values are those
 * of promtool, one each 30 s: `a+bxn`, `axn`, `_xn` for none, `stale` for the end of a series.
 */

type Labels = Readonly<Record<string, string>>;

export interface RuleCase {
  readonly name: string;
  readonly alert: string;
  /** Series as `name{labels}` to values. */
  readonly series: Readonly<Record<string, string>>;
  /** Minutes at which it is looked. */
  readonly minute: number;
  /** Undefined: it is silent. */
  readonly fires?: { readonly labels: Labels; readonly value: string };
}

const G = 'cluster="prod",group="orders"';
const P = `${G},topic="clicks",partition="2"`;
const GROUP: Labels = { cluster: "prod", group: "orders" };
const TOPIC: Labels = { ...GROUP, topic: "clicks" };
const SELF: Labels = { job: "tidemark", instance: "one:8000" };
const T = 'job="tidemark",instance="one:8000"';
const SINK = `${T},sink="es"`;

/** A group in this state, with these series beside its lag. */
function groupIn(
  status: string,
  values: string,
  more: Readonly<Record<string, string>> = {},
): Readonly<Record<string, string>> {
  const named = Object.entries(more).map(([field, text]) => [`tidemark_group_${field}{${G}}`, text]);
  return {
    [`tidemark_group_status{${G},status="${status}"}`]: values,
    [`tidemark_group_lag{${G}}`]: "100+10x80",
    ...Object.fromEntries(named),
  };
}

const ON = "1x80";

export const RULE_CASES: readonly RuleCase[] = [
  {
    name: "ERR that lasts",
    alert: "GroupErr",
    series: groupIn("ERR", ON),
    minute: 6,
    fires: { labels: GROUP, value: "220" },
  },
  { name: "ERR for four minutes", alert: "GroupErr", series: groupIn("ERR", "1x8 0x80"), minute: 6 },
  { name: "a group that is warming", alert: "GroupErr", series: groupIn("warming", ON), minute: 20 },
  {
    name: "commits that move nothing",
    alert: "GroupStalled",
    series: groupIn("ERR", ON, { commit_age_seconds: "5x80", committed_per_second: "0x80" }),
    minute: 3,
    fires: { labels: GROUP, value: "160" },
  },
  {
    name: "commits that move",
    alert: "GroupStalled",
    series: groupIn("ERR", ON, { commit_age_seconds: "5x80", committed_per_second: "3x80" }),
    minute: 20,
  },
  {
    name: "no commits",
    alert: "GroupStopped",
    series: groupIn("ERR", ON, { commit_age_seconds: "61+30x80" }),
    minute: 1,
    fires: { labels: GROUP, value: "120" },
  },
  {
    name: "a rebalance that is over within a minute",
    alert: "GroupStopped",
    series: groupIn("ERR", "1x3 0x80", { commit_age_seconds: "0 30 58 0x80" }),
    minute: 2,
  },
  {
    name: "an idle group: OK, and its last commit is hours ago",
    alert: "GroupStopped",
    series: groupIn("OK", ON, { commit_age_seconds: "9000+30x80" }),
    minute: 20,
  },
  {
    name: "a lag that only grows",
    alert: "LagGrowing",
    series: groupIn("OK", ON, { lag_seconds_lower: "0+20x80" }),
    minute: 15,
    fires: { labels: GROUP, value: "320" },
  },
  {
    name: "late, and it catches up",
    alert: "LagGrowing",
    series: { ...groupIn("OK", ON, { lag_seconds_lower: "300x80" }), [`tidemark_group_lag{${G}}`]: "9000-10x80" },
    minute: 15,
  },
  {
    name: "more each minute, and not late",
    alert: "LagGrowing",
    series: groupIn("OK", ON, { lag_seconds_lower: "20x80" }),
    minute: 15,
  },
  {
    name: "late for half of the time",
    alert: "TimeLagObjective",
    series: { [`tidemark_group_objective_met{${G}}`]: "1x20 0x80" },
    minute: 20,
    fires: { labels: GROUP, value: "51.22%" },
  },
  {
    name: "late for two minutes of an hour",
    alert: "TimeLagObjective",
    series: { [`tidemark_group_objective_met{${G}}`]: "1x80 0x4 1x80" },
    minute: 44,
  },
  {
    name: "one partition stands still",
    alert: "PartitionStuck",
    series: {
      ...groupIn("ERR", ON, { committed_per_second: "5x80" }),
      [`tidemark_partition_status{${P},status="STALL"}`]: ON,
      [`tidemark_partition_lag{${P}}`]: "100+10x80",
    },
    minute: 4,
    fires: { labels: TOPIC, value: "180" },
  },
  {
    name: "all of the group stands still: that is another alert",
    alert: "PartitionStuck",
    series: {
      ...groupIn("ERR", ON, { committed_per_second: "0x80" }),
      [`tidemark_partition_status{${P},status="STOP"}`]: ON,
      [`tidemark_partition_lag{${P}}`]: "100+10x80",
    },
    minute: 20,
  },
  {
    name: "an hour is left of six",
    alert: "DataLossNear",
    series: groupIn("OK", ON, { loss_seconds: "3600x80", lag_seconds_upper: "18000x80" }),
    minute: 2,
    fires: { labels: GROUP, value: "1h 0m 0s" },
  },
  {
    name: "twenty minutes are left of a retention of twenty, which it keeps up with",
    alert: "DataLossNear",
    series: groupIn("OK", ON, { loss_seconds: "1180x80", lag_seconds_upper: "20x80" }),
    minute: 20,
  },
  {
    name: "records were lost",
    alert: "DataLost",
    series: groupIn("OK", ON, { lost_records: "0x20 50x80" }),
    minute: 12,
    fires: { labels: GROUP, value: "50" },
  },
  { name: "lost long ago", alert: "DataLost", series: groupIn("OK", ON, { lost_records: "50x80" }), minute: 20 },
  {
    name: "lost long ago, and the collector was restarted",
    alert: "DataLost",
    series: groupIn("OK", ON, { lost_records: "50x20 _x6 50x80" }),
    minute: 15,
  },
  {
    name: "offsets went back",
    alert: "OffsetRewind",
    series: { [`tidemark_partition_status{${P},status="REWIND"}`]: ON, [`tidemark_partition_lag{${P}}`]: "4000x80" },
    minute: 1,
    fires: { labels: TOPIC, value: "4k" },
  },
  {
    name: "a partition that is slow",
    alert: "OffsetRewind",
    series: { [`tidemark_partition_status{${P},status="WARN"}`]: ON, [`tidemark_partition_lag{${P}}`]: "4000x80" },
    minute: 20,
  },
  {
    name: "a group that is gone",
    alert: "GroupVanished",
    series: {
      [`tidemark_group_partitions{${G}}`]: "4x20 stale",
      'tidemark_cluster_condition{cluster="prod",condition="ok"}': ON,
    },
    minute: 12,
    fires: { labels: GROUP, value: "" },
  },
  {
    name: "a collector that replays, and knows no group yet",
    alert: "GroupVanished",
    series: {
      [`tidemark_group_partitions{${G}}`]: "4x20 stale",
      'tidemark_cluster_condition{cluster="prod",condition="ok"}': "1x20 0x80",
    },
    minute: 12,
  },
  {
    name: "a collector that is gone",
    alert: "CollectorDown",
    series: {
      [`up{${T}}`]: "1x10 0x80",
      [`tidemark_ticks_total{${T}}`]: "0+3x10 stale",
      'tidemark_ticks_total{job="x",instance="y"}': "0+3x80",
    },
    minute: 9,
    fires: { labels: SELF, value: "" },
  },
  {
    name: "a collector that is there and does not tick",
    alert: "CollectorDown",
    series: { [`up{${T}}`]: ON, [`tidemark_ticks_total{${T}}`]: "0+3x10 30x80" },
    minute: 11,
    fires: { labels: SELF, value: "" },
  },
  {
    name: "a collector that was restarted within a minute",
    alert: "CollectorDown",
    series: { [`up{${T}}`]: "1x10 0x1 1x80", [`tidemark_ticks_total{${T}}`]: "0+3x10 stale 0+3x80" },
    minute: 7,
  },
  {
    name: "a broker that stays away",
    alert: "CollectorStale",
    series: groupIn("stale", ON, { partitions_stale: "4x80" }),
    minute: 6,
    fires: { labels: { cluster: "prod" }, value: "4" },
  },
  {
    name: "a broker that is restarted",
    alert: "CollectorStale",
    series: groupIn("stale", ON, { partitions_stale: "4x4 0x80" }),
    minute: 6,
  },
  {
    name: "a store that takes nothing",
    alert: "ShipperBacklog",
    series: { [`tidemark_spool_oldest_age_seconds{${T}}`]: "0+30x80" },
    minute: 8,
    fires: { labels: SELF, value: "8m 0s" },
  },
  {
    name: "a store that is restarted",
    alert: "ShipperBacklog",
    series: { [`tidemark_spool_oldest_age_seconds{${T}}`]: "0+30x8 5x80" },
    minute: 8,
  },
  {
    name: "points that a store refused",
    alert: "PointsRefused",
    series: { [`tidemark_points_total{${SINK},outcome="rejected"}`]: "5x20 8x80" },
    minute: 20,
    fires: { labels: { instance: "one:8000", sink: "es" }, value: "3" },
  },
  {
    name: "refused long ago",
    alert: "PointsRefused",
    series: { [`tidemark_points_total{${SINK},outcome="rejected"}`]: "8x80" },
    minute: 20,
  },
  {
    name: "points that a full spool dropped",
    alert: "PointsDropped",
    series: { [`tidemark_points_total{${SINK},outcome="dropped"}`]: "0x20 700x80" },
    minute: 20,
    fires: { labels: { instance: "one:8000", sink: "es" }, value: "700" },
  },
  {
    name: "points that were stored",
    alert: "PointsDropped",
    series: { [`tidemark_points_total{${SINK},outcome="stored"}`]: "0+700x80" },
    minute: 20,
  },
  {
    name: "a shipper that is gone",
    alert: "HeartbeatMissing",
    series: {
      [`up{${T}}`]: "1x10 0x80",
      [`tidemark_commits_total{${T}}`]: "0+3x10 stale",
      'tidemark_commits_total{job="x",instance="y"}': "0+3x80",
    },
    minute: 13,
    fires: { labels: SELF, value: "" },
  },
  {
    name: "a shipper that was restarted",
    alert: "HeartbeatMissing",
    series: { [`up{${T}}`]: "1x10 0x2 1x80", [`tidemark_commits_total{${T}}`]: "0+3x10 stale 0+3x80" },
    minute: 13,
  },
];

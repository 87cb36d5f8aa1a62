/**
 * # The one table of field names, units and sentences
 *
 * `/v4`, history and the metric names are made from it: a field that is not here does not exist. Units stand last in the
 * name where there is one. A value that is not known is absent, never -1, 0 or NaN.
 */

/** `integer` is exact within ±(2^53-1); `number` may have a fraction; `keyword` is one of few words; `text` is any string. */
export type FieldType = "integer" | "number" | "keyword" | "text";

export interface Field {
  readonly type: FieldType;
  /** As Prometheus writes base units; `records`, `partitions`, `points` and the like are counts. */
  readonly unit:
    | "records"
    | "offset"
    | "partitions"
    | "members"
    | "seconds"
    | "records_per_second"
    | "ratio"
    | "code"
    | "generation"
    | "rebalances"
    | "groups"
    | "points"
    | "bytes"
    | "ticks"
    | "answers"
    | "events"
    | "none";
  readonly sentence: string;
}

const status = {
  status: {
    type: "keyword",
    unit: "none",
    sentence: "Our verdict of the last tick, or warming, stale, unauthorised, unknown.",
  },
  status_code: {
    type: "integer",
    unit: "code",
    sentence: "Burrow's number for `status`; absent for the words that have none.",
  },
  burrow_status: {
    type: "keyword",
    unit: "none",
    sentence: "The verdict of Burrow's own rules (v1.9.5), of the last tick.",
  },
  burrow_status_code: { type: "integer", unit: "code", sentence: "Burrow's number for `burrow_status`." },
  reason: {
    type: "keyword",
    unit: "none",
    sentence:
      "Why `status` is warming, stale or unauthorised, or what is odd about the numbers; absent where all is plain.",
  },
  reason_seconds: {
    type: "number",
    unit: "seconds",
    sentence: "For how long nobody has known, where that is the reason.",
  },
} as const satisfies Record<string, Field>;

const timeLag = {
  lag_seconds: {
    type: "number",
    unit: "seconds",
    sentence:
      "Age of the oldest record not yet read; 0 where nothing is left, absent where only a lower bound is known.",
  },
  lag_seconds_lower: { type: "number", unit: "seconds", sentence: "It is at least this much." },
  lag_seconds_upper: {
    type: "number",
    unit: "seconds",
    sentence: "It is at most this much; absent where that is not known.",
  },
  lag_seconds_method: {
    type: "keyword",
    unit: "none",
    sentence:
      "What the bounds rest on: caught_up, watermarks (end offsets we saw), timestamps (what producers wrote), lower_bound.",
  },
} as const satisfies Record<string, Field>;

const lossSeconds = {
  type: "number",
  unit: "seconds",
  sentence:
    "The oldest record not yet read is not deleted before, if nothing more is read and production gets no faster; 0 where records are lost already, absent where nothing is left or that is not known.",
} as const satisfies Field;

const rates = {
  produced_per_second: {
    type: "number",
    unit: "records_per_second",
    sentence: "Records produced per second, over about the last minute.",
  },
  committed_per_second: {
    type: "number",
    unit: "records_per_second",
    sentence: "Offsets by which the committed offset moved per second, over about the last minute.",
  },
} as const satisfies Record<string, Field>;

/** What is said of a whole group at one tick. Dimensions: cluster, group. */
export const GROUP_FIELDS = {
  ...status,
  lag: {
    type: "integer",
    unit: "records",
    sentence: "Records not yet read, summed over the partitions whose lag is known.",
  },
  lag_max: { type: "integer", unit: "records", sentence: "The largest lag of one partition." },
  committed_offset: {
    type: "integer",
    unit: "offset",
    sentence: "The committed offsets of its partitions, summed; absent where the sum is not exact.",
  },
  ...timeLag,
  lost_records: {
    type: "integer",
    unit: "records",
    sentence: "Records deleted by retention before the group read them, summed.",
  },
  loss_seconds: {
    ...lossSeconds,
    sentence: `The least of its partitions of which it is known. ${lossSeconds.sentence}`,
  },
  partitions: { type: "integer", unit: "partitions", sentence: "Partitions the group commits to or owns." },
  partitions_bad: { type: "integer", unit: "partitions", sentence: "Partitions judged WARN, STOP, STALL or REWIND." },
  partitions_stale: { type: "integer", unit: "partitions", sentence: "Partitions whose broker is away or refuses us." },
  partitions_without_commit: {
    type: "integer",
    unit: "partitions",
    sentence: "Partitions for which the group has no committed offset.",
  },
  complete: { type: "number", unit: "ratio", sentence: "Share of partitions with a full window, as Burrow counts it." },
  members: { type: "integer", unit: "members", sentence: "Members of the group." },
  state: {
    type: "keyword",
    unit: "none",
    sentence: "The group's state as its coordinator names it, such as Stable or Empty.",
  },
  type: { type: "keyword", unit: "none", sentence: "The group's protocol: classic, consumer, share or streams." },
  generation: {
    type: "integer",
    unit: "generation",
    sentence: "Generation of a classic group, or epoch of a group of another type.",
  },
  rebalances: {
    type: "integer",
    unit: "rebalances",
    sentence:
      "Completed rebalances since the group is watched; two within seconds, as a cooperative one takes, are one.",
  },
  recent_rebalances: {
    type: "integer",
    unit: "rebalances",
    sentence: "Those completed in the last five minutes; three or more are a storm.",
  },
  ...rates,
  commit_age_seconds: { type: "number", unit: "seconds", sentence: "Time since the group's newest commit." },
  commit_age_seconds_upper: {
    type: "number",
    unit: "seconds",
    sentence:
      "Where commits are polled: it was made no longer ago than this; `commit_age_seconds` is the least that it can be.",
  },
  commit_times: {
    type: "keyword",
    unit: "none",
    sentence: "`inferred` where commits are polled, so that each is known to lie between two polls; else absent.",
  },
  commit_interval_seconds: {
    type: "number",
    unit: "seconds",
    sentence: "Time between two commits of a partition: the median of its window, and of the partitions the median.",
  },
  objective_seconds: {
    type: "number",
    unit: "seconds",
    sentence: "How far behind in time the group may be: the first of `objectives` whose pattern fits its name.",
  },
  objective_met: {
    type: "integer",
    unit: "none",
    sentence: "1 where `lag_seconds` is within the objective, 0 where it is not; absent where that is not known.",
  },
  pending_transaction_seconds: {
    type: "number",
    unit: "seconds",
    sentence: "Age of the oldest open transaction in which offsets of the group wait; absent where none waits.",
  },
} as const satisfies Record<string, Field>;

/** What is said of one topic of a group at one tick. Dimensions: cluster, group, topic. */
export const GROUP_TOPIC_FIELDS = {
  lag: GROUP_FIELDS.lag,
  lag_max: GROUP_FIELDS.lag_max,
  lag_seconds: {
    ...timeLag.lag_seconds,
    sentence: "Age of the oldest record not yet read, of the partition that is furthest behind.",
  },
  partitions: GROUP_FIELDS.partitions,
  partitions_bad: GROUP_FIELDS.partitions_bad,
  ...rates,
} as const satisfies Record<string, Field>;

/** What is said of one partition of a group at one tick. Dimensions: cluster, group, topic, partition. */
export const PARTITION_FIELDS = {
  ...status,
  lag: {
    type: "integer",
    unit: "records",
    sentence:
      "High watermark minus max(committed, log-start), never negative; of a share group as its coordinator counts.",
  },
  committed_offset: {
    type: "integer",
    unit: "offset",
    sentence: "The next offset the group will read, as it committed it.",
  },
  share_start_offset: {
    type: "integer",
    unit: "offset",
    sentence:
      "Of a share group, instead of a committed offset: the oldest record it may still be given. It trails behind what was read.",
  },
  end_offset: {
    type: "integer",
    unit: "offset",
    sentence: "The high watermark: one past the newest record a client may read.",
  },
  start_offset: { type: "integer", unit: "offset", sentence: "The oldest offset still in the log." },
  stable_offset: {
    type: "integer",
    unit: "offset",
    sentence:
      "The last stable offset, which readers of committed records cannot pass, where one transaction was open at two questions, 30 s apart; else absent.",
  },
  open_transaction_seconds: {
    type: "number",
    unit: "seconds",
    sentence: "For how long at least that transaction was open when it was last asked for.",
  },
  ...timeLag,
  lost_records: {
    type: "integer",
    unit: "records",
    sentence: "Log-start minus committed where retention overtook the group.",
  },
  loss_seconds: lossSeconds,
  committed_per_second: rates.committed_per_second,
  commit_age_seconds: { type: "number", unit: "seconds", sentence: "Time since the newest commit for this partition." },
  commit_age_seconds_upper: GROUP_FIELDS.commit_age_seconds_upper,
  complete: { type: "number", unit: "ratio", sentence: "How full the window is, from 0 to 1, as Burrow counts it." },
  owner: {
    type: "text",
    unit: "none",
    sentence:
      "Host of the member that owns the partition, as the coordinator writes it; of a share group one of several.",
  },
  client_id: { type: "text", unit: "none", sentence: "Client id of the member that owns the partition." },
} as const satisfies Record<string, Field>;

/** What is said of one partition of a topic at one tick. Dimensions: cluster, topic, partition. */
export const TOPIC_FIELDS = {
  end_offset: PARTITION_FIELDS.end_offset,
  start_offset: PARTITION_FIELDS.start_offset,
  stable_offset: PARTITION_FIELDS.stable_offset,
  open_transaction_seconds: PARTITION_FIELDS.open_transaction_seconds,
  produced_per_second: rates.produced_per_second,
} as const satisfies Record<string, Field>;

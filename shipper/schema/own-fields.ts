/**
 * # The fields of events and of the shipper's own state
 *
 * In the form of the collector's table, which knows nothing of spools and sinks. Names keep to its rule: one name, one type,
 * in every kind.
 */

import type { Field } from "../../collector/model/fields.ts";

/** What is said of one event. Dimensions: cluster, group, event, id; the first two are empty where it concerns none. */
export const EVENT_FIELDS = {
  text: { type: "text", unit: "none", sentence: "What happened, in a sentence." },
  tags: {
    type: "text",
    unit: "none",
    sentence: "Words to filter by, between commas: the event, its topic, its direction.",
  },
} as const satisfies Record<string, Field>;

const points = (sentence: string) => ({ type: "integer", unit: "points", sentence }) as const satisfies Field;
const answers = (sentence: string) => ({ type: "integer", unit: "answers", sentence }) as const satisfies Field;

/** Of one sink. points_in is the sum of the other seven, always. */
const SINK_FIELDS = {
  points_in: points("Points taken into the spool since this sink is configured."),
  points_stored: points("Of them, those the sink has stored."),
  points_duplicate: points("Of them, those the sink had already."),
  points_filtered: points("Of them, those the sink is not to get."),
  points_rejected: points("Of them, those the sink refused for good: dead letters."),
  points_dropped: points("Of them, those that left a full spool before the sink took them."),
  points_quarantined: points("Of them, those in rows of the spool that were damaged or missing."),
  points_spooled: points("Of them, those that wait in the spool."),
  answers_written: answers("Answers since the start that settled points."),
  answers_split: answers("Answers since the start that asked for less at once."),
  answers_kept: answers("Answers since the start that settled nothing: away, or too busy."),
  answers_held: answers("Answers since the start that refuse us: a person is needed."),
  sink_state: {
    type: "keyword",
    unit: "none",
    sentence: "What the last answer says of the sink: up, unreachable, held.",
  },
  dead_letters: points("Dead letters that are kept for this sink."),
  dead_letters_dropped: points("Dead letters that left because of the cap on their bytes, or their age."),
} as const satisfies Record<string, Field>;

/** Of the source and the spool: the row whose sink is empty. */
const SOURCE_FIELDS = {
  source_up: { type: "integer", unit: "none", sentence: "1 where a tick came with this heartbeat, 0 where none came." },
  groups: { type: "integer", unit: "groups", sentence: "Groups in the tick." },
  ticks: { type: "integer", unit: "ticks", sentence: "Ticks taken into the spool since the start." },
  ticks_gone: { type: "integer", unit: "ticks", sentence: "Ticks that had left the feed before they were read." },
  ticks_skipped: {
    type: "integer",
    unit: "ticks",
    sentence: "Ticks the collector came too late for since its start, where it runs in this process.",
  },
  lateness_seconds: {
    type: "number",
    unit: "seconds",
    sentence: "From the grid time of the newest tick to when the heartbeat was made.",
  },
  tick_seconds: {
    type: "number",
    unit: "seconds",
    sentence: "What the collector's last tick took, where it runs in this process.",
  },
  uptime_seconds: { type: "number", unit: "seconds", sentence: "Since this shipper's start." },
  spool_bytes: { type: "integer", unit: "bytes", sentence: "Disk that the spool's file takes." },
  spool_oldest_age_seconds: {
    type: "number",
    unit: "seconds",
    sentence: "Age of the oldest point in the spool; absent where it is empty.",
  },
  spool_rows_damaged: { type: "integer", unit: "none", sentence: "Rows of the spool that were found damaged." },
  points_too_large: points("Points that no row of the spool can hold."),
  events_dropped: {
    type: "integer",
    unit: "events",
    sentence: "Events since the start that one tick had too many of.",
  },
} as const satisfies Record<string, Field>;

/** The heartbeat of one shipper. Dimensions: instance, sink. */
export const SELF_FIELDS = { ...SINK_FIELDS, ...SOURCE_FIELDS } as const;

/**
 * # A line of a trace
 *
 *     trace  := header line*                        NDJSON; a header may come again, where files were joined
 *     header := {"trace": 1, "cluster", "interval_ms", "log_partitions"?}
 *     line   := {"t", ...}                          t: epoch ms of the collector's clock, never going back
 *
 * What each kind says, and how it is judged, is in docs/trace.md. Which members are there tells the kind; names are any
 * strings, offsets are JSON numbers within ±(2^53-1). Schemas here know all members of the form, also those that nothing judges
 * yet; what is beyond them is counted and left out.
 */

import { z } from "zod";

export const LOG_PARTITIONS_DEFAULT = 50;
const LOG_PARTITIONS_MAX = 10_000;
/** More than any cluster has in all: what is counted up to a number of a file must end. */
const PARTITIONS_MAX = 1_000_000;
/** Windows keep whole seconds in 32 bits: until the year 2106. */
const T_MS_MAX = (2 ** 32 - 1) * 1_000;
const INTERVAL_MS_MIN = 100;
const INTERVAL_MS_MAX = 86_400_000;

const t = z.int().min(0).max(T_MS_MAX);
const partition = z
  .int()
  .min(0)
  .max(PARTITIONS_MAX - 1);
const offset = z.int().min(0);
const order = z.int().min(0);
const groupPartition = { t, group: z.string(), topic: z.string(), partition };

const member = z.object({
  id: z.string(),
  client: z.string(),
  host: z.string(),
  partitions: z.array(z.tuple([z.string(), partition])),
});

/** A schema for each kind of line. */
export const LINES = {
  header: z.object({
    trace: z.literal(1),
    cluster: z.string(),
    interval_ms: z.int().min(INTERVAL_MS_MIN).max(INTERVAL_MS_MAX),
    log_partitions: z.int().min(1).max(LOG_PARTITIONS_MAX).optional(),
  }),
  /** A partition's leader has answered. */
  watermark: z.object({
    t,
    topic: z.string(),
    partition,
    end: offset,
    start: offset.optional(),
    stable: offset.optional(),
    leader: z.int().optional(),
  }),
  /** It has not. */
  "no-answer": z.object({ t, topic: z.string(), partition, unavailable: z.string() }),
  /** A record of the offsets topic. */
  commit: z.object({ ...groupPartition, commit: z.int(), at: z.int(), order }),
  /** An answer of OffsetFetch: all that the group has committed, since when is not known. */
  offsets: z.object({ t, group: z.string(), offsets: z.array(z.tuple([z.string(), partition, z.int()])) }),
  tombstone: z.object({ ...groupPartition, commit: z.null(), order }),
  group: z.object({
    t,
    group: z.string(),
    state: z.string(),
    type: z.string().optional(),
    protocol: z.string().optional(),
    generation: z.int().optional(),
    members: z.array(member).optional(),
  }),
  /** The record of a classic group's metadata was removed: deleted, or turned into a group of another protocol. */
  "group-tombstone": z.object({ t, group: z.string(), state: z.null(), order }),
  topic: z.object({
    t,
    topic: z.string(),
    id: z.string().optional(),
    partitions: z.int().min(0).max(PARTITIONS_MAX),
    retention_ms: z.int().optional(),
    retention_bytes: z.int().optional(),
    segment_bytes: z.int().positive().optional(),
    cleanup: z.string().optional(),
  }),
  /** A partition of the offsets topic: why it does not answer, or, without a reason, that it does again. */
  log: z.object({
    t,
    log: z
      .int()
      .min(0)
      .max(LOG_PARTITIONS_MAX - 1),
    unavailable: z.string().optional(),
  }),
  deploy: z.object({ t, group: z.string(), deploy: z.string() }),
  /** A label for scoring: no part of what is judged, so nothing here looks into it. */
  truth: z.object({ t, truth: z.unknown() }),
} as const;

export type LineKind = keyof typeof LINES;

/** A line of one kind, as it is written. */
export type LineOf<Kind extends LineKind> = Readonly<z.output<(typeof LINES)[Kind]>>;

export type TraceHeader = LineOf<"header">;

/** Any line, with its kind beside it. */
export type TraceLine = { readonly [Kind in LineKind]: { readonly kind: Kind; readonly line: LineOf<Kind> } }[LineKind];

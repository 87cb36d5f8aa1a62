/**
 * # A point as Telegraf's burrow input wrote it
 *
 *     line := "burrow_group"     cluster, group, host?                            lag, offset, partition_count, status, status_code, timestamp, total_lag
 *           | "burrow_partition" cluster, group, host?, owner?, partition, topic  lag, offset, owner_id?, status, status_code, timestamp
 *           | "burrow_topic"     cluster, host?, partition, topic                 offset
 *
 * Names, tags, types and order are those of plugins/inputs/burrow of influxdata/telegraf. Its `lag` of a group is the largest of
 * one partition, its `offset` the committed one, its `timestamp` the time of the newest commit in ms. The status is the
 * verdict of Burrow's own rules; what those do not know Burrow answers with 404, and Telegraf wrote no point. Where it wrote
 * 0 for what it could not know the field is absent here; REWIND, which it did not know either, has a number of its own: the worst.
 *
 * The line is one of InfluxDB's line protocol; telegraf-document.ts makes a document of the same. PURE.
 */

import type { Point, PointOf } from "../schema/point.ts";
import { fieldValue, tagValue } from "./line-protocol.ts";

export interface TelegrafOptions {
  /** Of the tag of that name; undefined: no such tag. */
  readonly host: string | undefined;
  /** As a tag it begins a new series with each rebalance; a field is named `owner_id`, since a name is one or the other. */
  readonly owner: "tag" | "field" | "drop";
  /** The number of REWIND: one that a rule on the worst sees, or the 0 of Telegraf. */
  readonly rewindStatusCode: 7 | 0;
}

/** Undefined where Telegraf wrote nothing of it. */
export function telegrafLineOf(point: Point, options: TelegrafOptions): string | undefined {
  const measured = measuredOf(point, options);
  if (measured === undefined) return undefined;
  const { measurement, tags, fields } = measured;
  let line = measurement;
  for (const [name, value] of tags) if (value !== undefined) line += `,${name}=${tagValue(value)}`;
  let separator = " ";
  for (const [name, value] of fields) {
    if (value === undefined) continue;
    line += `${separator}${name}=${fieldValue(value, typeof value === "number" ? "integer" : "string")}`;
    separator = ",";
  }
  return separator === " " ? undefined : `${line} ${point.atMs}`;
}

type Entry = readonly [name: string, value: number | string | undefined];

/** Tags and fields by name, as Telegraf's serializer sorts them; what is undefined is not there. */
export interface Measured {
  readonly measurement: string;
  readonly tags: readonly Entry[];
  readonly fields: readonly Entry[];
}

/** Undefined where Telegraf wrote nothing of it. */
export function measuredOf(point: Point, options: TelegrafOptions): Measured | undefined {
  const { host, owner } = options;
  switch (point.kind) {
    case "group": {
      const { cluster, group } = point.dimensions;
      const fields = groupEntries(point, options);
      if (fields === undefined) return undefined;
      return { measurement: "burrow_group", tags: entries({ cluster, group, host }), fields };
    }
    case "partition": {
      const { cluster, group, topic, partition } = point.dimensions;
      // An empty tag cannot be said, and Telegraf left it out.
      const owned = point.fields.owner === "" ? undefined : point.fields.owner;
      const fields = partitionEntries(point, options, owner === "field" ? owned : undefined);
      if (fields === undefined) return undefined;
      const tags = entries({ cluster, group, host, owner: owner === "tag" ? owned : undefined, partition, topic });
      return { measurement: "burrow_partition", tags, fields };
    }
    case "topic": {
      const { cluster, topic, partition } = point.dimensions;
      const fields = entries({ offset: point.fields.end_offset });
      return { measurement: "burrow_topic", tags: entries({ cluster, host, partition, topic }), fields };
    }
    case "group_topic":
    case "event":
    case "self":
      return undefined;
  }
}

function entries(record: Readonly<Record<string, number | string | undefined>>): readonly Entry[] {
  return Object.entries(record);
}

function groupEntries({ fields, atMs }: PointOf<"group">, options: TelegrafOptions): readonly Entry[] | undefined {
  const { burrow_status: status, partitions, partitions_without_commit: bare = 0 } = fields;
  const code = telegrafCode(status, options);
  if (code === undefined) return undefined;
  return entries({
    lag: fields.lag_max,
    offset: fields.committed_offset,
    // Burrow lists those alone of which it has seen a commit.
    partition_count: partitions === undefined ? undefined : partitions - bare,
    status,
    status_code: code,
    timestamp: committedAtMs(atMs, fields.commit_age_seconds),
    total_lag: fields.lag,
  });
}

function partitionEntries(
  { fields, atMs }: PointOf<"partition">,
  options: TelegrafOptions,
  ownerId: string | undefined,
): readonly Entry[] | undefined {
  const { burrow_status: status, committed_offset: offset } = fields;
  const code = telegrafCode(status, options);
  if (code === undefined || offset === undefined) return undefined;
  return entries({
    lag: fields.lag,
    offset,
    owner_id: ownerId,
    status,
    status_code: code,
    timestamp: committedAtMs(atMs, fields.commit_age_seconds),
  });
}

const MS_PER_SECOND = 1_000;

/** The age was taken when the tick was read, a little after its grid time, so this is early by as much. */
function committedAtMs(atMs: number, ageSeconds: number | undefined): number | undefined {
  return ageSeconds === undefined ? undefined : Math.round(atMs - ageSeconds * MS_PER_SECOND);
}

/** Telegraf's numbers, which are not Burrow's own; it has none for REWIND, and wrote 0. */
const CODES: ReadonlyMap<string | undefined, number> = new Map([
  ["OK", 1],
  ["WARN", 3],
  ["ERR", 4],
  ["STOP", 5],
  ["STALL", 6],
]);

function telegrafCode(status: string | undefined, { rewindStatusCode }: TelegrafOptions): number | undefined {
  return status === "REWIND" ? rewindStatusCode : CODES.get(status);
}

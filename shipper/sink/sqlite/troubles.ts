/**
 * # Which partitions of a group were in trouble, and when
 *
 * Read from the points of partitions, whose key begins with the tick: a range is one stretch of the table. The newest
 * POINTS_READ_MAX points of it are looked at, whoever's they are, so that a long range of a large cluster stays quick.
 */

import type { DatabaseSync } from "node:sqlite";
import { PARTITION_TROUBLES } from "../../../collector/model/status.ts";
import type { GroupQuery, PartitionTrouble } from "../../schema/history.ts";
import { TROUBLES_MAX } from "../../schema/history.ts";

const POINTS_READ_MAX = 200_000;

export function openTroubles(db: DatabaseSync): (query: GroupQuery) => readonly PartitionTrouble[] {
  const words = PARTITION_TROUBLES.map((word) => `'${word}'`).join(", ");
  const statement =
    db.prepare(`SELECT topic, partition, word AS status, min(at) AS firstAtMs, max(at) AS lastAtMs, count(*) AS ticks
    FROM (SELECT slot_ms + offset_ms AS at, series, status FROM points_partition
      WHERE slot_ms BETWEEN :since AND :until ORDER BY slot_ms DESC LIMIT ${POINTS_READ_MAX})
    JOIN series ON series.id = series JOIN words ON words.id = status
    WHERE cluster = :cluster AND "group" = :group AND word IN (${words})
    GROUP BY series, status ORDER BY lastAtMs DESC, ticks DESC, topic, partition LIMIT ${TROUBLES_MAX}`);
  return ({ cluster, group, sinceMs, untilMs }) =>
    statement.all({ cluster, group, since: Math.floor(sinceMs), until: Math.floor(untilMs) }).map(troubleOf);
}

function troubleOf(row: Readonly<Record<string, unknown>>): PartitionTrouble {
  return {
    topic: String(row["topic"]),
    partition: Number(row["partition"]),
    status: String(row["status"]),
    firstAtMs: Number(row["firstAtMs"]),
    lastAtMs: Number(row["lastAtMs"]),
    ticks: Number(row["ticks"]),
  };
}

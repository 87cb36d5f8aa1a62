/**
 * # The two page queries
 *
 * SQLite groups into buckets (slots.ts), so that a hundred thousand points never become objects. The status of a bucket is
 * that of its newest point: time and status id are packed into one integer, whose maximum carries both (41 bits of epoch ms,
 * 20 bits of status).
 */

import type { DatabaseSync } from "node:sqlite";
import type {
  GroupHistory,
  GroupQuery,
  HistoryPoint,
  LagPoint,
  SparklinesQuery,
  TopicHistory,
} from "../../schema/history.ts";
import { TOPICS_MAX } from "../../schema/history.ts";
import { openHappened } from "./happened.ts";
import { AT, extentReader, SLOTS, spanOf } from "./slots.ts";
import { openTroubles } from "./troubles.ts";

export interface Reader {
  sparklines(query: SparklinesQuery): ReadonlyMap<string, readonly HistoryPoint[]>;
  group(query: GroupQuery): GroupHistory;
}

const STATUS_BITS = 20;
/** Series times slots that ranking a group's topics may look at; beyond, slots are sampled from the newest back. */
const RANKED_SLOTS_MAX = 100_000;

const LAG_BUCKETS = `${SLOTS} SELECT max${AT} AS at, max(lag) AS lag FROM slots CROSS JOIN points_group_topic
  ON slot_ms = slot AND series = :series WHERE ${AT} BETWEEN :since AND :until GROUP BY (${AT} - :since) / :bucket ORDER BY at`;
const STATUS = `max((${AT} << ${STATUS_BITS}) | coalesce(status, 0)) AS newest, max(lag) AS lag`;
const UNPACKED = `newest >> ${STATUS_BITS} AS at, (SELECT word FROM words WHERE id = newest & ${2 ** STATUS_BITS - 1}) AS status, lag`;

export function openReader(db: DatabaseSync): Reader {
  const sparklines = db.prepare(`SELECT (SELECT "group" FROM series WHERE id = series) AS name, ${UNPACKED} FROM (
    SELECT series, ${STATUS} FROM points_group
    WHERE slot_ms BETWEEN :oldest AND :newest AND series IN (SELECT id FROM series WHERE kind = 'group' AND cluster = :cluster)
      AND ${AT} BETWEEN :since AND :until
    GROUP BY series, (${AT} - :since) / :bucket) ORDER BY series, at`);
  const groupPoints = db.prepare(`SELECT ${UNPACKED} FROM (
    ${SLOTS} SELECT ${STATUS} FROM slots CROSS JOIN points_group ON slot_ms = slot AND series = :series
    WHERE ${AT} BETWEEN :since AND :until GROUP BY (${AT} - :since) / :bucket) ORDER BY at`);
  const seriesOfGroup = db.prepare(
    `SELECT id, topic FROM series WHERE kind = :kind AND cluster = :cluster AND "group" = :group`,
  );
  const lagMax = db.prepare(`${SLOTS} SELECT max(lag) AS lag FROM slots CROSS JOIN points_group_topic
    ON slot_ms = slot AND series = :series WHERE ${AT} BETWEEN :since AND :until`);
  const topicPoints = db.prepare(LAG_BUCKETS);
  const extent = extentReader(db);
  const troubles = openTroubles(db);
  const happened = openHappened(db);

  const topicsOf = (query: GroupQuery): Pick<GroupHistory, "topics" | "topicsLeftOut"> => {
    const span = spanOf(query, extent("group_topic"), "group_topic");
    if (span === undefined) return { topics: [], topicsLeftOut: 0 };
    const { cluster, group } = query;
    const series = seriesOfGroup.all({ kind: "group_topic", cluster, group });
    const { oldest, newest, since, until, step } = span;
    const slots = Number((newest - oldest) / step) + 1;
    const sampled = step * BigInt(Math.max(1, Math.ceil((series.length * slots) / RANKED_SLOTS_MAX)));
    const ranked = series
      .map(({ id, topic }) => {
        const lag = lagMax.get({ oldest, newest, since, until, step: sampled, series: Number(id) })?.["lag"];
        return { id: Number(id), topic: String(topic), lag: typeof lag === "number" ? lag : -1 };
      })
      .toSorted((a, b) => b.lag - a.lag || (a.topic < b.topic ? -1 : 1));
    const drawn = ranked
      .slice(0, TOPICS_MAX)
      .map(
        ({ id, topic }): TopicHistory => ({ topic, points: topicPoints.all({ ...span, series: id }).map(lagPointOf) }),
      );
    const topics = drawn.filter(({ points }) => points.length > 0);
    return { topics, topicsLeftOut: Math.max(0, ranked.length - TOPICS_MAX) };
  };

  return {
    sparklines: (query) => {
      const span = spanOf(query, extent("group"), "group");
      if (span === undefined) return new Map();
      const { step: _, ...range } = span;
      const rows = sparklines.all({ ...range, cluster: query.cluster });
      const byGroup = Map.groupBy(rows, (row) => String(row["name"]));
      return new Map([...byGroup].map(([group, points]) => [group, points.map(historyPointOf)]));
    },
    group: (query) => {
      const { cluster, group } = query;
      const series = seriesOfGroup.get({ kind: "group", cluster, group })?.["id"];
      const span = spanOf(query, extent("group"), "group");
      const points =
        series === undefined || span === undefined ? [] : groupPoints.all({ ...span, series: Number(series) });
      const events = happened(query, spanOf(query, extent("event"), "event"));
      return { points: points.map(historyPointOf), troubles: troubles(query), events, ...topicsOf(query) };
    },
  };
}

type Row = Readonly<Record<string, unknown>>;

function lagPointOf(row: Row): LagPoint {
  const lag = row["lag"];
  return { atMs: Number(row["at"]), ...(typeof lag === "number" ? { lag } : {}) };
}

function historyPointOf(row: Row): HistoryPoint {
  return { ...lagPointOf(row), status: typeof row["status"] === "string" ? row["status"] : "" };
}

/**
 * # What happened to a group, and when
 *
 * Read slot by slot, since a group's events lie together inside a slot: what happened to others is not looked at.
 */

import type { DatabaseSync } from "node:sqlite";
import type { GroupQuery, HistoryEvent } from "../../schema/history.ts";
import { EVENTS_MAX } from "../../schema/history.ts";
import type { Span } from "./slots.ts";
import { AT, SLOTS } from "./slots.ts";

export function openHappened(db: DatabaseSync): (query: GroupQuery, span: Span | undefined) => readonly HistoryEvent[] {
  const statement = db.prepare(`${SLOTS} SELECT at, event, (SELECT word FROM words WHERE id = text) AS text FROM (
      SELECT ${AT} AS at, event, id, text, row_number() OVER (PARTITION BY event ORDER BY ${AT} DESC, id) AS nth
      FROM slots CROSS JOIN points_event ON slot_ms = slot AND cluster = :cluster AND "group" = :group
      WHERE ${AT} BETWEEN :since AND :until)
    WHERE nth <= ${EVENTS_MAX} ORDER BY at DESC, event`);
  return ({ cluster, group }, span) => {
    if (span === undefined) return [];
    const { bucket: _, ...range } = span;
    return statement.all({ ...range, cluster, group }).map(eventOf);
  };
}

function eventOf(row: Readonly<Record<string, unknown>>): HistoryEvent {
  return { atMs: Number(row["at"]), event: String(row["event"]), text: String(row["text"]) };
}

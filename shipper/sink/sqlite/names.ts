/**
 * # Names kept once: series and words
 *
 * Ids are remembered in a bounded cache. `seen_day` says when a name was last written with a point; names older than the
 * oldest point are forgotten, since group, owner and client names churn.
 */

import type { DatabaseSync } from "node:sqlite";
import type { Kind } from "../../schema/kind.ts";
import { FIRST_WORDS } from "./layout.ts";

const CACHED_MAX = 300_000;
export const DAY_MS = 86_400_000;

export interface Names {
  /** The id of a series, made on first sight. */
  seriesId(series: SeriesName, day: number): number;
  wordId(word: string, day: number): number;
  /** Forgets names last seen before `day`. */
  forgetBefore(day: number): void;
  /** Ids may be those of a transaction that was undone. */
  clearCache(): void;
}

export interface SeriesName {
  readonly kind: Kind;
  readonly cluster: string;
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
}

interface Key {
  readonly key: string;
  readonly day: number;
}

interface Known {
  readonly id: number;
  readonly day: number;
}

export function openNames(db: DatabaseSync): Names {
  const seriesCache = new Map<string, Known>();
  const wordCache = new Map<string, Known>();
  const upsertSeries = db.prepare(`INSERT INTO series (kind, cluster, "group", topic, partition, seen_day)
    VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO UPDATE SET seen_day = max(seen_day, excluded.seen_day) RETURNING id`);
  const upsertWord = db.prepare(`INSERT INTO words (word, seen_day) VALUES (?, ?)
    ON CONFLICT DO UPDATE SET seen_day = max(seen_day, excluded.seen_day) RETURNING id`);
  const forgetSeries = db.prepare("DELETE FROM series WHERE seen_day < ?");
  const forgetWords = db.prepare(`DELETE FROM words WHERE seen_day < ? AND id > ${FIRST_WORDS.length}`);

  /** A hit costs no statement unless the day is newer than the one written. */
  const known = (cache: Map<string, Known>, { key, day }: Key, write: () => unknown): number => {
    const hit = cache.get(key);
    if (hit !== undefined && hit.day >= day) return hit.id;
    const id = Number(write());
    if (cache.size >= CACHED_MAX) cache.clear();
    cache.set(key, { id, day });
    return id;
  };

  const clearCache = (): void => {
    seriesCache.clear();
    wordCache.clear();
  };

  return {
    seriesId: ({ kind, cluster, group, topic, partition }, day) => {
      const key = JSON.stringify([kind, cluster, group, topic, partition]);
      return known(
        seriesCache,
        { key, day },
        () => upsertSeries.get(kind, cluster, group, topic, partition, day)?.["id"],
      );
    },
    wordId: (word, day) => known(wordCache, { key: word, day }, () => upsertWord.get(word, day)?.["id"]),
    forgetBefore: (day) => {
      forgetSeries.run(day);
      forgetWords.run(day);
      clearCache();
    },
    clearCache,
  };
}

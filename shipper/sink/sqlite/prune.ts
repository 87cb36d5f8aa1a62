/**
 * # What falls off the old end
 *
 * Points older than the retention, and the oldest ones while the file uses more than its cap. The unit is one slot of one
 * kind: a tick of partitions, ten minutes of a kind that is drawn. Each call removes at most SLICES_MAX of them, so that
 * a write is never held up for long; what is left over goes at the next one. The time is never later than the newest point's:
 * a wall clock that jumps ahead by years must not take all history with it.
 */

import type { DatabaseSync, StatementSync } from "node:sqlite";
import { KIND_NAMES, type Kind } from "../../schema/kind.ts";
import { SLOT_MS, tableOf } from "./layout.ts";
import type { Names } from "./names.ts";
import { DAY_MS } from "./names.ts";

export interface PruneLimits {
  readonly retentionMs: number;
  readonly bytesMax: number;
}

export interface Pruner {
  /** One round, in the caller's transaction; answers the points removed. */
  prune(nowMs: number): { readonly expired: number; readonly overCap: number };
  usedBytes(): number;
}

const SLICES_MAX = 20;
/** Pruned to this share of the cap, so that the next writes fit. */
const FILL_MAX = 0.95;

interface Oldest {
  readonly kind: Kind;
  readonly slotMs: number;
}

export function openPruner(db: DatabaseSync, names: Names, limits: PruneLimits): Pruner {
  const tables = KIND_NAMES.map((kind) => ({
    kind,
    oldest: db.prepare(`SELECT min(slot_ms) AS slot FROM ${tableOf(kind)}`),
    newest: db.prepare(`SELECT max(slot_ms) AS slot FROM ${tableOf(kind)}`),
    remove: db.prepare(`DELETE FROM ${tableOf(kind)} WHERE slot_ms = ?`),
  }));
  const pageBytes = pragma(db, "page_size");
  const usedBytes = (): number => (pragma(db, "page_count") - pragma(db, "freelist_count")) * pageBytes;
  let forgottenDay = 0;

  const oldestSlot = (): Oldest | undefined =>
    tables
      .flatMap(({ kind, oldest }) => {
        const slotMs = slotOf(oldest);
        return slotMs === undefined ? [] : [{ kind, slotMs }];
      })
      .toSorted((a, b) => a.slotMs + SLOT_MS[a.kind] - b.slotMs - SLOT_MS[b.kind])[0];

  const newestMs = (): number =>
    tables.reduce((newestMs, { kind, newest }) => {
      const slotMs = slotOf(newest);
      return slotMs === undefined ? newestMs : Math.max(newestMs, slotMs + SLOT_MS[kind]);
    }, Number.NEGATIVE_INFINITY);

  const remove = ({ kind, slotMs }: Oldest): number =>
    Number(tables.find((table) => table.kind === kind)?.remove.run(slotMs).changes ?? 0);

  return {
    usedBytes,
    prune: (nowMs) => {
      let [expired, overCap] = [0, 0];
      const cutoffMs = Math.min(nowMs, newestMs()) - limits.retentionMs;
      let oldest = oldestSlot();
      for (let slices = 0; slices < SLICES_MAX && oldest !== undefined; slices += 1) {
        const isExpired = oldest.slotMs + SLOT_MS[oldest.kind] <= cutoffMs;
        if (!isExpired && usedBytes() <= limits.bytesMax * FILL_MAX) break;
        const removed = remove(oldest);
        if (isExpired) expired += removed;
        else overCap += removed;
        oldest = oldestSlot();
      }
      const oldestDay = Math.floor((oldest?.slotMs ?? 0) / DAY_MS);
      if (oldestDay > forgottenDay) {
        names.forgetBefore(oldestDay);
        forgottenDay = oldestDay;
      }
      return { expired, overCap };
    },
  };
}

function slotOf(oldest: StatementSync): number | undefined {
  const slot = oldest.get()?.["slot"];
  return typeof slot === "number" ? slot : undefined;
}

export function pragma(db: DatabaseSync, name: string): number {
  const row = db.prepare(`PRAGMA ${name}`).get() ?? {};
  return Number(Object.values(row)[0]);
}

/**
 * # What a shipper would have said of itself
 *
 * Recorded ticks have no shipper beside them, so that its heartbeats are scripted, by the encoder of the real ones: two sinks, one of which
 * was away for a while, refused a few points, and worked off what had waited.
 */

import { selfPoints } from "../../../shipper/encode/self.ts";
import type { Point } from "../../../shipper/schema/point.ts";

const MINUTE_MS = 60_000;
const AWAY_FROM_MS = 42 * MINUTE_MS;
const AWAY_UNTIL_MS = 31 * MINUTE_MS;
const CATCH_UP_POINTS = 2_000;
const BYTES_PER_POINT = 60;
const SPOOL_BYTES_LEAST = 2_097_152;
const REFUSED = 3;
const KEPT_EVERY_TICKS = 3;

export interface Beats {
  /** Of the tick of this time, which brought so many points. */
  beat(atMs: number, tick: { readonly points: number; readonly groups: number }): readonly Point[];
}

export function createBeats({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): Beats {
  let ticks = 0;
  let pointsIn = 0;
  let waiting = 0;
  let refused = 0;
  let kept = 0;
  return {
    beat: (atMs, { points, groups }) => {
      ticks += 1;
      pointsIn += points;
      const isAway = atMs >= toMs - AWAY_FROM_MS && atMs < toMs - AWAY_UNTIL_MS;
      if (isAway && ticks % KEPT_EVERY_TICKS === 0) kept += 1;
      waiting = isAway ? waiting + points : Math.max(points, waiting + points - CATCH_UP_POINTS);
      if (atMs >= toMs - AWAY_UNTIL_MS) refused = REFUSED;
      const other = { sink_state: "up", answers_split: 0, answers_held: 0, dead_letters_dropped: 0 } as const;
      const account = { points_in: pointsIn, points_duplicate: 0, points_filtered: 0, points_dropped: 0 };
      const oldest = waiting > points ? { spool_oldest_age_seconds: (waiting / points) * 10 } : {};
      return selfPoints(atMs, {
        instance: "shipper-1",
        source: {
          source_up: 1,
          groups,
          ticks,
          ticks_gone: 0,
          ticks_skipped: 0,
          lateness_seconds: 0.4 + (ticks % 7) / 10,
          tick_seconds: 0.02 + (ticks % 5) / 1_000,
          uptime_seconds: (atMs - fromMs) / 1_000,
          spool_bytes: SPOOL_BYTES_LEAST + waiting * BYTES_PER_POINT,
          spool_rows_damaged: 0,
          points_too_large: 0,
          events_dropped: 0,
          ...oldest,
        },
        sinks: new Map([
          [
            "es",
            {
              ...account,
              ...other,
              sink_state: isAway ? "unreachable" : "up",
              points_stored: pointsIn - waiting - refused,
              points_rejected: refused,
              points_quarantined: 0,
              points_spooled: waiting,
              answers_written: ticks - kept,
              answers_kept: kept,
              dead_letters: refused,
            },
          ],
          [
            "influx",
            {
              ...account,
              ...other,
              points_stored: pointsIn - points,
              points_rejected: 0,
              points_quarantined: 0,
              points_spooled: points,
              answers_written: ticks,
              answers_kept: 0,
              dead_letters: 0,
            },
          ],
        ]),
      });
    },
  };
}

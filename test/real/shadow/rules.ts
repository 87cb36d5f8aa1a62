/**
 * # Burrow's own windows, judged by our rules
 *
 * What differs between two observers of one cluster is when each of them looked. So Burrow's verdict is also held against ours on the
 * very window that it shows; what it does not show is which end offsets it keeps, and those can only turn a STOP away.
 */

import { judgeWindow } from "../../../collector/evaluate/burrow.ts";
import type { BurrowPartitionStatus } from "../../../collector/model/status.ts";
import type { PartitionVerdict } from "./verdicts.ts";

const MS_PER_SECOND = 1_000;
/** A verdict is kept for a second, and the answer takes some time. */
const AGES_S = [0, 1, 2, 3];

/** Every verdict that our rules can give on this window at this time. */
export function possibleVerdicts(
  { window, currentLag }: Pick<PartitionVerdict, "window" | "currentLag">,
  nowMs: number,
): ReadonlySet<BurrowPartitionStatus> {
  const last = window.at(-1);
  if (last === undefined) return new Set(["OK"]);
  const columns = {
    length: window.length,
    offsets: Float64Array.from(window, ({ offset }) => offset),
    orders: Float64Array.from(window, (_, i) => i),
    timestampsMs: Float64Array.from(window, ({ timestamp }) => timestamp),
    observedAtS: new Float64Array(window.length),
    lags: Float64Array.from(window, ({ lag }) => lag ?? Number.NaN),
  };
  const never = { length: 0, offsets: new Float64Array(0) };
  const atEnd = { length: 1, offsets: Float64Array.of(last.offset) };
  const verdicts = AGES_S.flatMap((ageS) =>
    [never, atEnd].map((broker) => {
      const nowS = Math.floor(nowMs / MS_PER_SECOND) - ageS;
      return judgeWindow({ window: columns, broker, currentLag, nowS, allowedLag: 0 });
    }),
  );
  return new Set(verdicts);
}

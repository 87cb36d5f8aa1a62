/** # Data loss near: when unread records are close to being deleted */

import type { GroupSummary } from "./evaluation.ts";

/** Of the time from a record's append to its deletion, this share has passed: a fifth is left to react. */
const SHARE_PASSED_MIN = 0.8;

/**
 * The oldest unread record has used four fifths of the time it had before it may be deleted. What keeps up with a short retention
 * is not near, however few seconds are left.
 */
export function isDataLossNear({
  loss_seconds: lossSeconds,
  lag_seconds_upper: ageSeconds,
}: Pick<GroupSummary, "loss_seconds" | "lag_seconds_upper">): boolean {
  if (lossSeconds === undefined || ageSeconds === undefined) return lossSeconds === 0;
  return lossSeconds === 0 || ageSeconds / (ageSeconds + lossSeconds) >= SHARE_PASSED_MIN;
}

/** # What /healthz says of a wall clock that is not followed */

/** Nothing where it is. */
export function clockRemarks(heldBackMs: number): readonly string[] {
  if (heldBackMs === 0) return [];
  const seconds = Math.round(heldBackMs / MS_PER_SECOND);
  return [`the wall clock is ${seconds} s ahead of the time that has passed: it is followed once that stays so`];
}

const MS_PER_SECOND = 1_000;

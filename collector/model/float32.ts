/**
 * The double with the fewest digits that is the same float32: 0.33333334 for a third. Burrow keeps `complete` as float32 and
 * Go prints it so; written as a double it would read 0.3333333432674408.
 */
export function shortestFloat32(value: number): number {
  if (value === 0 || value === 1) return value;
  for (let digits = 1; digits < FLOAT32_DIGITS_MAX; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === Math.fround(value)) return candidate;
  }
  return value;
}

const FLOAT32_DIGITS_MAX = 9;

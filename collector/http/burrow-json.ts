/**
 * # JSON as Go's encoder writes it
 *
 * `<`, `>`, `&` and the two line separators of Unicode as escapes (encoding/json, HTML escaping on), float32 in its shortest
 * form: what a client of Burrow compares byte by byte stays the same.
 */

const ESCAPES: Readonly<Record<string, string>> = {
  "<": "\\u003c",
  ">": "\\u003e",
  "&": "\\u0026",
  "\u2028": "\\u2028",
  "\u2029": "\\u2029",
};

export function burrowJson(value: unknown): string {
  return JSON.stringify(value).replace(/[<>&\u2028\u2029]/g, (character) => ESCAPES[character] ?? character);
}

const FLOAT32_DIGITS_MAX = 9;

/** The double with the fewest digits that is this float32: 0.33333334 for a third. */
export function shortestFloat32(value: number): number {
  for (let digits = 1; digits < FLOAT32_DIGITS_MAX; digits += 1) {
    const candidate = Number(value.toPrecision(digits));
    if (Math.fround(candidate) === Math.fround(value)) return candidate;
  }
  return value;
}

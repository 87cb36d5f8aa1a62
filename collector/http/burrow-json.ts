/**
 * # JSON as Go's encoder writes it
 *
 * `<`, `>`, `&` and the two line separators of Unicode as escapes (encoding/json, HTML escaping on), float32 in its
 * shortest form (collector/model/float32.ts): what a client of Burrow compares byte by byte stays the same.
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

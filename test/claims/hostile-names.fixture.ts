/** Names that break what does not encode, integers of every size, and the readers that undo what stores and links do to names. */

import assert from "node:assert/strict";
import type { Random } from "../../simulator/world/random.ts";

const PIECES: readonly string[] = [
  ..."\0\x01\b\t\n\v\f\r\x1b\x7f\x85\u00a0\u2028\u2029\u200b\u202e\ufeff\ufffd\uffff",
  ...["\ud800", "\udfff", "🌊", "👩‍👩‍👧", "e\u0301", "é", "ß", "İ"],
  ...[
    " ",
    ",",
    "=",
    "\\",
    "\\n",
    "\\\\",
    '"',
    '\\"',
    "'",
    "`",
    "/",
    "//",
    "?",
    "#",
    "&",
    ";",
    "+",
    "%",
    "%2F",
    "%25",
    "%u0041",
  ],
  ...[
    "~",
    "*",
    "|",
    "<",
    ">",
    "<script>",
    "&amp;",
    "{",
    "}",
    "[",
    "]",
    "$",
    "$(x)",
    "--",
    "/*",
    ");",
    "' OR 1=1",
    "NULL",
  ],
  ...[
    "_esc_:",
    "_none_",
    "__proto__",
    "constructor",
    "toString",
    ".",
    "..",
    "0",
    "a",
    "b",
    "Z",
    "i",
    "1i",
    "1e5",
    "true",
  ],
];

const LONG: readonly number[] = [249, 511, 512, 513, 700, 32_000];

/** Distinct; the odd ones are there from the start. */
export function distinctNames(count: number, random: Random): readonly string[] {
  const names = new Set(["", ".", "..", "__proto__", "_none_", "_esc_:", "\ud800"]);
  while (names.size < count) {
    const piece = () => PIECES[Math.floor(random() * PIECES.length)] ?? "";
    const length = 1 + Math.floor(random() * 8);
    const name = Array.from({ length }, random() < 0.1 ? () => String.fromCharCode(random() * 65_536) : piece).join("");
    const isLong = random() < 0.005;
    names.add(isLong ? name.padEnd(LONG[Math.floor(random() * LONG.length)] ?? 0, piece() || "x") : name);
  }
  return [...names].slice(0, count);
}

/** Of any number of bits, and the ends of the range. */
export function integerOf(random: Random): number {
  const sign = random() < 0.5 ? -1 : 1;
  const size = Math.floor(random() * 54);
  const value = random() < 0.02 ? Number.MAX_SAFE_INTEGER : Math.floor(random() * 2 ** size);
  return value === 0 ? 0 : sign * value;
}

/**
 * The name that a store's text stands for, by the grammar of stored names. A hash cannot be undone: there it is enough that no
 * two names have it.
 */
export function nameOfStored(stored: string, written: string, hashed: Map<string, string>): string {
  if (stored === "_none_") return "";
  const text = stored.startsWith("_esc_:") ? stored.slice("_esc_:".length) : undefined;
  if (text === undefined) return stored;
  if (!/~[\w-]{22}$/.test(text)) return unescaped(text);
  assert.equal(hashed.get(stored) ?? written, written, "two names became one");
  hashed.set(stored, written);
  return written;
}

function unescaped(text: string): string {
  return text
    .split(/(%u[0-9A-F]{4})/)
    .map((part) =>
      /^%u[0-9A-F]{4}$/.test(part) ? String.fromCharCode(Number.parseInt(part.slice(2), 16)) : bytesOf(part),
    )
    .join("");
}

/** RFC 3986, 2.1: each %XX is a byte of UTF-8. */
function bytesOf(text: string): string {
  const bytes: number[] = [];
  for (let at = 0; at < text.length; ) {
    if (text[at] === "%") {
      assert.match(text.slice(at, at + 3), /^%[0-9A-F]{2}$/);
      bytes.push(Number.parseInt(text.slice(at + 1, at + 3), 16));
      at += 3;
      continue;
    }
    const character = String.fromCodePoint(text.codePointAt(at) ?? 0);
    bytes.push(...Buffer.from(character));
    at += character.length;
  }
  return Buffer.from(bytes).toString();
}

/** The group that a link of the page names, as a browser sends it. */
export function nameOfUrl(pathname: string, search: string): string {
  const path = /^\/groups\/c\/([^/]+)$/.exec(pathname);
  if (path !== null) {
    assert.equal(search, "");
    return bytesOf(path[1] ?? "");
  }
  const query = /^\?cluster=c&group=([^&]*)$/.exec(search);
  assert.equal(pathname, "/groups");
  return bytesOf((query?.[1] ?? "no group").replaceAll("+", "%20"));
}

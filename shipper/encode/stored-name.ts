/**
 * # Names and texts as Elasticsearch and InfluxDB keep them
 *
 *     stored := name                            as nearly every name is
 *             | "_none_"                        the empty name
 *             | "_esc_:" escaped                a name with what a store may refuse, change, or take for its own signs
 *             | "_esc_:" start "~" hash         a name of more than NAME_BYTES_MAX bytes
 *     escaped := the name with "%XX" per byte (UTF-8) of what is refused, of "%" itself, and "%uXXXX" for half a surrogate pair
 *
 * Distinct names stay distinct, in both stores alike: what looks like one of the four forms is escaped itself. Refused
 * are control characters and line ends (a line of InfluxDB ends there), the backslash (it may stand before a separator) and
 * half a surrogate pair (UTF-8 has none, so two such names would become one).
 */

import { shortHash } from "./sha256.ts";

/** InfluxDB takes 64 KiB; Elasticsearch before 8.14 no more than this in a dimension. */
export const NAME_BYTES_MAX = 512;
const START_CHARS = 128;
const PLAIN_ASCII = /^[\x20-\x5b\x5d-\x7e]{1,512}$/;
/** Control characters of ASCII and of Latin-1, the two line ends of Unicode, backslash, lone surrogates. */
const REFUSED = /[\p{Cc}\u2028\u2029\\]|\p{Cs}/u;
const ESCAPED = /[\p{Cc}\u2028\u2029\\%]|\p{Cs}/gu;
const NONE = "_none_";
const MARK = "_esc_:";

export function storedName(name: string): string {
  if (name === "") return NONE;
  if (looksLikeOurs(name)) return escaped(name);
  if (PLAIN_ASCII.test(name)) return name;
  return REFUSED.test(name) || Buffer.byteLength(name) > NAME_BYTES_MAX ? escaped(name) : name;
}

/** The text of a field: as a name, but nothing is lost by leaving it empty. */
export function storedText(text: string): string {
  return text === "" ? text : storedName(text);
}

function looksLikeOurs(name: string): boolean {
  return name.charCodeAt(0) === UNDERSCORE && (name === NONE || name.startsWith(MARK));
}

const UNDERSCORE = 0x5f;

function escaped(name: string): string {
  const text = `${MARK}${name.replace(ESCAPED, escapeOf)}`;
  if (Buffer.byteLength(text) <= NAME_BYTES_MAX) return text;
  return `${wholeCharacters(text.slice(0, START_CHARS))}~${shortHash(name)}`;
}

function escapeOf(character: string): string {
  const code = character.charCodeAt(0);
  if (code >= FIRST_SURROGATE && code <= LAST_SURROGATE) return `%u${code.toString(16).toUpperCase()}`;
  return [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, "0")}`).join("");
}

const FIRST_SURROGATE = 0xd800;
const LAST_SURROGATE = 0xdfff;

/** A cut may leave half a pair at the end. */
function wholeCharacters(text: string): string {
  return text.isWellFormed() ? text : text.slice(0, -1);
}

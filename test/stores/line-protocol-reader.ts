/**
 * # A reader of InfluxDB's line protocol, written from its description
 *
 *     line  := measurement ("," key "=" value)* " " field ("," field)* [" " time]
 *     field := key "=" (integer "i" | float | boolean | '"' text '"')
 *
 * A backslash takes the meaning from `,`, `=` and blank outside of a text, and from `"` and `\` inside; before anything else
 * it is itself. It shares nothing with the encoder, so that one mistake is not made twice.
 */

export interface Line {
  readonly measurement: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly fields: ReadonlyMap<string, FieldValue>;
  /** As written. */
  readonly time: string | undefined;
}

export type FieldValue =
  | { readonly type: "integer"; readonly value: bigint }
  | { readonly type: "float"; readonly value: number }
  | { readonly type: "boolean"; readonly value: boolean }
  | { readonly type: "string"; readonly value: string };

export class LineError extends Error {
  constructor(line: string, problem: string) {
    super(`unable to parse '${line}': ${problem}`);
    this.name = "LineError";
  }
}

/** The lines of a body. A line end inside a text belongs to it; a quote begins a text only behind the first blank. */
export function splitLines(body: string): readonly string[] {
  const lines: string[] = [];
  let [from, inFields, quoted] = [0, false, false];
  for (let at = 0; at < body.length; at += 1) {
    const character = body[at];
    if (character === "\\") at += 1;
    else if (character === " ") inFields = true;
    else if (character === '"' && inFields) quoted = !quoted;
    else if (character === "\n" && !quoted) {
      lines.push(body.slice(from, at));
      [from, inFields] = [at + 1, false];
    }
  }
  lines.push(body.slice(from));
  return lines.filter((line) => line.trim() !== "");
}

/** Throws LineError. */
export function readLine(line: string): Line {
  const cursor = { line, at: 0 };
  const measurement = word(cursor, ", ");
  if (measurement === "") throw new LineError(line, "missing measurement");
  const tags = new Map<string, string>();
  while (line[cursor.at] === ",") {
    cursor.at += 1;
    const key = word(cursor, "=, ");
    if (line[cursor.at] !== "=") throw new LineError(line, "missing tag value");
    cursor.at += 1;
    const value = word(cursor, ",= ");
    if (value === "") throw new LineError(line, "missing tag value");
    if (tags.has(key)) throw new LineError(line, "duplicate tags");
    tags.set(key, value);
  }
  if (line[cursor.at] !== " ") throw new LineError(line, "missing fields");
  const fields = new Map<string, FieldValue>();
  do {
    cursor.at += 1;
    const key = word(cursor, "=, ");
    if (line[cursor.at] !== "=") throw new LineError(line, "missing field value");
    cursor.at += 1;
    fields.set(key, value(cursor));
  } while (line[cursor.at] === ",");
  const rest = line.slice(cursor.at).trim();
  if (rest !== "" && !/^-?\d+$/.test(rest)) throw new LineError(line, "bad timestamp");
  return { measurement, tags, fields, time: rest === "" ? undefined : rest };
}

interface Cursor {
  readonly line: string;
  at: number;
}

/** Up to the first of `ends` that has no backslash before it. */
function word(cursor: Cursor, ends: string): string {
  let text = "";
  for (; cursor.at < cursor.line.length; cursor.at += 1) {
    const character = cursor.line[cursor.at] ?? "";
    if (character === "\\" && ", =".includes(cursor.line[cursor.at + 1] ?? "?")) {
      cursor.at += 1;
      text += cursor.line[cursor.at] ?? "";
    } else if (ends.includes(character)) return text;
    else text += character;
  }
  return text;
}

function value(cursor: Cursor): FieldValue {
  const { line } = cursor;
  if (line[cursor.at] === '"') return quotedText(cursor);
  const text = word(cursor, ", ");
  if (/^-?\d+i$/.test(text)) {
    const integer = BigInt(text.slice(0, -1));
    if (BigInt.asIntN(64, integer) !== integer) throw new LineError(line, "value out of range");
    return { type: "integer", value: integer };
  }
  if (/^(t|f|true|false)$/i.test(text)) return { type: "boolean", value: /^t/i.test(text) };
  if (/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return { type: "float", value: Number(text) };
  throw new LineError(line, "invalid number");
}

function quotedText(cursor: Cursor): FieldValue {
  let text = "";
  for (cursor.at += 1; cursor.at < cursor.line.length; cursor.at += 1) {
    const character = cursor.line[cursor.at] ?? "";
    const next = cursor.line[cursor.at + 1] ?? "";
    if (character === "\\" && (next === '"' || next === "\\")) {
      cursor.at += 1;
      text += next;
    } else if (character === '"') {
      cursor.at += 1;
      return { type: "string", value: text };
    } else text += character;
  }
  throw new LineError(cursor.line, "unbalanced quotes");
}

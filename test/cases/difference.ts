/**
 * # Where two values differ
 *
 * `want` comes from a case file, `got` from our code. Members that `want` does not name are not looked at. Exact integers stand
 * in the files as decimal strings and bytes as hex, and null there is undefined here.
 */

/** The first difference, as "what: want …, got …"; undefined where there is none. */
export function difference(what: string, want: unknown, got: unknown): string | undefined {
  if (want === null || want === undefined) return got === null || got === undefined ? undefined : say(what, want, got);
  if (Array.isArray(want)) return arrayDifference(what, want, got);
  if (typeof want === "object") return objectDifference(what, want, got);
  return Object.is(want, inFile(got, typeof want)) ? undefined : say(what, want, got);
}

function arrayDifference(what: string, want: readonly unknown[], got: unknown): string | undefined {
  if (!Array.isArray(got) || got.length !== want.length) return say(what, want, got);
  for (const [i, one] of want.entries()) {
    const found = difference(`${what}[${i}]`, one, got[i]);
    if (found !== undefined) return found;
  }
  return undefined;
}

function objectDifference(what: string, want: object, got: unknown): string | undefined {
  if (typeof got !== "object" || got === null) return say(what, want, got);
  const members = new Map<string, unknown>(Object.entries(got));
  for (const [member, one] of Object.entries(want)) {
    const found = difference(`${what}.${member}`, one, members.get(member));
    if (found !== undefined) return found;
  }
  return undefined;
}

/** `got` as the file would write it. */
function inFile(got: unknown, type: string): unknown {
  if (Buffer.isBuffer(got)) return got.toString("hex");
  if (type === "string" && (typeof got === "number" || typeof got === "bigint")) return String(got);
  if (type === "number" && typeof got === "bigint") return Number(got);
  return got;
}

function say(what: string, want: unknown, got: unknown): string {
  return `${what}: want ${print(want)}, got ${print(got)}`;
}

function print(value: unknown): string {
  if (value instanceof Error) return value.message;
  if (Buffer.isBuffer(value)) return value.toString("hex");
  return JSON.stringify(value, (_, one) => (typeof one === "bigint" ? String(one) : one)) ?? "nothing";
}

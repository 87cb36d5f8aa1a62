/** # JSON as the formatter of this repository writes it: what holds no object stands on one line where it fits */

const COLUMNS_MAX = 120;

/** `before` is what stands left of it on its line; `indent` is of that line. */
export function jsonText(value: unknown, indent = "", before = indent): string {
  if (typeof value !== "object" || value === null) return JSON.stringify(value);
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    const line = `[${value.map((one) => JSON.stringify(one)).join(", ")}]`;
    const isFlat = value.every((one) => typeof one !== "object" || one === null);
    // A comma may follow.
    if (value.length === 0 || (isFlat && before.length + line.length < COLUMNS_MAX)) return line;
    return `[\n${value.map((one) => `${inner}${jsonText(one, inner)}`).join(",\n")}\n${indent}]`;
  }
  const entries = Object.entries(value).filter(([, one]) => one !== undefined);
  if (entries.length === 0) return "{}";
  const lines = entries.map(([key, one]) => {
    const start = `${inner}${JSON.stringify(key)}: `;
    return `${start}${jsonText(one, inner, start)}`;
  });
  return `{\n${lines.join(",\n")}\n${indent}}`;
}

/**
 * # Prometheus text, read back
 *
 *   sample := name [ "{" label ("," label)* [","] "}" ] value [timestamp]
 *   label  := name "=" '"' ( any | "\\\\" | '\\"' | "\\n" )* '"'
 * Enough of the format to prove that a hostile label value comes back as it went in; comments are left out.
 */

export interface Sample {
  readonly name: string;
  readonly labels: ReadonlyMap<string, string>;
  readonly value: number;
}

const SAMPLE = /^(?<name>[a-zA-Z_:][\w:]*)(?:\{(?<labels>.*)\})? (?<value>\S+)(?: \d+)?$/;
const LABEL = /(?<name>[a-zA-Z_]\w*)="(?<value>(?:[^"\\]|\\.)*)"(?:,|$)/gy;

/** All samples; throws for a line that is none. */
export function parseExposition(text: string): readonly Sample[] {
  const lines = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
  return lines.map((line) => {
    const parts = SAMPLE.exec(line)?.groups;
    if (parts === undefined) throw new Error(`not a sample: ${line}`);
    const value = Number(parts["value"]?.replace(/^([+-]?)Inf$/, "$1Infinity"));
    return { name: parts["name"] ?? "", labels: parseLabels(parts["labels"] ?? ""), value };
  });
}

function parseLabels(text: string): ReadonlyMap<string, string> {
  const labels = new Map<string, string>();
  let end = 0;
  for (const match of text.matchAll(LABEL)) {
    end = match.index + match[0].length;
    labels.set(match.groups?.["name"] ?? "", unescaped(match.groups?.["value"] ?? ""));
  }
  if (end !== text.length) throw new Error(`not labels: ${text}`);
  return labels;
}

function unescaped(value: string): string {
  return value.replaceAll(/\\(.)/g, (_, character: string) => (character === "n" ? "\n" : character));
}

/**
 * # Prometheus text, read strictly
 *
 *     text   := family*
 *     family := "# HELP " name " " help "\n" "# TYPE " name " " type "\n" [ "# UNIT " name " " unit "\n" ] sample*
 *     sample := name [ "{" label ("," label)* "}" ] " " number "\n"       label := name "=" '"' escaped '"'
 *
 * Empty lines are passed over. Written from the format's description (text format 0.0.4), not from our writer: it takes
 * character by character what a scraper would, and throws where a family comes twice, a sample stands outside its family, or
 * a series occurs twice.
 *
 * OpenMetrics 1.0, from its own description: the same without empty lines and with "# EOF\n" as the end; a sample of a counter is
 * its family with `_total`, those of a histogram end with `_bucket`, `_sum` and `_count`, and a family ends with its unit.
 */

export interface ReadFamily {
  readonly help: string;
  readonly type: string;
  readonly unit?: string;
  readonly samples: readonly ReadSample[];
}

export interface ReadSample {
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NAME = /[a-zA-Z_:][a-zA-Z0-9_:]*/y;
/** In any case of letters, as Go's ParseFloat: the registry writes "Nan". */
const NUMBER = /[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf|nan)/iy;

export function readExposition(text: string): ReadonlyMap<string, ReadFamily> {
  if (text !== "" && !text.endsWith("\n")) throw new Error("the last line has no end");
  return readFamilies(text.split("\n").slice(0, -1), () => [""]);
}

const OPEN_METRICS_SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  gauge: [""],
  counter: ["_total"],
  histogram: ["_bucket", "_sum", "_count"],
};

export function readOpenMetrics(text: string): ReadonlyMap<string, ReadFamily> {
  if (!text.endsWith("# EOF\n")) throw new Error("no # EOF");
  const lines = text.split("\n").slice(0, -2);
  if (lines.includes("") || lines.includes("# EOF")) throw new Error("an empty line, or an end before the end");
  const families = readFamilies(lines, (type) => OPEN_METRICS_SUFFIXES[type] ?? []);
  for (const [name, { type, unit, help }] of families) {
    if (type === "counter" && name.endsWith("_total")) throw new Error(`the counter ${name} has its suffix already`);
    if (unit !== undefined && !name.endsWith(`_${unit}`)) throw new Error(`${name} does not end with ${unit}`);
    if (/(?<!\\)"/.test(help)) throw new Error(`the help of ${name} has a quote that is not escaped`);
  }
  return families;
}

function readFamilies(
  lines: readonly string[],
  suffixesOf: (type: string) => readonly string[],
): ReadonlyMap<string, ReadFamily> {
  const families = new Map<string, { help: string; type: string; unit?: string; samples: ReadSample[] }>();
  const series = new Set<string>();
  let name = "";
  let help = "";
  for (const line of lines) {
    const [mark, word, ofName = "", ...rest] = line.split(" ");
    if (line === "") continue;
    if (mark === "#" && word === "HELP") {
      if (families.has(ofName)) throw new Error(`family ${ofName} comes twice`);
      [name, help] = [ofName, rest.join(" ")];
    } else if (mark === "#" && word === "TYPE") {
      if (ofName !== name) throw new Error(`the type of ${ofName} stands in ${name}`);
      families.set(name, { help, type: rest.join(" "), samples: [] });
    } else if (mark === "#" && word === "UNIT") {
      const family = families.get(ofName);
      if (ofName !== name || family === undefined) throw new Error(`the unit of ${ofName} stands in ${name}`);
      family.unit = rest.join(" ");
    } else {
      const family = families.get(name);
      const suffixes = suffixesOf(family?.type ?? "");
      const { name: sampleName, ...sample } = readSample(
        line,
        suffixes.map((suffix) => `${name}${suffix}`),
      );
      const key = JSON.stringify([sampleName, Object.entries(sample.labels).toSorted()]);
      if (series.has(key)) throw new Error(`${key} occurs twice`);
      series.add(key);
      family?.samples.push(sample);
    }
  }
  return families;
}

function readSample(line: string, names: readonly string[]): ReadSample & { readonly name: string } {
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(line)?.[0];
    if (found === undefined) throw new Error(`at ${at}: ${line}`);
    at += found.length;
    return found;
  };
  const eat = (text: string): void => {
    if (!line.startsWith(text, at)) throw new Error(`no ${text} at ${at}: ${line}`);
    at += text.length;
  };
  const name = take(NAME);
  if (!names.includes(name)) throw new Error(`outside its family ${names}: ${line}`);
  const labels: [string, string][] = [];
  if (line[at] === "{") {
    eat("{");
    while (line[at] !== "}") {
      if (labels.length > 0) eat(",");
      const label = take(NAME);
      eat('="');
      let value = "";
      for (; line[at] !== '"'; at += 1) {
        if (at >= line.length) throw new Error(`a label without end: ${line}`);
        if (line[at] === "\\") {
          at += 1;
          const plain = { "\\": "\\", '"': '"', n: "\n" }[line[at] ?? ""];
          if (plain === undefined) throw new Error(`no such escape at ${at}: ${line}`);
          value += plain;
        } else value += line[at];
      }
      eat('"');
      labels.push([label, value]);
    }
    eat("}");
  }
  eat(" ");
  const value = Number(take(NUMBER).replace(/inf/i, "Infinity"));
  if (at !== line.length) throw new Error(`more than a sample: ${line}`);
  return { name, labels: Object.fromEntries(labels), value };
}

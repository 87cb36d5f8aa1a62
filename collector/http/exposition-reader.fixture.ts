/**
 * # Prometheus text, read strictly
 *
 *     text   := family*
 *     family := "# HELP " name " " help "\n" "# TYPE " name " " type "\n" sample*
 *     sample := name [ "{" label ("," label)* "}" ] " " number "\n"       label := name "=" '"' escaped '"'
 *
 * Empty lines are passed over. Written from the format's description (text format 0.0.4), not from our writer: it takes
 * character by character what a scraper would, and throws where a family comes twice, a sample stands outside its family, or
 * a series occurs twice.
 */

export interface ReadFamily {
  readonly help: string;
  readonly type: string;
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
  const families = new Map<string, { help: string; type: string; samples: ReadSample[] }>();
  const series = new Set<string>();
  let name = "";
  let help = "";
  for (const line of text.split("\n").slice(0, -1)) {
    const [mark, word, ofName = "", ...rest] = line.split(" ");
    if (line === "") continue;
    if (mark === "#" && word === "HELP") {
      if (families.has(ofName)) throw new Error(`family ${ofName} comes twice`);
      [name, help] = [ofName, rest.join(" ")];
    } else if (mark === "#" && word === "TYPE") {
      if (ofName !== name) throw new Error(`the type of ${ofName} stands in ${name}`);
      families.set(name, { help, type: rest.join(" "), samples: [] });
    } else {
      const sample = readSample(line, name);
      const key = JSON.stringify([name, Object.entries(sample.labels).toSorted()]);
      if (series.has(key)) throw new Error(`${key} occurs twice`);
      series.add(key);
      families.get(name)?.samples.push(sample);
    }
  }
  return families;
}

function readSample(line: string, family: string): ReadSample {
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
  if (take(NAME) !== family) throw new Error(`outside its family ${family}: ${line}`);
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
  return { labels: Object.fromEntries(labels), value };
}

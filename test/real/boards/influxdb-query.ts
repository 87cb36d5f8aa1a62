/** # A target of Grafana's InfluxDB data source, with its macros and variables filled in */

import type { Asking, Chosen, Drawn, Span } from "./board-files.ts";
import { INTERVAL_MS, labelOf } from "./board-files.ts";

interface Series {
  readonly tags?: Readonly<Record<string, string>>;
  readonly columns: readonly string[];
  readonly values: readonly (readonly (string | number | null)[])[];
}

const SPECIAL = /[\\^$*+?.()|[\]{}/]/g;

/** Grafana's format "regex" of one value; all is as it is. */
export function filledIn(query: string, chosen: Chosen, { fromMs, toMs }: Span): string {
  return query
    .replaceAll("$timeFilter", `time >= ${fromMs}ms and time <= ${toMs}ms`)
    .replaceAll("$__interval", `${INTERVAL_MS}ms`)
    .replaceAll(/\$\{(\w+):regex\}/g, (_, name: string) => chosen[name]?.replaceAll(SPECIAL, "\\$&") ?? ".*");
}

export async function seriesOf(url: string, query: string): Promise<readonly Series[]> {
  const parameters = new URLSearchParams({ db: "tidemark", epoch: "ms", q: query });
  const answer = (await (await fetch(`${url}/query?${parameters}`)).json()) as {
    readonly error?: string;
    readonly results?: readonly { readonly error?: string; readonly series?: readonly Series[] }[];
  };
  const [result] = answer.results ?? [];
  const error = answer.error ?? result?.error;
  if (error !== undefined) throw new Error(`${query}: InfluxDB answers ${error}`);
  return result?.series ?? [];
}

type Cell = string | number | null;

/** Columns of words stand before those of numbers, and are none of them. */
function numbered(cells: readonly Cell[]): readonly (readonly [cell: Cell, index: number])[] {
  const words = cells.filter((cell) => typeof cell === "string").length;
  return cells.map((cell, index) => [cell, index - words] as const);
}

export async function drawnOf(url: string, { target, chosen, span }: Asking): Promise<Drawn> {
  const { query = "", alias = "", resultFormat } = target;
  const series = await seriesOf(url, filledIn(query, chosen, span));
  const drawn = new Map<string, number>();
  for (const { tags = {}, values } of series)
    for (const [row, [time, ...cells]] of values.entries())
      for (const [cell, index] of numbered(cells)) {
        const name = alias.replaceAll(/\$tag_(\w+)/g, (_, tag: string) => tags[tag] ?? "");
        const label = labelOf(tags);
        const key = resultFormat === "table" ? `${label === "" ? row : label} #${index}` : `${name} @${time}`;
        if (typeof cell === "number") drawn.set(key, cell);
        else if (cell !== null && resultFormat === "table" && !cells.some((one) => typeof one === "number"))
          drawn.set(`event ${row}`, 1);
      }
  return drawn;
}

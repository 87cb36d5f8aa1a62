/**
 * # The queries of a dashboard, as Grafana asks them
 *
 *   dashboards.json := { tool: { source, variables: [{ name, query, regex }], panels: [{ title, expr, absent }] } }
 *
 * Variables are asked for in their order: `label_values(selector, label)`, or `query_result(expr)` whose lines a regex is held
 * against. Each is put into what follows with all its values, the way "All" is: `(a|b)`, or the one value that there is.
 */

import { readFileSync } from "node:fs";
import { resolve } from "node:path";

interface Dashboard {
  readonly source: string;
  readonly variables: readonly { readonly name: string; readonly query: string; readonly regex?: string }[];
  readonly panels: readonly {
    readonly title: string;
    readonly expr: string;
    /** Why there can be no data. */
    readonly absent?: string;
  }[];
}

export interface Series {
  readonly metric: Readonly<Record<string, string>>;
  readonly value: number;
}

export function dashboardOf(tool: string): Dashboard {
  const all: Readonly<Record<string, Dashboard>> = JSON.parse(
    readFileSync(resolve(import.meta.dirname, "dashboards.json"), "utf8"),
  );
  const found = all[tool];
  if (found === undefined) throw new Error(`no dashboard of ${tool}`);
  return found;
}

/** The value of every series; throws where Prometheus refuses the query. */
export async function query(url: string, expr: string): Promise<readonly Series[]> {
  const data = await get(`${url}/api/v1/query?${new URLSearchParams({ query: expr })}`);
  const { result } = data as {
    result: readonly { metric: Record<string, string>; value: readonly [number, string] }[];
  };
  return result.map(({ metric, value }) => ({ metric, value: Number(value[1]) }));
}

/** What is known of a family: its type, and its unit where the exposition said one. */
export async function metadataOf(url: string, family: string): Promise<{ type: string; unit: string } | undefined> {
  const data = await get(`${url}/api/v1/metadata?${new URLSearchParams({ metric: family })}`);
  return (data as Record<string, { type: string; unit: string }[]>)[family]?.[0];
}

async function get(url: string): Promise<unknown> {
  const answer = await fetch(url);
  const body = (await answer.json()) as { status: string; data: unknown; error?: string };
  if (body.status !== "success") throw new Error(`${url}: ${body.error}`);
  return body.data;
}

/** Panels with their variables put in; undefined while one has no value yet. */
export async function askable(url: string, { variables, panels }: Dashboard): Promise<Dashboard["panels"] | undefined> {
  const known = new Map<string, string>();
  const filled = (text: string): string =>
    text.replaceAll(/\$(\w+)/g, (whole, name: string) => known.get(name) ?? whole);
  for (const { name, query: asked, regex } of variables) {
    const values = await valuesOf(url, filled(asked), regex);
    if (values.length === 0) return undefined;
    known.set(name, values.length === 1 ? (values[0] ?? "") : `(${values.join("|")})`);
  }
  return panels.map((panel) => ({ ...panel, expr: filled(panel.expr) }));
}

const LABEL_VALUES = /^label_values\((?<selector>.*), (?<label>\w+)\)$/;
const QUERY_RESULT = /^query_result\((?<expr>.*)\)$/;

async function valuesOf(url: string, asked: string, regex: string | undefined): Promise<readonly string[]> {
  const { selector, label } = LABEL_VALUES.exec(asked)?.groups ?? {};
  const { expr } = QUERY_RESULT.exec(asked)?.groups ?? {};
  const series = await query(url, selector ?? expr ?? asked);
  const pattern = new RegExp(regex?.slice(1, -1) ?? "(.*)", "s");
  const values = series.map(({ metric, value }) =>
    label === undefined ? pattern.exec(lineOf(metric, value))?.[1] : metric[label],
  );
  return [...new Set(values.flatMap((value) => value ?? []))].toSorted();
}

/** As Grafana writes a result, before it holds a variable's regex against it. */
function lineOf({ __name__: name = "", ...labels }: Readonly<Record<string, string>>, value: number): string {
  const parts = Object.entries(labels).map(([label, of]) => `${label}="${of}"`);
  return `${name}{${parts.join(",")}} ${value}`;
}

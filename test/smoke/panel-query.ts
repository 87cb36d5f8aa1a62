/**
 * # A panel's targets as Grafana's API takes them
 *
 * Variables are put in by Grafana's page, and so by us here: one cluster, and one name for each of the others. What begins with
 * `$__`, `$tag_` and `$timeFilter` is put in by the data source itself.
 */

import { z } from "zod";

const Target = z.looseObject({ refId: z.string() });

const Panel = z.looseObject({
  id: z.int(),
  title: z.string(),
  targets: z.array(Target).default([]),
  panels: z.array(z.unknown()).default([]),
});

const Variable = z.looseObject({
  name: z.string(),
  type: z.string(),
  current: z.looseObject({ value: z.unknown() }).optional(),
});

const Board = z.looseObject({
  uid: z.string(),
  panels: z.array(z.unknown()),
  templating: z.looseObject({ list: z.array(Variable) }),
});

export interface PanelQuery {
  readonly board: string;
  readonly title: string;
  readonly queries: readonly object[];
}

export interface Chosen {
  /** Type and uid of the data source. */
  readonly datasource: { readonly type: string; readonly uid: string };
  /** By the name of the variable. */
  readonly variables: Readonly<Record<string, string>>;
}

/** The queries of every panel that asks something. */
export function panelQueries(board: unknown, chosen: Chosen): readonly PanelQuery[] {
  const { uid, panels, templating } = Board.parse(board);
  const variables = { ...givenValues(templating.list), ...chosen.variables };
  return panels.flatMap((panel) => queriesOf(uid, Panel.parse(panel), { ...chosen, variables }));
}

/** Of those that are chosen from a list, or typed: what is chosen when the board is opened. */
function givenValues(list: readonly z.output<typeof Variable>[]): Readonly<Record<string, string>> {
  const given = list.filter(({ type }) => type !== "query" && type !== "datasource");
  return Object.fromEntries(given.map(({ name, current }) => [name, String(current?.value)]));
}

function queriesOf(board: string, panel: z.output<typeof Panel>, chosen: Chosen): readonly PanelQuery[] {
  const inner = panel.panels.flatMap((one) => queriesOf(board, Panel.parse(one), chosen));
  const queries = panel.targets.map((target) => ({
    ...JSON.parse(withVariables(JSON.stringify(target), chosen)),
    datasource: chosen.datasource,
    intervalMs: 10_000,
    maxDataPoints: 500,
  }));
  return queries.length === 0 ? inner : [{ board, title: panel.title, queries }, ...inner];
}

/** `$name`, `${name}` and `${name:format}`, inside of JSON; names of the demonstration need no escaping. */
export function withVariables(text: string, { datasource, variables }: Chosen): string {
  return text.replaceAll(
    /\$\{(\w+)(?::\w+)?\}|\$([a-z]\w*)/g,
    (found, braced: string | undefined, bare: string | undefined) => {
      const name = braced ?? bare ?? "";
      return name === "datasource" ? datasource.uid : (variables[name] ?? found);
    },
  );
}

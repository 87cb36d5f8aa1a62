/**
 * # Texts of alerts as templates
 *
 *     {group}           the label of that name
 *     {value:count}     the value, as a number, a time or a percentage
 *
 * Grafana and Prometheus share the functions and differ in how the value is had. Grafana does not put variables of its
 * environment into annotations, so a dollar stays one.
 */

import type { BoardName } from "../boards/panel-spec.ts";
import { boardUid } from "../grafana/board-uid.ts";
import type { Backend } from "../query/backend.ts";
import type { AlertSpec } from "./alert.ts";
import { dimensionsOf } from "./alert.ts";

export type Dialect = "grafana" | "prometheus";

const FUNCTIONS: Readonly<Record<string, string>> = {
  count: "humanize",
  seconds: "humanizeDuration",
  share: "humanizePercentage",
};

/** The node of a Grafana rule whose value is shown. */
export const SHOWN = "V";

export function templateOf(text: string, dialect: Dialect): string {
  return text
    .replaceAll(/\{value:(\w+)\}/g, (_, shape: string) => VALUE_OF[dialect](functionOf(shape)))
    .replaceAll(/\{(\w+)\}/g, (_, label: string) => `{{ $labels.${label} }}`);
}

/** Grafana writes texts also where there is no data and so no value, and logs an error where a text cannot be written. */
const VALUE_OF: Readonly<Record<Dialect, (name: string) => string>> = {
  grafana: (name) => `{{ with $values.${SHOWN} }}{{ ${name} .Value }}{{ end }}`,
  prometheus: (name) => `{{ ${name} $value }}`,
};

function functionOf(shape: string): string {
  const name = FUNCTIONS[shape];
  if (name === undefined) throw new TypeError(`{value:${shape}}: no such shape`);
  return name;
}

/** Variables that boards have; whatever else an alert is told by is no choice on them. */
const VARIABLES: Readonly<Record<BoardName, readonly string[]>> = {
  overview: ["cluster", "group"],
  group: ["cluster", "group"],
  topic: ["cluster", "topic"],
  pipeline: ["instance"],
  slo: ["cluster", "group"],
};

/** The path of the panel below Grafana's address, which ends in a slash, with what it is about chosen. */
export function panelPath(alert: AlertSpec, backend: Backend): string {
  const { board, id, prometheusId = id } = alert.panel;
  const chosen = dimensionsOf(alert)
    .filter((dimension) => VARIABLES[board].includes(dimension))
    .map((dimension) => `&var-${dimension}={{ urlquery $labels.${dimension} }}`);
  return `d/${boardUid(backend, board)}?viewPanel=${backend.name === "prometheus" ? prometheusId : id}${chosen.join("")}`;
}

/** Below the address at which the runbooks are published. */
export function runbookPath(name: string): string {
  return `docs/runbooks/${name}.md`;
}

/**
 * # A panel as Grafana's classic (v1) JSON
 *
 * The subset we use, the same from Grafana 10 to 13. The data source is a variable of the board, so that a board can be
 * imported by hand. A value that is missing stays missing: lines break where three ticks are gone, a stat says "no data".
 */

import type { PanelSpec } from "../boards/panel-spec.ts";
import type { Backend, Compiled, Headings, JsonObject } from "../query/backend.ts";
import type { TableIntent } from "../query/intent.ts";
import { refIdOf } from "../query/ref-id.ts";
import { boardUid } from "./board-uid.ts";
import { fieldConfigOf } from "./field-config.ts";
import type { GridPosition } from "./layout.ts";
import { linesOf } from "./lines.ts";
import { optionsOf, type TableSort } from "./view-options.ts";

export const DATASOURCE_VARIABLE = "datasource";

export function datasourceRef(backend: Backend): JsonObject {
  return { type: backend.name, uid: `\${${DATASOURCE_VARIABLE}}` };
}

/** Undefined where the store can answer nothing of what the panel asks. */
export function panelOf(spec: PanelSpec, backend: Backend, gridPos: GridPosition): JsonObject | undefined {
  const found = spec.intents.map((intent) => backend.compile(intent)).filter(hasTargets);
  if (found.length === 0) return undefined;
  const datasource = datasourceRef(backend);
  const targets = found
    .flatMap((compiled) => compiled.targets)
    .map((target, index) => ({ refId: refIdOf(index), datasource, ...target }));
  const headings = found.find((compiled) => compiled.headings !== undefined)?.headings;
  return {
    id: spec.id,
    type: spec.view.type,
    title: spec.title,
    description: descriptionOf(spec, found),
    datasource,
    gridPos: { ...gridPos },
    // Cells narrower than this are not drawn at all.
    ...(spec.view.type === "status-history" ? { maxDataPoints: CELLS_MAX } : {}),
    ...(spec.lastTime === undefined ? {} : { timeFrom: spec.lastTime, hideTimeOverride: true }),
    fieldConfig: fieldConfigOf(spec, (board) => boardUid(backend, board)),
    options: optionsOf({
      view: spec.view,
      instantField: found.find(({ instantField }) => instantField !== undefined)?.instantField,
      sort: sortOf(spec),
      lines: linesOf(spec),
    }),
    transformations: headings === undefined ? [] : transformationsOf(headings, targets.length),
    targets,
  };
}

const CELLS_MAX = 100;

/** Rows of one status stand by the column after it. */
function sortedColumns({ columns: [first] }: TableIntent): number {
  return first?.field === "status_code" ? 2 : 1;
}

function sortOf({ intents: [first] }: PanelSpec): readonly TableSort[] {
  switch (first?.shape) {
    case "events":
      return [{ heading: "when", desc: true }];
    case "table":
      return first.columns
        .slice(0, sortedColumns(first))
        .map(({ title: heading }, index) => ({ heading, desc: index > 0 || first.worst === "largest" }));
    default:
      return [];
  }
}

type WithTargets = Extract<Compiled, { kind: "targets" }>;

function hasTargets(compiled: Compiled): compiled is WithTargets {
  return compiled.kind === "targets";
}

function descriptionOf({ description }: PanelSpec, found: readonly WithTargets[]): string {
  const notes = new Set(found.flatMap(({ note }) => (note === undefined ? [] : [note])));
  return [description, ...notes].join(" ");
}

/** Headings say all that is to be seen: what else comes back, as the time of a row of InfluxDB, is hidden. */
function transformationsOf(headings: Headings, targets: number): readonly JsonObject[] {
  const merge = targets > 1 ? [{ id: "merge", options: {} }] : [];
  const organize = {
    id: "organize",
    options: {
      includeByName: Object.fromEntries(headings.map(([name]) => [name, true])),
      indexByName: Object.fromEntries(headings.map(([name], index) => [name, index])),
      renameByName: Object.fromEntries(headings.filter(([name, title]) => name !== title)),
    },
  };
  return [...merge, organize];
}

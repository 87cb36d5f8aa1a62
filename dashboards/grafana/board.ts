/**
 * # A board as Grafana's classic (v1) JSON, schemaVersion 39
 *
 * Of one store. Boards of a store link to each other and keep time, variables and data source. No `id`: the uid is what names
 * a board.
 */

import type { BoardSpec, Choice, PanelSpec, Section, VariableSpec } from "../boards/panel-spec.ts";
import type { Backend, JsonObject } from "../query/backend.ts";
import { COLOURS } from "../status-colours.ts";
import { boardUid } from "./board-uid.ts";
import type { GridPosition } from "./layout.ts";
import { GRID_COLUMNS, positionsOf, stretched } from "./layout.ts";
import { DATASOURCE_VARIABLE, datasourceRef, panelOf } from "./panel.ts";

const SCHEMA_VERSION = 39;

export function boardOf(spec: BoardSpec, backend: Backend): JsonObject {
  const items = itemsOf(spec, backend);
  const positions = stretched(positionsOf(items.map(boxOf)));
  const panels = items.map((item, index) => itemJson(item, backend, positions[index] ?? NOWHERE));
  return {
    uid: boardUid(backend, spec.name),
    title: `Tidemark ${spec.title} (${backend.title})`,
    description: spec.description,
    tags: ["kafka", "lag", "tidemark", `tidemark-${backend.short}`],
    schemaVersion: SCHEMA_VERSION,
    version: 1,
    editable: false,
    graphTooltip: 1,
    refresh: "30s",
    timezone: "browser",
    time: { from: "now-6h", to: "now" },
    annotations: { list: annotationsOf(spec, backend) },
    templating: {
      list: [
        datasourceVariable(backend),
        ...spec.variables.map((one) => variableOf(one, backend)),
        ...choicesIn(spec, panels),
      ],
    },
    links: [boardLinks(backend)],
    panels,
  };
}

const NOWHERE: GridPosition = { x: 0, y: 0, w: 0, h: 0 };
const SECTION_BOX = { width: GRID_COLUMNS, height: 1 };

type Item = PanelSpec | Section;

/** What the store can answer, and no heading above nothing. */
function itemsOf({ items }: BoardSpec, backend: Backend): readonly Item[] {
  const answered = items.filter((item) => "section" in item || panelOf(item, backend, NOWHERE) !== undefined);
  return answered.filter((item, index) => {
    const next = answered[index + 1];
    return !("section" in item) || (next !== undefined && !("section" in next));
  });
}

function boxOf(item: Item): { readonly width: number; readonly height: number } {
  return "section" in item ? SECTION_BOX : item;
}

function itemJson(item: Item, backend: Backend, gridPos: GridPosition): JsonObject {
  if ("section" in item)
    return { id: item.id, type: "row", title: item.section, collapsed: false, gridPos: { ...gridPos }, panels: [] };
  return panelOf(item, backend, gridPos) ?? {};
}

function datasourceVariable(backend: Backend): JsonObject {
  return {
    name: DATASOURCE_VARIABLE,
    label: "Data Source",
    type: "datasource",
    query: backend.name,
    current: { text: `Tidemark ${backend.title}`, value: backend.datasourceUid },
    hide: 0,
    includeAll: false,
    multi: false,
    refresh: 1,
    regex: "",
    options: [],
  };
}

function variableOf({ dimension, label, many, kind, scope }: VariableSpec, backend: Backend): JsonObject {
  const query = backend.variable({ kind, dimension, scope });
  return {
    name: dimension,
    label,
    type: "query",
    datasource: datasourceRef(backend),
    query,
    definition: typeof query === "string" ? query : JSON.stringify(query),
    hide: 0,
    multi: many,
    includeAll: many,
    ...(many ? { allValue: backend.allValue, current: { text: "All", value: "$__all" } } : {}),
    refresh: 2,
    sort: 1,
    regex: "",
    options: [],
  };
}

/** Where a store's panels do not ask for it there is nothing to choose. */
function choicesIn({ choices = [] }: BoardSpec, panels: readonly JsonObject[]): readonly JsonObject[] {
  const text = JSON.stringify(panels);
  return choices.filter(({ name }) => text.includes(`\${${name}}`)).map(choiceOf);
}

function choiceOf({ name, label, values }: Choice): JsonObject {
  const options = values.map((value, index) => ({ selected: index === 0, text: value, value }));
  return {
    name,
    label,
    type: "custom",
    query: values.join(","),
    current: options[0] ?? {},
    hide: 0,
    multi: false,
    includeAll: false,
    refresh: 0,
    options,
  };
}

/** Also Grafana's own list, in which somebody's marks by hand stand. */
function annotationsOf(spec: BoardSpec, backend: Backend): readonly JsonObject[] {
  const builtIn = {
    builtIn: 1,
    name: "Annotations & Alerts",
    type: "dashboard",
    datasource: { type: "grafana", uid: "-- Grafana --" },
    enable: true,
    hide: true,
    iconColor: COLOURS.rewind,
  };
  const events = backend.annotation(spec.eventScope);
  if (events === undefined) return [builtIn];
  const ours = { name: "Events", enable: true, hide: false, iconColor: COLOURS.stall };
  return [builtIn, { ...ours, datasource: datasourceRef(backend), ...events }];
}

function boardLinks(backend: Backend): JsonObject {
  return {
    type: "dashboards",
    title: "Tidemark",
    tags: [`tidemark-${backend.short}`],
    asDropdown: true,
    icon: "external link",
    includeVars: true,
    keepTime: true,
    targetBlank: false,
    tooltip: "",
    url: "",
  };
}

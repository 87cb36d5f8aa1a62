/**
 * # How values look: units, meanings, colours, links of cells
 */

import type { BoardLink, BoardName, Meaning, PanelSpec, Step, View } from "../boards/panel-spec.ts";
import type { Json, JsonObject } from "../query/backend.ts";
import { COLOURS, STATUS_LOOKS } from "../status-colours.ts";

/** Three ticks of 10 s, with room for one that is late: a longer silence is a gap. */
const SPAN_NULLS_MS = 60_000;

export function fieldConfigOf(spec: PanelSpec, uidOf: (board: BoardName) => string): JsonObject {
  const { view, unit, decimals } = spec;
  return {
    defaults: {
      unit,
      ...(decimals === undefined ? {} : { decimals }),
      noValue: "no data",
      color: colourOf(view),
      mappings: mappingsOf(meaningOf(view)),
      thresholds: { mode: "absolute", steps: stepsOf(spec) },
      ...(unit === "none" || unit === "dateTimeFromNow" || view.type === "table" ? {} : { min: 0 }),
      custom: customOf(view),
    },
    overrides: overridesOf(spec, uidOf),
  };
}

function meaningOf(view: View): Meaning | undefined {
  switch (view.type) {
    case "stat":
    case "state-timeline":
      return view.meaning;
    case "timeseries":
    case "status-history":
    case "table":
      return undefined;
  }
}

function colourOf(view: View): JsonObject {
  switch (view.type) {
    case "stat":
    case "state-timeline":
    case "table":
      return { mode: "thresholds" };
    case "timeseries":
      return { mode: "palette-classic" };
    case "status-history":
      return { mode: "continuous-viridis" };
  }
}

function mappingsOf(meaning: Meaning | undefined): readonly JsonObject[] {
  switch (meaning) {
    case undefined:
      return [];
    case "status":
      return [
        valueMapping(STATUS_LOOKS.map(({ code, word, colour }) => ({ value: code, text: word, colour }))),
        noVerdict("no verdict"),
      ];
    case "objective":
      return [
        valueMapping([
          { value: 0, text: "missed", colour: COLOURS.err },
          { value: 1, text: "met", colour: COLOURS.ok },
        ]),
        noVerdict("not known"),
      ];
    case "up":
      return [
        valueMapping([
          { value: 0, text: "away", colour: COLOURS.err },
          { value: 1, text: "up", colour: COLOURS.ok },
        ]),
        noVerdict("not known"),
      ];
  }
}

interface Look {
  readonly value: number;
  readonly text: string;
  readonly colour: string;
}

function valueMapping(looks: readonly Look[]): JsonObject {
  const options = looks.map(({ value, text, colour }, index) => [String(value), { text, color: colour, index }]);
  return { type: "value", options: Object.fromEntries(options) };
}

function noVerdict(text: string): JsonObject {
  return { type: "special", options: { match: "null+nan", result: { text, color: COLOURS.none, index: 9 } } };
}

function stepsOf({ steps }: PanelSpec): readonly JsonObject[] {
  const list: readonly Step[] = steps ?? [{ from: undefined, colour: COLOURS.none }];
  return list.map(({ from, colour }) => ({ color: colour, value: from ?? null }));
}

function customOf(view: View): JsonObject {
  switch (view.type) {
    case "stat":
      return {};
    case "timeseries":
      return {
        drawStyle: "line",
        lineWidth: 1,
        fillOpacity: view.stacked === true ? 40 : 5,
        showPoints: "auto",
        pointSize: 4,
        spanNulls: SPAN_NULLS_MS,
        stacking: { mode: view.stacked === true ? "normal" : "none", group: "A" },
        thresholdsStyle: { mode: view.line === "threshold" ? "dashed" : "off" },
      };
    case "state-timeline":
      return { fillOpacity: 90, lineWidth: 0, spanNulls: SPAN_NULLS_MS };
    case "status-history":
      return { fillOpacity: 90, lineWidth: 0 };
    case "table":
      return { align: "auto", cellOptions: { type: "auto" }, filterable: true };
  }
}

function overridesOf(spec: PanelSpec, uidOf: (board: BoardName) => string): readonly JsonObject[] {
  const { colours = [], units = {}, view } = spec;
  return [
    ...colours.map(({ name, colour }) =>
      override(name, view.type === "stat" ? fromOneOn(colour) : [{ id: "color", value: fixed(colour) }]),
    ),
    ...Object.entries(units).map(([name, unit]) => override(name, [{ id: "unit", value: unit }])),
    ...(view.type === "table" ? tableOverrides(view, uidOf) : []),
  ];
}

function fixed(colour: string): Json {
  return { mode: "fixed", fixedColor: colour };
}

/** A count of none is nothing to be coloured: "ERR 0" is no alarm. */
function fromOneOn(colour: string): readonly JsonObject[] {
  const steps = [
    { color: COLOURS.none, value: null },
    { color: colour, value: 1 },
  ];
  return [{ id: "thresholds", value: { mode: "absolute", steps } }];
}

function override(name: string, properties: readonly JsonObject[]): JsonObject {
  return { matcher: { id: "byName", options: name }, properties };
}

function tableOverrides(
  { statusColumns = [], links = [] }: Extract<View, { type: "table" }>,
  uidOf: (board: BoardName) => string,
): readonly JsonObject[] {
  const statuses = statusColumns.map((name) =>
    override(name, [
      { id: "mappings", value: mappingsOf("status") },
      { id: "custom.cellOptions", value: { type: "color-background", mode: "basic" } },
      { id: "unit", value: "none" },
    ]),
  );
  const linked = links.map((link) =>
    override(link.variables.at(-1) ?? "", [{ id: "links", value: [dataLink(link, uidOf(link.board))] }]),
  );
  return [...statuses, ...linked];
}

// Grafana's placeholders, not ours: hence the escaped dollars.
const KEEP_DATASOURCE = `var-datasource=\${datasource}`;
const KEEP_TIME = `\${__url_time_range}`;

/** Names are percent-encoded, whatever is in them; the time and the data source go along. */
function dataLink({ title, variables }: BoardLink, uid: string): Json {
  const parts = variables.map((name) => `var-${name}=\${__data.fields.${name}:percentencode}`);
  const query = [KEEP_DATASOURCE, ...parts, KEEP_TIME].join("&");
  return { title, url: `/d/${uid}?${query}`, targetBlank: false };
}

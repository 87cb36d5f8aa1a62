/**
 * # How values look: units, meanings, colours, links of cells
 */

import type { BoardLink, BoardName, Meaning, PanelSpec, Step, View } from "../boards/panel-spec.ts";
import type { Json, JsonObject } from "../query/backend.ts";
import { COLOURS, FILLS, STATUS_LOOKS } from "../status-colours.ts";
import { linesOf } from "./lines.ts";

/** Three ticks of 10 s, with room for one that is late: a longer silence is a gap. */
const SPAN_NULLS_MS = 60_000;

export function fieldConfigOf(spec: PanelSpec, uidOf: (board: BoardName) => string): JsonObject {
  const { view, unit, decimals } = spec;
  return {
    defaults: {
      unit,
      ...(decimals === undefined ? {} : { decimals }),
      noValue: spec.empty ?? NO_VALUE,
      color: colourOf(view),
      mappings: mappingsIn(spec),
      thresholds: { mode: "absolute", steps: stepsOf(spec) },
      ...(hasFloor(spec) ? { min: 0 } : {}),
      custom: customOf(spec),
    },
    overrides: overridesOf(spec, uidOf),
  };
}

const NO_VALUE = "no data";

function hasFloor({ unit, view, isSigned = false }: PanelSpec): boolean {
  const isLogarithmic = view.type === "timeseries" && view.logarithmic === true;
  return unit !== "none" && unit !== "dateTimeFromNow" && view.type !== "table" && !isLogarithmic && !isSigned;
}

/** What is missing is no trouble by itself: a stat without a value would have the colour of its lowest limit. */
function mappingsIn({ view, empty }: PanelSpec): readonly JsonObject[] {
  const meaning = meaningOf(view);
  return view.type === "stat" && meaning === undefined ? [noVerdict(empty ?? NO_VALUE)] : mappingsOf(meaning);
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
    case "table":
      return { mode: "thresholds" };
    case "state-timeline":
      // Coloured by limits it would write the limits into its cells, not the words.
      return { mode: "fixed", fixedColor: COLOURS.none };
    case "timeseries":
      return { mode: "palette-classic" };
    case "status-history":
      // A scheme that a Grafana does not know (viridis before 13) takes the whole board down.
      return { mode: "continuous-blues" };
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
  return { type: "special", options: { match: "null+nan", result: { text, color: UNCOLOURED, index: 9 } } };
}

function stepsOf({ steps, view }: PanelSpec): readonly JsonObject[] {
  const fill = view.type === "stat" ? fillOf : (colour: string) => colour;
  const list: readonly Step[] = steps ?? [{ from: undefined, colour: UNCOLOURED }];
  return list.map(({ from, colour }) => ({ color: fill(colour), value: from ?? null }));
}

/** The panel's own background, on which Grafana writes in the colour of its theme. */
const UNCOLOURED = "transparent";
const COLUMN_WIDTH_MIN = 70;

function fillOf(colour: string): string {
  return colour === COLOURS.warn ? FILLS.warn : colour;
}

function customOf(spec: PanelSpec): JsonObject {
  const { view } = spec;
  switch (view.type) {
    case "stat":
      return {};
    case "timeseries":
      return {
        drawStyle: "line",
        lineWidth: 1,
        fillOpacity: fillOpacityOf(view.stacked === true, linesOf(spec).areMany),
        showPoints: "auto",
        pointSize: 4,
        spanNulls: SPAN_NULLS_MS,
        ...(view.logarithmic === true ? { scaleDistribution: { type: "log", log: 10 } } : {}),
        stacking: { mode: view.stacked === true ? "normal" : "none", group: "A" },
        thresholdsStyle: { mode: view.line === "threshold" ? "dashed" : "off" },
      };
    case "state-timeline":
      return { fillOpacity: 90, lineWidth: 0, spanNulls: SPAN_NULLS_MS };
    case "status-history":
      return { fillOpacity: 90, lineWidth: 0 };
    case "table":
      return { align: "auto", cellOptions: { type: "auto" }, filterable: false, minWidth: COLUMN_WIDTH_MIN };
  }
}

const STACKED_OPACITY = 40;
const ALONE_OPACITY = 8;

/** Areas of many lines would add up to one. */
function fillOpacityOf(isStacked: boolean, isOfMany: boolean): number {
  if (isStacked) return STACKED_OPACITY;
  return isOfMany ? 0 : ALONE_OPACITY;
}

function overridesOf(spec: PanelSpec, uidOf: (board: BoardName) => string): readonly JsonObject[] {
  const { colours = [], units = {}, widths = {}, hidden = [], view } = spec;
  return [
    ...colours.map(({ name, colour }) =>
      override(name, view.type === "stat" ? fromOneOn(colour) : [{ id: "color", value: fixed(colour) }]),
    ),
    ...Object.entries(units).map(([name, unit]) => override(name, [{ id: "unit", value: unit }])),
    ...Object.entries(widths).map(([name, width]) => override(name, [{ id: "custom.width", value: width }])),
    ...hidden.map((name) => override(name, [{ id: "custom.hidden", value: true }])),
    ...(view.type === "state-timeline" ? meaningOverrides(view.meanings) : []),
    ...(view.type === "table" ? tableOverrides(view, uidOf) : []),
  ];
}

function meaningOverrides(meanings: Readonly<Record<string, Meaning>> = {}): readonly JsonObject[] {
  return Object.entries(meanings).map(([name, meaning]) =>
    override(name, [{ id: "mappings", value: mappingsOf(meaning) }]),
  );
}

function fixed(colour: string): Json {
  return { mode: "fixed", fixedColor: colour };
}

/** A count of none is nothing to be coloured: "ERR 0" is no alarm. */
function fromOneOn(colour: string): readonly JsonObject[] {
  const steps = [
    { color: UNCOLOURED, value: null },
    { color: colour, value: 1 },
  ];
  return [{ id: "thresholds", value: { mode: "absolute", steps } }];
}

function override(name: string, properties: readonly JsonObject[]): JsonObject {
  return { matcher: { id: "byName", options: name }, properties };
}

function tableOverrides(
  { meanings = {}, links = [] }: Extract<View, { type: "table" }>,
  uidOf: (board: BoardName) => string,
): readonly JsonObject[] {
  const statuses = Object.entries(meanings).map(([name, meaning]) =>
    override(name, [
      { id: "mappings", value: mappingsOf(meaning) },
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

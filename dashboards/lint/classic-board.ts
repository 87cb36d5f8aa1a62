/**
 * # The classic dashboard, as much of it as our boards have
 *
 * Strict where a mistyped key would be ignored without a word by Grafana, loose inside what a rule does not read.
 */

import { z } from "zod";

const Datasource = z.strictObject({ type: z.string(), uid: z.string() });
const Loose = z.record(z.string(), z.unknown());

const Aggregation = z.looseObject({
  id: z.string(),
  type: z.string(),
  field: z.string().optional(),
  settings: z.record(z.string(), z.string()).optional(),
});

export const Target = z.strictObject({
  refId: z.string(),
  datasource: Datasource,
  query: z.string().optional(),
  alias: z.string().optional(),
  timeField: z.string().optional(),
  metrics: z.array(Aggregation).optional(),
  bucketAggs: z.array(Aggregation).optional(),
  rawQuery: z.literal(true).optional(),
  resultFormat: z.enum(["time_series", "table"]).optional(),
  editorMode: z.literal("code").optional(),
  expr: z.string().optional(),
  legendFormat: z.string().optional(),
  interval: z.string().optional(),
  range: z.boolean().optional(),
  instant: z.boolean().optional(),
  format: z.enum(["time_series", "table"]).optional(),
  exemplar: z.literal(false).optional(),
});
export type Target = z.output<typeof Target>;

const Override = z.strictObject({
  matcher: z.strictObject({ id: z.literal("byName"), options: z.string() }),
  properties: z.array(z.strictObject({ id: z.string(), value: z.unknown() })),
});

const FieldDefaults = z.strictObject({
  unit: z.string(),
  decimals: z.number().optional(),
  noValue: z.string(),
  min: z.number().optional(),
  color: Loose,
  mappings: z.array(z.strictObject({ type: z.string(), options: Loose })),
  thresholds: z.strictObject({
    mode: z.literal("absolute"),
    steps: z.array(z.strictObject({ color: z.string(), value: z.number().nullable() })),
  }),
  custom: Loose,
});

const Position = z.strictObject({ x: z.int(), y: z.int(), w: z.int(), h: z.int() });

export const Panel = z.strictObject({
  id: z.int().positive(),
  type: z.enum(["stat", "timeseries", "state-timeline", "status-history", "table"]),
  title: z.string(),
  description: z.string(),
  datasource: Datasource,
  gridPos: Position,
  maxDataPoints: z.int().positive().optional(),
  timeFrom: z.string().optional(),
  hideTimeOverride: z.boolean().optional(),
  fieldConfig: z.strictObject({ defaults: FieldDefaults, overrides: z.array(Override) }),
  options: Loose,
  transformations: z.array(z.strictObject({ id: z.string(), options: Loose })),
  targets: z.array(Target),
});
export type Panel = z.output<typeof Panel>;

const Row = z.strictObject({
  id: z.int().positive(),
  type: z.literal("row"),
  title: z.string(),
  collapsed: z.literal(false),
  gridPos: Position,
  panels: z.array(z.never()),
});

export const Variable = z.looseObject({
  name: z.string(),
  label: z.string(),
  type: z.enum(["datasource", "query", "custom"]),
  query: z.unknown(),
  datasource: Datasource.optional(),
  refresh: z.int(),
  multi: z.boolean(),
  includeAll: z.boolean(),
  allValue: z.string().optional(),
});
export type Variable = z.output<typeof Variable>;

export const ClassicBoard = z.strictObject({
  uid: z.string().regex(/^[a-zA-Z0-9_-]{1,40}$/),
  title: z.string(),
  description: z.string(),
  tags: z.array(z.string()),
  schemaVersion: z.literal(39),
  version: z.literal(1),
  editable: z.boolean(),
  graphTooltip: z.literal(1),
  refresh: z.string(),
  timezone: z.literal("browser"),
  time: z.strictObject({ from: z.string(), to: z.string() }),
  annotations: z.strictObject({ list: z.array(z.looseObject({ name: z.string(), datasource: Datasource })) }),
  templating: z.strictObject({ list: z.array(Variable) }),
  links: z.array(z.looseObject({ tags: z.array(z.string()), keepTime: z.boolean(), includeVars: z.boolean() })),
  panels: z.array(z.union([Row, Panel])),
});
export type ClassicBoard = z.output<typeof ClassicBoard>;

export function panelsOf(board: ClassicBoard): readonly Panel[] {
  return board.panels.flatMap((panel) => (panel.type === "row" ? [] : [panel]));
}

/**
 * # docs/config.md, from the schema of the configuration
 *
 * A row per option, by its path. The schema is taken as JSON Schema of what people write; where a default stands behind a
 * conversion it is not told there, and is taken from what an empty file becomes.
 */

import { z } from "zod";
import { Config } from "../cli/config.ts";
import type { Cells } from "./markdown-table.ts";
import { markdownTable } from "./markdown-table.ts";

/** The parts of JSON Schema that zod writes for a configuration. */
const Node = z.object({
  type: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.unknown()).optional(),
  const: z.unknown().optional(),
  minimum: z.number().optional(),
  maximum: z.number().optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
  additionalProperties: z.unknown().optional(),
  items: z.unknown().optional(),
  anyOf: z.array(z.unknown()).optional(),
  oneOf: z.array(z.unknown()).optional(),
});
type Node = z.output<typeof Node>;

interface Place {
  readonly path: string;
  readonly required: boolean;
  /** What an empty file has here, after conversion: durations in ms, sizes in bytes. */
  readonly converted: unknown;
}

export function configDocument(): string {
  const root = Node.parse(z.toJSONSchema(Config, { io: "input", unrepresentable: "any" }));
  const rows = rowsOf(root, { path: "", required: true, converted: Config.parse({}) });
  const lead = [
    "One YAML file. An unknown key is refused at start with its path and the nearest known one. Every option can be set from",
    'the environment: `TIDEMARK_COLLECTOR__LISTEN=127.0.0.1:8000`, with "__" between levels. Durations are written as `500ms`,',
    "`10s`, `5m`, `12h`, `7d`; sizes as `10MB`, `2GiB` or bytes.",
  ].join("\n");
  return `# Configuration\n\n${lead}\n\n${markdownTable(["option", "type", "default", "what it does"], rows)}\n`;
}

function rowsOf(node: Node, place: Place): readonly Cells[] {
  const own = node.description === undefined ? [] : [rowOf(node, place)];
  const variants = (node.oneOf ?? []).flatMap((one) => rowsOf(Node.parse(one), place));
  return [...own, ...variants, ...namedRows(node, place), ...itemRows(node, place), ...optionRows(node, place)];
}

/** A mapping whose keys the user chooses. */
function namedRows({ additionalProperties: values }: Node, { path }: Place): readonly Cells[] {
  if (typeof values !== "object" || values === null) return [];
  return rowsOf(Node.parse(values), { path: `${path}.<name>`, required: false, converted: undefined });
}

/** A list of mappings. */
function itemRows({ items }: Node, { path }: Place): readonly Cells[] {
  if (items === undefined) return [];
  const { properties, required } = Node.parse(items);
  return optionRows(Node.parse({ properties, required }), { path: `${path}[]`, required: false, converted: undefined });
}

function optionRows({ properties = {}, required = [] }: Node, { path, converted }: Place): readonly Cells[] {
  return Object.entries(properties).flatMap(([name, value]) =>
    rowsOf(Node.parse(value), {
      path: path === "" ? name : `${path}.${name}`,
      required: required.includes(name),
      converted: isTree(converted) ? converted[name] : undefined,
    }),
  );
}

function isTree(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function rowOf(node: Node, place: Place): Cells {
  return [`\`${place.path}\``, typeOf(node), defaultOf(node, place), node.description ?? ""];
}

function typeOf({ type, enum: words, minimum, maximum, items, anyOf }: Node): string {
  if (words !== undefined) return words.map((word) => `\`${String(word)}\``).join(", ");
  if (anyOf !== undefined) return "size";
  if (type === "array") return `list of ${Node.parse(items).type ?? "values"}`;
  if (type === "object") return "mapping";
  if (minimum === undefined || maximum === undefined) return type ?? "text";
  return maximum === Number.MAX_SAFE_INTEGER ? `${type}, at least ${minimum}` : `${type}, ${minimum} to ${maximum}`;
}

function defaultOf(node: Node, { required, converted }: Place): string {
  if (required) return "needed";
  const isLeaf = node.type !== "object";
  if (Array.isArray(converted) && converted.length === 0) return "none";
  if (isLeaf && node.default !== undefined) return `\`${String(node.default)}\``;
  if (!isLeaf || converted === undefined || converted === null) return "";
  if (typeof converted !== "number") return `\`${String(converted)}\``;
  if (node.anyOf !== undefined) return `\`${inUnits(converted, SIZES)}\``;
  return `\`${node.type === "string" ? inUnits(converted, DURATIONS) : converted}\``;
}

type Units = readonly (readonly [string, number])[];

const DURATIONS: Units = [
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1_000],
  ["ms", 1],
];
const SIZES: Units = [
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
  ["", 1],
];

function inUnits(value: number, units: Units): string {
  if (value === 0) return "0";
  const [name, size] = units.find(([, one]) => value % one === 0) ?? ["", 1];
  return `${value / size}${name}`;
}

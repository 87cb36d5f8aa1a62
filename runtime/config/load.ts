/**
 * # Configuration: one YAML text, one schema, environment on top
 *
 *     TIDEMARK_COLLECTOR__LISTEN=0.0.0.0:8000   is   collector: { listen: 0.0.0.0:8000 }
 *
 * `__` stands between levels; a name meets an existing key whatever its case; values are YAML scalars or flow collections.
 * What the schema does not know is refused with its path and the nearest known key: a typo never becomes a default.
 */

import { distance } from "fastest-levenshtein";
import { parse } from "yaml";
import type { z } from "zod";
import { asError } from "../error.ts";

export class ConfigError extends Error {
  constructor(source: string, problems: readonly string[], options?: ErrorOptions) {
    super(
      `${source} is not a valid configuration:\n${problems.map((problem) => `  - ${problem}`).join("\n")}`,
      options,
    );
    this.name = "ConfigError";
  }
}

const PREFIX = "TIDEMARK_";

export interface ConfigInput {
  /** What the text is called in errors: a file name. */
  readonly source: string;
  readonly text: string;
  readonly environment: Readonly<Record<string, string | undefined>>;
}

/** The checked configuration; throws ConfigError with one line per problem. */
export function loadConfig<Schema extends z.ZodType>(schema: Schema, input: ConfigInput): z.output<Schema> {
  const tree = withEnvironment(parseYaml(input), input.environment);
  const checked = schema.safeParse(tree);
  if (checked.success) return checked.data;
  throw new ConfigError(
    input.source,
    checked.error.issues.flatMap((issue) => problemsOf(schema, issue)),
  );
}

type Tree = { [key: string]: unknown };

function parseYaml({ source, text }: ConfigInput): Tree {
  let parsed: unknown;
  try {
    parsed = parse(text) ?? {};
  } catch (caught) {
    const cause = asError(caught);
    throw new ConfigError(source, [cause.message], { cause });
  }
  if (isTree(parsed)) return parsed;
  throw new ConfigError(source, ["the top level is not a mapping of keys to values"]);
}

function isTree(value: unknown): value is Tree {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function withEnvironment(tree: Tree, environment: ConfigInput["environment"]): Tree {
  const result = structuredClone(tree);
  for (const [name, value] of Object.entries(environment)) {
    if (!name.startsWith(PREFIX) || value === undefined) continue;
    place(result, name.slice(PREFIX.length).split("__"), value);
  }
  return result;
}

function place(tree: Tree, path: readonly string[], value: string): void {
  const [head, ...rest] = path;
  if (head === undefined) return;
  const key = Object.keys(tree).find((known) => known.toLowerCase() === head.toLowerCase()) ?? head.toLowerCase();
  if (rest.length === 0) {
    tree[key] = parse(value);
    return;
  }
  const below = tree[key];
  const child: Tree = isTree(below) ? below : {};
  tree[key] = child;
  place(child, rest, value);
}

function problemsOf(schema: z.ZodType, issue: z.core.$ZodIssue): readonly string[] {
  const where = issue.path.length === 0 ? "top level" : issue.path.join(".");
  if (issue.code !== "unrecognized_keys") return [`${where}: ${issue.message}`];
  const known = keysAt(schema, issue.path);
  return issue.keys.map((key) => {
    const nearest = nearestOf(key, known);
    const path = [...issue.path, key].join(".");
    return `${path}: unknown key${nearest === undefined ? "" : `; did you mean "${nearest}"?`} (known here: ${known.join(", ")})`;
  });
}

/** The closest of the known words, where it is close enough to be meant. */
export function nearestOf(word: string, known: readonly string[]): string | undefined {
  const ranked = known.map((one) => ({ one, edits: distance(word.toLowerCase(), one.toLowerCase()) }));
  const best = ranked.toSorted((a, b) => a.edits - b.edits)[0];
  return best !== undefined && best.edits <= Math.max(2, word.length / 2) ? best.one : undefined;
}

/** Keys that the schema knows at `path`; of a union, those of all its members. */
function keysAt(schema: z.ZodType, path: readonly PropertyKey[]): readonly string[] {
  let level: readonly z.core.$ZodType[] = unwrapped(schema);
  for (const step of path) level = level.flatMap((one) => childOf(one, step));
  return [...new Set(level.flatMap((one) => Object.keys(shapeOf(one) ?? {})))].toSorted();
}

type Definition = {
  readonly shape?: Readonly<Record<string, z.core.$ZodType>>;
  readonly innerType?: z.core.$ZodType;
  readonly valueType?: z.core.$ZodType;
  readonly element?: z.core.$ZodType;
  readonly in?: z.core.$ZodType;
  readonly options?: readonly z.core.$ZodType[];
};

function definitionOf(schema: z.core.$ZodType): Definition {
  return schema._zod.def as unknown as Definition;
}

function shapeOf(schema: z.core.$ZodType): Definition["shape"] {
  return definitionOf(schema).shape;
}

function childOf(schema: z.core.$ZodType, step: PropertyKey): readonly z.core.$ZodType[] {
  const { shape, valueType, element } = definitionOf(schema);
  const child = shape?.[String(step)] ?? valueType ?? element;
  return child === undefined ? [] : unwrapped(child);
}

/** Through default, optional, readonly, pipe and union down to what has keys. */
function unwrapped(schema: z.core.$ZodType): readonly z.core.$ZodType[] {
  const { innerType, in: input, options } = definitionOf(schema);
  if (options !== undefined) return options.flatMap(unwrapped);
  const inner = innerType ?? input;
  return inner === undefined ? [schema] : unwrapped(inner);
}

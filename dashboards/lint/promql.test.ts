/** Each expression is parsed by the grammar of Prometheus itself, and names only metrics that are exposed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parser } from "@prometheus-io/lezer-promql";
import { KINDS } from "../../shipper/schema/kind.ts";
import { sourceTree } from "../../test/source-tree.ts";
import { outputs } from "../output.ts";
import { ClassicBoard, panelsOf } from "./classic-board.ts";

const HOSTILE = 'a"} or vector(1) # /x\\y é';
const REGEX_SIGNS = /[\\^$*+?.()|[\]{}/]/g;

const boards = [...outputs()]
  .filter(([path]) => path.startsWith("prometheus/"))
  .map(([, text]) => ClassicBoard.parse(JSON.parse(text)));
const marks = boards.flatMap(({ annotations }) =>
  annotations.list.flatMap(({ expr }) => (typeof expr === "string" ? [expr] : [])),
);
const exprs = [
  ...new Set([
    ...marks,
    ...boards.flatMap(panelsOf).flatMap(({ targets }) => targets.flatMap(({ expr = "" }) => [expr])),
  ]),
];

/** As Grafana sends it, with one name for every variable. */
function filledIn(expr: string, name: string): string {
  return expr
    .replaceAll("$__rate_interval", "1m")
    .replaceAll("$__interval", "30s")
    .replaceAll("$__range", "1h")
    .replaceAll("$" + "{target}", "0.99")
    .replaceAll(/\$\{\w+:regex\}/g, () => name.replaceAll(REGEX_SIGNS, "\\$&"));
}

interface Parsed {
  readonly errors: number;
  readonly metrics: readonly string[];
  readonly texts: readonly string[];
}

function parsed(expr: string): Parsed {
  const metrics: string[] = [];
  const texts: string[] = [];
  let errors = 0;
  parser.parse(expr).iterate({
    enter: ({ type, from, to, node }) => {
      if (type.isError) errors += 1;
      if (type.name === "Identifier" && node.parent?.name === "VectorSelector") metrics.push(expr.slice(from, to));
      if (type.name === "StringLiteral") texts.push(expr.slice(from, to));
    },
  });
  return { errors, metrics, texts };
}

for (const expr of exprs)
  test(`Prometheus can parse ${expr.slice(0, 70)}`, () => {
    const { errors, metrics, texts } = parsed(filledIn(expr, HOSTILE));
    assert.equal(errors, 0, expr);
    assert.ok(metrics.length > 0);
    for (const text of texts.filter((one) => one.startsWith("`")))
      assert.match(HOSTILE, new RegExp(`^(?:${text.slice(1, -1)})$`), "a name matches itself");
  });

test("a broken expression, and one that a name ends, are seen", () => {
  assert.ok(parsed("sum by (group (tidemark_group_lag)").errors > 0);
  const quoted = parsed(filledIn('tidemark_group_lag{group=~"$' + '{group:regex}"}', HOSTILE));
  assert.deepEqual(quoted.texts, ['"a"']);
  assert.ok(quoted.errors > 0);
});

test("every metric is one that is exposed", () => {
  const tree = sourceTree();
  const own = ["cli/own-metrics.ts", "cli/shipper-metrics.ts"].flatMap((path) => [
    ...(tree.get(path) ?? "").matchAll(/name: "(tidemark_\w+)"/g),
  ]);
  const partition = /PARTITION_NUMBERS = \[([^\]]+)\]/.exec(tree.get("collector/http/lag-series.ts") ?? "")?.[1] ?? "";
  const known = new Set([
    ...own.map((match) => match[1]),
    ...Object.keys(KINDS.group.fields).map((field) => `tidemark_group_${field}`),
    ...[...partition.matchAll(/"(\w+)"/g)].map((match) => `tidemark_partition_${match[1]}`),
    "tidemark_partition_status",
    "process_resident_memory_bytes",
  ]);
  const used = new Set(exprs.flatMap((expr) => parsed(filledIn(expr, "a")).metrics));
  assert.ok(used.size > 20);
  assert.deepEqual(
    [...used].filter((name) => !known.has(name)),
    [],
  );
});

/** The tree keeps to the table, and the gate fails on each kind of breach. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { breaches, importsOf, isPure } from "./architecture.ts";
import type { Row } from "./architecture-rows.ts";
import { ROWS } from "./architecture-rows.ts";
import { sourceTree } from "./source-tree.ts";

test("every import of the repository is in the table, and every entry of the table is used", () => {
  assert.deepEqual(breaches(sourceTree(), ROWS), []);
});

const rows: readonly Row[] = [
  { path: "model", purpose: "", imports: ["zod"] },
  { path: "edge", purpose: "", imports: ["model", "node:fs"] },
  { path: "edge/policy.ts", purpose: "", imports: ["model"] },
];
const sound: readonly (readonly [string, string])[] = [
  ["model/a.ts", 'import { z } from "zod/v4";'],
  ["edge/b.ts", 'import "../model/a.ts"; import "node:fs"; import "./policy.ts";'],
  ["edge/policy.ts", 'import type { A } from "../model/a.ts";'],
];

const wrong: readonly { readonly name: string; readonly path: string; readonly text: string; readonly says: RegExp }[] =
  [
    {
      name: "a forbidden folder",
      path: "model/c.ts",
      text: 'import "../edge/b.ts";',
      says: /model\/c\.ts imports edge\/b\.ts/,
    },
    {
      name: "a forbidden folder for its types alone",
      path: "model/c.ts",
      text: 'import type { B } from "../edge/b.ts";',
      says: /imports edge\/b\.ts/,
    },
    {
      name: "an import while running",
      path: "model/c.ts",
      text: 'await import("node:net");',
      says: /imports node:net/,
    },
    {
      name: "an export from elsewhere",
      path: "model/c.ts",
      text: 'export * from "../edge/b.ts";',
      says: /imports edge\/b\.ts/,
    },
    {
      name: "an unlisted package",
      path: "edge/c.ts",
      text: 'import "@scope/pack/deep";',
      says: /imports @scope\/pack, which/,
    },
    {
      name: "an unlisted builtin",
      path: "edge/c.ts",
      text: 'import "node:fs/promises.js";',
      says: /imports node:fs\/promises/,
    },
    { name: "an absolute path", path: "edge/c.ts", text: 'import "/elsewhere/x.ts";', says: /imports \/elsewhere/ },
    {
      name: "a file purer than its folder",
      path: "edge/policy.ts",
      text: 'import "../model/a.ts"; import "./b.ts";',
      says: /policy\.ts imports edge\/b\.ts/,
    },
    { name: "a folder without a row", path: "new/c.ts", text: "", says: /new\/c\.ts is in no row/ },
    { name: "what belongs to a test", path: "edge/c.ts", text: 'import "./x.fixture.ts";', says: /which is a test's/ },
    {
      name: "a forbidden folder, in a test too",
      path: "model/c.test.ts",
      text: 'import "../edge/b.ts";',
      says: /c\.test\.ts imports/,
    },
  ];
for (const { name, path, text, says } of wrong)
  test(`the gate fails on ${name}`, () => {
    const found = breaches(new Map([...sound, [path, text]]), rows);
    assert.equal(found.length, 1, found.join("\n"));
    assert.match(found[0] ?? "", says);
  });

test("a benchmark may take what it measures from other folders, but no package that is not listed", () => {
  const bench = (text: string) => breaches(new Map([...sound, ["model/a.bench.ts", text]]), rows);
  assert.deepEqual(bench('import "../edge/b.ts";'), []);
  assert.equal(bench('import "kafkajs";').length, 1);
});

test("the gate passes a sound tree, tests with their builtins included", () => {
  assert.deepEqual(
    breaches(new Map([...sound, ["model/a.test.ts", 'import "node:test"; import "fast-check";']]), rows),
    [],
  );
});

test("the gate fails on a row without files, and on an entry that nothing uses", () => {
  const more: readonly Row[] = [...rows, { path: "gone", purpose: "", imports: [] }];
  assert.deepEqual(breaches(new Map(sound), more), ["the row gone has no file"]);
  const tree = new Map([...sound, ["edge/b.ts", 'import "../model/a.ts";'] as const]);
  assert.deepEqual(breaches(tree, rows), ["the row edge lists node:fs, which nothing in it imports"]);
});

test("an import in a comment or a text is none", () => {
  assert.deepEqual(importsOf("a.ts", '// import "node:fs";\nconst text = `import "node:net"`;'), []);
});

test("purity is what a row imports, and what that imports", () => {
  const [model, edge, policy] = rows as readonly [Row, Row, Row];
  assert.deepEqual(
    [model, edge, policy].map((row) => isPure(row, rows)),
    [true, false, true],
  );
  const far: Row = { path: "far", purpose: "", imports: ["edge"] };
  assert.equal(isPure(far, [...rows, far]), false);
});

/** A mistake in a codec that the simulator shared would be invisible, so not even its tests may take one from there. */
function sharedWithCollector(tree: ReadonlyMap<string, string>): readonly string[] {
  return [...tree].flatMap(([path, text]) =>
    path.startsWith("simulator/") && path.endsWith(".ts")
      ? importsOf(path, text)
          .filter((target) => /^(collector|shipper|cli)\//.test(target) || target === "kafkajs")
          .map((target) => `${path} imports ${target}`)
      : [],
  );
}

test("no file of the simulator, tests included, imports anything of what it stands in for", () => {
  assert.deepEqual(sharedWithCollector(sourceTree()), []);
});

test("and that is seen where one does, in a benchmark too, which may take from other folders", () => {
  const text = 'import type { Key } from "../../collector/protocol/offsets-topic/key.ts";';
  for (const path of ["simulator/wire/fetch.ts", "simulator/cluster/x.test.ts", "simulator/cluster/x.bench.ts"])
    assert.equal(sharedWithCollector(new Map([[path, text]])).length, 1, path);
  assert.equal(sharedWithCollector(new Map([["simulator/wire/a.ts", 'import "kafkajs";']])).length, 1);
});

test("the folders that must be pure are", () => {
  const pure = ROWS.filter((row) => isPure(row, ROWS)).map(({ path }) => path);
  const must = ["model", "protocol", "ingest", "window", "evaluate", "feed"].map((name) => `collector/${name}`);
  for (const path of [
    ...must,
    "shipper/schema",
    "shipper/encode",
    "shipper/deliver/policy.ts",
    "web",
    "simulator/cluster",
  ])
    assert.ok(pure.includes(path), path);
});

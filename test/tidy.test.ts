/** The tree is tidy, and every rule can fail. */

import assert from "node:assert/strict";
import { existsSync } from "node:fs";
import { test } from "node:test";
import { generated } from "../docs/generate.ts";
import type { Tree } from "./architecture.ts";
import type { Row } from "./architecture-rows.ts";
import { ROWS } from "./architecture-rows.ts";
import { sourceTree } from "./source-tree.ts";
import {
  asyncTimers,
  bannedCalls,
  deadLinks,
  longFiles,
  looseTodos,
  machinePaths,
  missingHeaders,
  staleNames,
} from "./tidy.ts";

const ROOT = new URL("../", import.meta.url);
const tree = sourceTree();
const isFile = (path: string) => existsSync(new URL(path, ROOT));

const rules: readonly (readonly [string, () => readonly string[]])[] = [
  ["pure folders take the clock and chance as arguments", () => bannedCalls(tree, ROWS)],
  ["no timer drops a promise", () => asyncTimers(tree)],
  ["every source file says what it is for", () => missingHeaders(tree)],
  ["no source file is too long", () => longFiles(tree)],
  ["every TODO has an issue", () => looseTodos(tree)],
  ["nothing names a path of one machine", () => machinePaths(tree)],
  ["every link leads somewhere", () => deadLinks(tree, isFile)],
  ["what docs/one-record.md names exists", () => staleNames(tree, "docs/one-record.md")],
];
for (const [name, breaches] of rules) test(name, () => assert.deepEqual(breaches(), []));

test("every generated document is as its generator writes it", () => {
  for (const [path, text] of generated()) assert.equal(tree.get(path), text, `${path} is stale; run: npm run generate`);
});

const rows: readonly Row[] = [
  { path: "pure", purpose: "", imports: [] },
  { path: "edge", purpose: "", imports: ["node:fs"] },
];
const one = (path: string, text: string): Tree => new Map([[path, text]]);

for (const call of ["Date.now()", "new Date()", "Math.random()", "process.env.HOME", "setTimeout(() => {}, 1)"])
  test(`the gate fails on ${call} in a pure folder, and names what to do instead`, () => {
    const found = bannedCalls(one("pure/a.ts", `const x = ${call};`), rows);
    assert.equal(found.length, 1);
    assert.match(found[0] ?? "", /argument|runtime\/clock/);
    assert.deepEqual(bannedCalls(one("edge/a.ts", `const x = ${call};`), rows), []);
    assert.deepEqual(bannedCalls(one("pure/a.test.ts", `const x = ${call};`), rows), []);
    assert.deepEqual(bannedCalls(one("pure/a.ts", `// ${call}\nconst x = "${call}";`), rows), []);
  });

test("a date made of an argument is pure", () => {
  assert.deepEqual(bannedCalls(one("pure/a.ts", "const x = (atMs: number) => new Date(atMs);"), rows), []);
});

const failures: readonly { readonly name: string; readonly found: readonly string[] }[] = [
  { name: "an async timer", found: asyncTimers(one("edge/a.ts", "setTimeout(async () => {}, 1);")) },
  { name: "a file without a header", found: missingHeaders(one("a.ts", "const x = 1;\n/** late */")) },
  { name: "a file of 301 lines", found: longFiles(one("a.ts", `/** head */\n${"x;\n".repeat(301)}`)) },
  { name: "a TODO without an issue", found: looseTodos(one("a.ts", "// TODO: later")) },
  { name: "a path of one machine", found: machinePaths(one("a.md", "see `/home/me/notes`")) },
  { name: "a dead link", found: deadLinks(one("docs/a.md", "[b](../b.md)"), () => false) },
  { name: "a path that a document names and nobody has", found: staleNames(one("d.md", "- `a/gone.ts`: x"), "d.md") },
  { name: "a missing document", found: staleNames(new Map(), "d.md") },
  {
    name: "a symbol that its file does not export",
    found: staleNames(
      new Map([
        ["d.md", "`a/b.ts`: `makeThing`"],
        ["a/b.ts", "function makeThing() {}"],
      ]),
      "d.md",
    ),
  },
];
for (const { name, found } of failures) test(`the gate fails on ${name}`, () => assert.equal(found.length, 1));

test("the gates pass what is sound", () => {
  assert.deepEqual(longFiles(one("a.ts", `/** head\n${"*\n".repeat(400)} */\n${"x;\n".repeat(300)}`)), []);
  assert.deepEqual(looseTodos(one("a.ts", "// TODO(#12): later")), []);
  assert.deepEqual(missingHeaders(one("a.ts", "#!/usr/bin/env node\n/** head */")), []);
  assert.deepEqual(
    deadLinks(one("docs/a.md", "[b](../b.png) [c](https://x.test/) [d](#e)"), (path) => path === "b.png"),
    [],
  );
  const sound: Tree = new Map([
    ["d.md", "`a/b.ts`: `makeThing` in `a/`"],
    ["a/b.ts", "export function makeThing() {}"],
  ]);
  assert.deepEqual(staleNames(sound, "d.md"), []);
});

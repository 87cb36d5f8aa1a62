/**
 * # The architecture: which folder may import what
 *
 * One row per folder, or per file where one file is purer (or less pure) than its folder; the longest matching row counts.
 * npm packages and node builtins are imports like others, so purity is visible in the same table: a row is PURE when all
 * that it imports only computes, and then the clock and chance come in as arguments (tidy.ts checks the calls).
 * Files in the same row, and rows inside a folder's row, may always be imported from it.
 */

import ts from "typescript";
import type { Row } from "./architecture-rows.ts";
import { codecs } from "./architecture-rows.ts";

/** Files by their path from the root. */
export type Tree = ReadonlyMap<string, string>;

/** `x.test.ts` and its kin: they ship nothing, so any builtin and these packages are theirs to use. */
const TEST_FILE = /\.(test|prop|suite|bench|fixture|model|requests)\.ts$/;
const TEST_IMPORTS: readonly string[] = [
  "fast-check",
  "runtime",
  "test/claims/counts.ts",
  "test/notices.ts",
  "test/source-tree.ts",
  "test/stores",
  "test/tidy.ts",
  "test/architecture.ts",
  "test/architecture-rows.ts",
  "simulator",
  "bench/table.ts",
  "shipper/faults",
  "shipper/provision",
  "shipper/sink/sink.suite.ts",
  "docs",
  "zod",
];

export function isTestFile(path: string): boolean {
  return TEST_FILE.test(path);
}

/** The longest row that holds the path; a test is held by the row of the file that it tests. */
export function rowOf(path: string, rows: readonly Row[]): Row | undefined {
  const tested = path.replace(/\.(prop\.test|test|long\.test)\.ts$/, ".ts");
  const fitting = rows.filter((row) => isWithin(tested, row.path));
  return fitting.sort((left, right) => right.path.length - left.path.length)[0];
}

/** Sentences, one per breach; empty where the tree keeps to the rows. */
export function breaches(tree: Tree, rows: readonly Row[]): readonly string[] {
  const used = new Set<string>();
  const found = [...tree].flatMap(([path, text]) => {
    if (!path.endsWith(".ts")) return [];
    const row = rowOf(path, rows);
    if (row === undefined)
      return [`${path} is in no row of test/architecture.ts; say there what its folder may import`];
    return importsOf(path, text).flatMap((target) => breachOf({ path, target, row, rows, used }));
  });
  return [...found, ...stale(tree, rows, used)];
}

interface Edge {
  readonly path: string;
  readonly target: string;
  readonly row: Row;
  readonly rows: readonly Row[];
  readonly used: Set<string>;
}

function breachOf({ path, target, row, rows, used }: Edge): readonly string[] {
  const inside = isWithin(target, row.path) || rowOf(target, rows) === row;
  if (!isTestFile(path) && isTestFile(target)) return [`${path} imports ${target}, which is a test's`];
  const entry = row.imports.find((one) => isWithin(target, one));
  if (entry !== undefined) used.add(`${row.path} ${entry}`);
  if (inside || entry !== undefined) return [];
  // A benchmark feeds one part with what another makes.
  if (path.endsWith(".bench.ts") && rowOf(target, rows) !== undefined) return [];
  if (isTestFile(path) && (target.startsWith("node:") || TEST_IMPORTS.some((one) => isWithin(target, one)))) return [];
  return [`${path} imports ${target}, which the row ${row.path} does not list`];
}

function stale(tree: Tree, rows: readonly Row[], used: ReadonlySet<string>): readonly string[] {
  return rows.flatMap((row) => {
    const lives = [...tree.keys()].some((path) => path.endsWith(".ts") && rowOf(path, rows) === row);
    if (!lives) return [`the row ${row.path} has no file`];
    const unused = row.imports.filter((entry) => !used.has(`${row.path} ${entry}`));
    return unused.map((entry) => `the row ${row.path} lists ${entry}, which nothing in it imports`);
  });
}

/** `node:fs` and `node:fs/promises` are two builtins, not one in the other. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || (path.startsWith(`${folder}/`) && !path.startsWith("node:"));
}

/** What a file imports: paths from the root, package names, builtins. Types count; they couple as values do. */
export function importsOf(path: string, text: string): readonly string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => {
    if (fileName.startsWith(".")) return resolved(path, fileName);
    if (fileName.startsWith("node:") || fileName.startsWith("/")) return fileName;
    return fileName.split("/", fileName.startsWith("@") ? 2 : 1).join("/");
  });
}

function resolved(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

/** What only computes: the same answer for the same arguments. */
const PURE_PACKAGES: ReadonlySet<string> = new Set(["zod", ...codecs]);

/** PURE by what the row imports, its imports' imports included. */
export function isPure(row: Row, rows: readonly Row[]): boolean {
  return row.imports.every((entry) => {
    if (PURE_PACKAGES.has(entry)) return true;
    const target = rows.find(({ path }) => path === entry) ?? rowOf(entry, rows);
    return target !== undefined && target !== row && isPure(target, rows);
  });
}

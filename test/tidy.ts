/**
 * # What every file must keep
 *
 * Rules that neither the compiler nor the linter knows. Each is a function from a tree of texts to sentences, one per
 * breach, so that it can be shown to fail. (The length of functions is the linter's.)
 */

import ts from "typescript";
import type { Tree } from "./architecture.ts";
import { isPure, isTestFile, rowOf } from "./architecture.ts";
import type { Row } from "./architecture-rows.ts";

const LINES_MAX = 300;

/** Calls that make an answer depend on when and where it is asked, and what to use instead. */
const BANNED: readonly { readonly found: RegExp; readonly instead: string }[] = [
  { found: /^Date\.now\(/, instead: "take `nowMs` as an argument" },
  { found: /^new Date\(\)/, instead: "take `nowMs` as an argument" },
  { found: /^Math\.random\(/, instead: "take `random` as an argument" },
  { found: /^process\.env$/, instead: "take the value as an argument; runtime/config reads the environment" },
  { found: /^setTimeout\(/, instead: "return what is due when, and let the edge wait with runtime/clock.ts" },
];

/** Scripts of the browser have no one to give them a clock. */
export function bannedCalls(tree: Tree, rows: readonly Row[]): readonly string[] {
  return sources(tree).flatMap(([path, text]) => {
    const row = rowOf(path, rows);
    if (row === undefined || isTestFile(path) || path.endsWith(".js") || !isPure(row, rows)) return [];
    return expressionsOf(path, text).flatMap((expression) => {
      const banned = BANNED.find(({ found }) => found.test(expression));
      return banned === undefined
        ? []
        : [`${path}: \`${expression.slice(0, 40)}\` in a pure folder; ${banned.instead}`];
    });
  });
}

/** The timer drops the promise, and with it every error. */
export function asyncTimers(tree: Tree): readonly string[] {
  return sources(tree).flatMap(([path, text]) =>
    expressionsOf(path, text)
      .filter((expression) => /^setTimeout\(\s*async\b/.test(expression))
      .map(() => `${path}: setTimeout(async …) loses its errors; wait with runtime/clock.ts`),
  );
}

function expressionsOf(path: string, text: string): readonly string[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, false);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isCallExpression(node) || ts.isNewExpression(node) || ts.isPropertyAccessExpression(node))
      found.push(text.slice(node.getStart(file), node.end));
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

export function missingHeaders(tree: Tree): readonly string[] {
  return sources(tree)
    .filter(([, text]) => !/^(#!.*\n)?\s*(\/\*|\/\/)/.test(text))
    .map(([path]) => `${path} has no header comment; say what it is for`);
}

/** Lines without the header, which is a format's spec and as long as the format. */
export function longFiles(tree: Tree): readonly string[] {
  return sources(tree).flatMap(([path, text]) => {
    const lines = text
      .replace(/^(#!.*\n)?\s*\/\*[\s\S]*?\*\//, "")
      .trim()
      .split("\n").length;
    return lines > LINES_MAX
      ? [`${path} has ${lines} lines without its header, more than ${LINES_MAX}; it is two files`]
      : [];
  });
}

export function looseTodos(tree: Tree): readonly string[] {
  return everyLine(
    tree,
    /\b(TODO|FIXME)\b(?!\s*\(?#\d)/,
    (path, line) => `${path}:${line} has a TODO without the number of its issue`,
  );
}

/** Where somebody's checkout or home was. */
const MACHINE_PATH = /(^|[\s"'`(=])\/(home\/\w|root\/|Users\/\w|work\/|tmp\/\w)/;

export function machinePaths(tree: Tree): readonly string[] {
  return everyLine(tree, MACHINE_PATH, (path, line) => `${path}:${line} names a path of one machine`);
}

function everyLine(tree: Tree, found: RegExp, say: (path: string, line: number) => string): readonly string[] {
  return [...tree].flatMap(([path, text]) =>
    text.split("\n").flatMap((line, index) => (found.test(line) && !isGate(path) ? [say(path, index + 1)] : [])),
  );
}

/** The gate and its test must spell what they forbid. */
function isGate(path: string): boolean {
  return path === "test/tidy.ts" || path === "test/tidy.test.ts";
}

/** Links of Markdown that lead to nothing in the tree. `exists` knows files that are no texts. */
export function deadLinks(tree: Tree, exists: (path: string) => boolean): readonly string[] {
  return [...tree].flatMap(([path, text]) => {
    if (!path.endsWith(".md")) return [];
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map((match) => match[1] ?? "");
    return targets
      .filter((target) => !/^([a-z]+:|#)/.test(target))
      .map((target) => new URL(target, `file:///${path}`).pathname.slice(1))
      .filter((target) => !tree.has(decodeURIComponent(target)) && !exists(decodeURIComponent(target)))
      .map((target) => `${path} links to ${target}, which is not there`);
  });
}

/**
 * What a document names must be there: in backticks, a path of a source file, and behind it on the same line the symbols
 * which that file is said to export.
 */
export function staleNames(tree: Tree, document: string): readonly string[] {
  const lines = (tree.get(document) ?? "").split("\n");
  if (!tree.has(document)) return [`${document} is not there`];
  return lines.flatMap((line) => {
    const named = [...line.matchAll(/`([^`]+)`/g)].map((match) => match[1] ?? "");
    const paths = named.filter((name) => /^[\w.-]+(\/[\w.-]+)*\/[\w.-]*$/.test(name) && !name.startsWith("/"));
    const texts = paths.map((path) => tree.get(path));
    const missing = paths.filter(
      (path) => !tree.has(path) && ![...tree.keys()].some((one) => path.endsWith("/") && one.startsWith(path)),
    );
    const symbols =
      paths.length === 0 ? [] : named.filter((name) => /^[A-Za-z]\w+$/.test(name) && /[a-z][A-Z]|^[A-Z]/.test(name));
    const unknown = symbols.filter((name) => !texts.some((text) => text !== undefined && exportsName(text, name)));
    return [
      ...missing.map((path) => `${document} names ${path}, which is not there`),
      ...unknown.map((name) => `${document} names ${name}, which ${paths.join(", ")} does not export`),
    ];
  });
}

function exportsName(text: string, name: string): boolean {
  return new RegExp(`^export (?:async )?(?:function\\*?|const|interface|type|class) ${name}\\b`, "m").test(text);
}

function sources(tree: Tree): readonly (readonly [string, string])[] {
  return [...tree].filter(([path]) => /\.(ts|js)$/.test(path));
}

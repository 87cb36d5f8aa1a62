/**
 * # The repository as texts
 *
 * What the gates read: every text file that is ours, by its path from the root. Dependencies, caches and captured bytes
 * are not ours to judge.
 */

import { readdirSync, readFileSync } from "node:fs";

const ROOT = new URL("../", import.meta.url);
const NOT_OURS = /(^|\/)(node_modules|\.git|\.cache|data|golden)(\/|$)/;
const TEXT = /(\.(ts|js|css|svg|md|json|yaml|yml)|\/\.ci\/run|^tidemark)$/;

export function sourceTree(): ReadonlyMap<string, string> {
  const paths = readdirSync(ROOT, { recursive: true, encoding: "utf8" });
  const ours = paths.filter((path) => TEXT.test(path) && !NOT_OURS.test(path)).sort();
  return new Map(ours.map((path) => [path, readFileSync(new URL(path, ROOT), "utf8")]));
}

/**
 * # Writes the boards
 *
 *     node dashboards/generate.ts            writes out/, and removes what is generated no more
 *     node dashboards/generate.ts --check    fails where a file is missing, stale or too many
 */

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { outputs } from "./output.ts";

const OUT = join(import.meta.dirname, "out");

interface Drift {
  readonly stale: readonly (readonly [string, string])[];
  readonly left: readonly string[];
}

function driftOf(wanted: ReadonlyMap<string, string>): Drift {
  const present = filesIn(OUT);
  return {
    stale: [...wanted].filter(
      ([path, text]) => !present.includes(path) || readFileSync(join(OUT, path), "utf8") !== text,
    ),
    left: present.filter((path) => !wanted.has(path)),
  };
}

function filesIn(folder: string): readonly string[] {
  mkdirSync(folder, { recursive: true });
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(OUT.length + 1));
}

function run(check: boolean): number {
  const { stale, left } = driftOf(outputs());
  for (const [path, text] of check ? [] : stale) {
    mkdirSync(dirname(join(OUT, path)), { recursive: true });
    writeFileSync(join(OUT, path), text);
  }
  for (const path of check ? [] : left) rmSync(join(OUT, path));
  const paths = [...stale.map(([path]) => path), ...left];
  for (const path of paths)
    process.stderr.write(
      check ? `dashboards/out/${path} is stale; run: npm run dashboards\n` : `wrote dashboards/out/${path}\n`,
    );
  return check && paths.length > 0 ? 1 : 0;
}

if (import.meta.main) process.exitCode = run(process.argv.includes("--check"));

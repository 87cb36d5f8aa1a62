/**
 * # Benches
 *
 *   node bench/run.ts [FILTER...]
 * Runs every `*.bench.ts` whose path contains a filter (all without one), one after the other, each in a process of its own with
 * the locked Node, the flags of `./tidemark` and `--expose-gc`, so that no bench sees another's heap or its compiled code. Each prints one table.
 */

import { spawn } from "node:child_process";
import { glob } from "node:fs/promises";
import { cpus, totalmem } from "node:os";
import { resolve } from "node:path";

const ROOT = resolve(import.meta.dirname, "..");
const FLAGS = [
  "--max-semi-space-size=4",
  "--disable-warning=ExperimentalWarning",
  "--disable-warning=TimeoutNegativeWarning",
];

async function benches(filters: readonly string[]): Promise<readonly string[]> {
  const exclude = (path: string) => /(^|\/)(node_modules|\.cache|\.git)(\/|$)/.test(path);
  const found: string[] = [];
  for await (const path of glob("**/*.bench.ts", { cwd: ROOT, exclude })) found.push(path);
  const wanted = (path: string) => filters.length === 0 || filters.some((filter) => path.includes(filter));
  return found.filter(wanted).sort();
}

function runBench(path: string): Promise<number> {
  const child = spawn(process.execPath, [...FLAGS, "--expose-gc", path], { cwd: ROOT, stdio: "inherit" });
  return new Promise((settle, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => settle(code ?? 1));
  });
}

const filters = process.argv.slice(2);
const paths = await benches(filters);
if (paths.length === 0) console.error(`bench/run.ts: no bench for ${filters.join(" ") || "anything"}`);
const memoryGib = (totalmem() / 2 ** 30).toFixed(0);
console.log(`Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? "unknown"}, ${memoryGib} GiB`);
let failed = paths.length === 0 ? 1 : 0;
for (const path of paths) {
  console.log(`\n${path}`);
  if ((await runBench(path)) !== 0) failed++;
}
process.exitCode = failed === 0 ? 0 : 1;

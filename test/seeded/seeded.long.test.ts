/** Sixteen bugs that others had, one at a time in a copy of the repository: a test has to fail for each, and pass without it. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdir, mkdtemp, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { after, before, test } from "node:test";
import { sourceTree } from "../source-tree.ts";
import { SEEDED_BUGS } from "./bugs.ts";

const ROOT = resolve(import.meta.dirname, "../..");
const TEST_TIMEOUT_MS = 120_000;
let copy: string;

before(async () => {
  await mkdir(join(ROOT, ".cache"), { recursive: true });
  copy = await mkdtemp(join(ROOT, ".cache", "seeded-"));
  for (const [path, text] of sourceTree()) {
    await mkdir(dirname(join(copy, path)), { recursive: true });
    await writeFile(join(copy, path), text);
  }
  await cp(join(ROOT, "collector/protocol/golden"), join(copy, "collector/protocol/golden"), { recursive: true });
  await symlink(join(ROOT, "node_modules"), join(copy, "node_modules"));
});
after(() => rm(copy, { recursive: true }));

/** A test that hangs has seen it, too. */
async function passes(path: string): Promise<boolean> {
  const limits = ["--disable-warning=ExperimentalWarning", `--test-timeout=${TEST_TIMEOUT_MS / 2}`];
  const { NODE_TEST_CONTEXT: _ours, ...env } = process.env;
  const child = spawn(process.execPath, [...limits, "--test", path], { cwd: copy, env, stdio: "ignore" });
  const timer = setTimeout(() => child.kill("SIGKILL"), TEST_TIMEOUT_MS);
  const [code] = await once(child, "exit");
  clearTimeout(timer);
  return code === 0;
}

for (const path of new Set(SEEDED_BUGS.map(({ caughtBy }) => caughtBy)))
  test(`without a bug, ${path} passes`, async () => assert.ok(await passes(path)));

for (const { bug, path, find, put, caughtBy } of SEEDED_BUGS)
  test(`caught: ${bug}`, async () => {
    const file = join(copy, path);
    const source = await readFile(file, "utf8");
    await writeFile(
      file,
      source.replace(find, () => put),
    );
    try {
      assert.equal(await passes(caughtBy), false, `${caughtBy} does not see it`);
    } finally {
      await writeFile(file, source);
    }
  });

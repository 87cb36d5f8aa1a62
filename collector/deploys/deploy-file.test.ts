/** The file of deploys: read again by the next process, set aside where it is none, left alone where it cannot be had. */

import assert from "node:assert/strict";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { createLogger } from "../../runtime/logger.ts";
import type { Deploy } from "../model/deploy.ts";
import { openDeploys } from "./deploy-file.ts";

const open = { logger: createLogger("silent"), untoldSinceMs: 0 };
const DEPLOY: Deploy = {
  cluster: "c",
  group: "__proto__ 🌊",
  name: "checkout",
  version: "1.4.2",
  at: 1_795_188_996_000,
  offsets: [{ topic: "t", partition: 0, committed_offset: Number.MAX_SAFE_INTEGER }],
  unknown: [{ topic: "t", partition: 1, status: "stale" }],
};

async function folderOf(t: TestContext): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-deploys-"));
  t.after(() => rm(folder, { recursive: true }));
  return folder;
}

function opened(path: string) {
  const deploys = openDeploys(path, open);
  assert.ok(deploys.kind === "kept", "the file can be had");
  return deploys.book;
}

test("what one process recorded, the next one finds", async (t) => {
  const path = join(await folderOf(t), "not", "there", "deploys.json");
  await opened(path).record(DEPLOY);
  assert.deepEqual(opened(path).of(DEPLOY.cluster, DEPLOY.group), [DEPLOY]);
  assert.deepEqual(await readdir(join(path, "..")), ["deploys.json"]);
});

const NO_FILES = ["", "{", "[]", '{"format":2,"deploys":[]}', '{"format":1,"deploys":[{"name":7}]}'];
for (const text of NO_FILES) {
  test(`a file that says ${JSON.stringify(text)} is set aside, and recording goes on`, async (t) => {
    const path = join(await folderOf(t), "deploys.json");
    await writeFile(path, text);
    await opened(path).record(DEPLOY);
    assert.equal(await readFile(`${path}.refused`, "utf8"), text);
    assert.equal(opened(path).stats().deploys, 1);
  });
}

test("one that cannot be read is not written over: none is taken, and it is said why", async (t) => {
  const path = join(await folderOf(t), "deploys.json");
  await mkdir(path);
  const deploys = openDeploys(path, open);
  assert.ok(deploys.kind === "none");
  assert.match(deploys.reason, /deploys\.json cannot be read: EISDIR/);
});

test("a folder that cannot be written to refuses the deploy by name", async (t) => {
  const folder = await folderOf(t);
  await writeFile(join(folder, "file"), "");
  const deploys = openDeploys(join(folder, "file", "deploys.json"), open);
  if (deploys.kind === "none") return assert.match(deploys.reason, /ENOTDIR/);
  await assert.rejects(deploys.book.record(DEPLOY), { name: "DeployNotKeptError" });
});

/** Deploys that are kept: in order, on disk before they are there, and not without end. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Deploy } from "../model/deploy.ts";
import type { DeployFile } from "./deploy-book.ts";
import { createDeployBook, OFFSETS_MAX } from "./deploy-book.ts";

function deployOf(name: string, at: number, { group = "g", partitions = 1 } = {}): Deploy {
  const offsets = Array.from({ length: partitions }, (_, partition) => ({
    topic: "t",
    partition,
    committed_offset: 7,
  }));
  return { cluster: "c", group, name, at, offsets, unknown: [] };
}

function memoryFile(): DeployFile & { written: readonly Deploy[]; refuse: boolean } {
  return {
    written: [],
    refuse: false,
    async write(deploys) {
      if (this.refuse) throw new Error("full");
      this.written = deploys;
    },
  };
}

const NONE = { found: [], untoldSinceMs: 0 };
const names = (deploys: readonly { readonly name: string }[]) => deploys.map(({ name }) => name);

test("what is recorded is in the file, newest first for its group", async () => {
  const file = memoryFile();
  const book = createDeployBook(file, { found: [deployOf("before", 1), deployOf("young", 5)], untoldSinceMs: 5 });
  await Promise.all([book.record(deployOf("a", 10)), book.record(deployOf("other", 10, { group: "h" }))]);
  await book.record(deployOf("b", 20));
  assert.deepEqual(names(book.of("c", "g")), ["b", "a", "young", "before"]);
  assert.deepEqual(names(book.of("c", "h")), ["other"]);
  assert.deepEqual(book.of("d", "g"), []);
  assert.deepEqual(names(file.written), ["before", "young", "a", "other", "b"]);
  assert.deepEqual(names(book.takeUntold()), ["young", "a", "other", "b"]);
  assert.deepEqual(book.takeUntold(), []);
});

test("no two of a group have the same time, also when the clock goes back", async () => {
  const book = createDeployBook(memoryFile(), NONE);
  const times = [10, 10, 5].map(async (at) => (await book.record(deployOf("x", at))).at);
  assert.deepEqual(await Promise.all(times), [10, 11, 12]);
});

test("what could not be written is not there, and the next one can be", async () => {
  const file = memoryFile();
  const book = createDeployBook(file, NONE);
  file.refuse = true;
  await assert.rejects(book.record(deployOf("lost", 1)), /full/);
  file.refuse = false;
  await book.record(deployOf("kept", 2));
  assert.deepEqual(names(book.of("c", "g")), ["kept"]);
  assert.deepEqual(book.stats(), { deploys: 1, dropped: 0 });
});

test("of a group the newest hundred are kept, and the others counted", async () => {
  const book = createDeployBook(memoryFile(), NONE);
  await book.record(deployOf("other", 1, { group: "h" }));
  for (let at = 1; at <= 105; at += 1) await book.record(deployOf(`d${at}`, at));
  assert.deepEqual([book.of("c", "g").length, book.of("c", "g").at(-1)?.name], [100, "d6"]);
  assert.equal(book.of("c", "h").length, 1);
  assert.deepEqual(book.stats(), { deploys: 101, dropped: 5 });
});

test("of all, as many as have so many offsets; the newest stays, however large", async () => {
  const book = createDeployBook(memoryFile(), NONE);
  const half = OFFSETS_MAX / 2;
  for (const [at, group] of ["g", "h", "i"].entries())
    await book.record(deployOf("half", at, { group, partitions: half }));
  assert.deepEqual([book.of("c", "g").length, book.of("c", "h").length, book.of("c", "i").length], [0, 1, 1]);
  await book.record(deployOf("huge", 9, { group: "j", partitions: OFFSETS_MAX + 1 }));
  assert.deepEqual([book.of("c", "h").length, book.stats().deploys], [0, 1]);
});

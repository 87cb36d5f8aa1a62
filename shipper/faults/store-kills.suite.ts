/** kill -9 at the n-th call that changes the spool's files, in each of its four transactions; the store alone, so that many are tried. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { systemClock } from "../../runtime/clock.ts";
import { openStore } from "../spool/store.ts";

const CHILD = fileURLToPath(new URL("./store-child.ts", import.meta.url));
const TRACER = "strace";
const CALLS = "pwrite64,fdatasync,fsync,ftruncate,unlink";

export const SCENARIOS = ["append", "settle", "dead-letter", "drop"] as const;
export type Scenario = (typeof SCENARIOS)[number];

/** Answers whether it was killed: a call that is never reached ends it by itself. */
export async function killStoreAt(scenario: Scenario, n: number): Promise<boolean> {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-store-kill-"));
  try {
    const path = join(folder, "spool.db");
    const traced = ["-f", "-qq", "-o", "/dev/null", "-P", path, "-P", `${path}-wal`, "-e", `trace=${CALLS}`];
    const inject = ["-e", `inject=${CALLS}:signal=KILL:when=${n}`];
    const command = [process.execPath, "--disable-warning=ExperimentalWarning", CHILD, path, scenario];
    const child = spawn(TRACER, [...traced, ...inject, ...command], { stdio: ["ignore", "pipe", "inherit"] });
    let acknowledged = 0;
    createInterface(child.stdout).on("line", (line) => {
      acknowledged = Number(line.slice(2));
    });
    const [code] = await once(child, "close");
    check(path, { scenario, acknowledged });
    return code !== 0;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** All that was acknowledged is there, every account adds up, and each point that was refused is a dead letter, once. */
function check(
  path: string,
  { scenario, acknowledged }: { readonly scenario: Scenario; readonly acknowledged: number },
): void {
  const bytesMax = scenario === "drop" ? 2 ** 19 : 2 ** 26;
  const store = openStore({ path, bytesMax, sinks: ["quick", "dead"] }, systemClock);
  try {
    const cursor = store.cursor();
    assert.ok(cursor.kind === "cursor" && Number(cursor.cursor) >= acknowledged, `${scenario}: ${acknowledged} ticks`);
    const { state, deadLetters, health } = store.stats();
    assert.deepEqual(health, { kind: "ok" });
    assert.ok(state !== undefined);
    for (const [sink, account] of state.sinks) {
      const { stored, rejected, dropped, droppedBy, quarantined, point } = account;
      assert.equal(stored + rejected + dropped, point, `${scenario}, ${sink}`);
      assert.deepEqual([quarantined, droppedBy.bytes], [0, dropped]);
      const told: number = state.drops.reduce((sum, range) => (range.sink === sink ? sum + range.points : sum), 0);
      assert.equal(told, dropped, "the ranges are what is counted");
      assert.equal(deadLetters.get(sink)?.letters ?? 0, rejected);
      let next = point;
      for (let head = store.peek(sink); head.kind === "row"; head = store.peek(sink)) {
        const { seq, crc, points, firstPoint } = head.row;
        assert.equal(firstPoint, next, "no row is missing");
        next += points;
        const tally = { stored: points, duplicate: 0, filtered: 0, rejected: 0 };
        store.settle({ sink, rows: [{ row: { seq, crc }, tally, letters: [] }] });
      }
      assert.equal(next, state.pointsIn);
    }
  } finally {
    store.close();
  }
}

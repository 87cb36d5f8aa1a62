/**
 * One fault at the n-th call that changes the spool's files, for one n after another: the process is killed there, or the
 * call fails once with EIO or ENOSPC. By strace's injection on the real process; nothing of ours is replaced.
 */

import assert from "node:assert/strict";
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { checkAccounts, checkHistory, drain, spoolState } from "./kill-loop.suite.ts";

const CHILD = fileURLToPath(new URL("./child.ts", import.meta.url));
const TRACER = "strace";
const CALLS = "pwrite64,fdatasync,fsync,ftruncate,unlink";
/** Where the whole disk refuses, opening for writing fails as well. */
const CALLS_OF: Readonly<Record<Fault, string>> = {
  "signal=KILL": CALLS,
  "error=EIO": CALLS,
  "error=ENOSPC": CALLS,
  "error=EROFS": `openat,${CALLS}`,
};
/** Enough that the fault lies behind it, when it is one that the process survives. */
const TICKS = 60;

export type Fault = "signal=KILL" | "error=EIO" | "error=ENOSPC" | "error=EROFS";

/** Why faults cannot be injected here; false when they can. */
export function whyNoFaults(): string | false {
  const tried = spawnSync(TRACER, ["-f", "-qq", "-e", "trace=none", "true"]);
  return tried.status === 0 ? false : "strace is not here, or may not trace (ptrace is denied)";
}

/** Runs one shipper with the fault at its n-th call, or at `first..last`, kills it, and checks that nothing acknowledged is lost. */
export async function faultAt(fault: Fault, n: number | `${number}..${number}`): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-fault-"));
  const paths = ["spool.db", "spool.db-wal"].flatMap((name) => ["-P", join(folder, name)]);
  const inject = ["-e", `trace=${CALLS_OF[fault]}`, "-e", `inject=${CALLS_OF[fault]}:${fault}:when=${n}`];
  const command = [process.execPath, "--disable-warning=ExperimentalWarning", CHILD, folder];
  const options = { stdio: ["ignore", "pipe", "pipe"] as ["ignore", "pipe", "pipe"], detached: true };
  const child = spawn(TRACER, ["-f", "-qq", "-o", "/dev/null", ...paths, ...inject, ...command], options);
  child.stderr.resume();
  const killAll = (): void => {
    // strace and what it traces are one process group.
    if (child.pid !== undefined && child.exitCode === null && child.signalCode === null)
      process.kill(-child.pid, "SIGKILL");
  };
  try {
    let acknowledged = 0;
    // Not "exit", which is strace's own: the pipes close when the shipper is gone as well.
    const exited = once(child, "close");
    createInterface(child.stdout).on("line", (line) => {
      acknowledged = Number(line.slice(2));
      if (acknowledged >= TICKS) killAll();
    });
    await exited;
    if (fault === "signal=KILL") assert.ok(acknowledged < TICKS, `call ${n} was never reached`);
    else assert.ok(acknowledged >= TICKS, `it went on after ${fault} at ${n}: ${acknowledged} ticks`);
    const state = spoolState(folder);
    const ticks = Number(state.sourceCursor);
    assert.ok(ticks >= acknowledged, `${ticks} ticks are left of ${acknowledged}`);
    checkAccounts(state);
    if (ticks > 0) {
      await drain(folder, ticks);
      checkHistory(folder, ticks);
    }
  } finally {
    killAll();
    rmSync(folder, { recursive: true });
  }
}

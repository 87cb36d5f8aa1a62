/** What this process holds when all that is garbage is gone: for tests of what must not grow. */

import { setImmediate } from "node:timers/promises";
import { getHeapStatistics, setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";

/** Bytes on the heap and beside it. */
export function allocatedBytes(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

/** The same after a collection; some of what lies beside the heap is let go between turns of the event loop only. */
export async function heldBytes(): Promise<number> {
  setFlagsFromString("--expose-gc");
  const collect: unknown = runInNewContext("gc");
  if (typeof collect !== "function") throw new Error("this engine has no gc()");
  for (let turn = 0; turn < 3; turn++) {
    collect();
    await setImmediate();
  }
  return allocatedBytes();
}

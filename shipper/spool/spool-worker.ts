/** The spool's thread: fsync blocks, so the store runs here. */

import { systemClock } from "../../runtime/clock.ts";
import { createSteadyClock } from "../../runtime/steady-clock.ts";
import { serve } from "../sqlite/thread.ts";
import type { SpoolCalls } from "./spool.ts";
import type { StoreOptions } from "./store.ts";
import { openStore } from "./store.ts";

serve<StoreOptions, SpoolCalls>((options) => {
  // A wall clock that jumps must not make a backlog old.
  const store = openStore(options, createSteadyClock(systemClock));
  return {
    cursor: () => store.cursor(),
    append: (entry) => store.append(entry),
    peek: (sink) => store.peek(sink),
    ahead: (query) => store.ahead(query),
    settle: (entry) => store.settle(entry),
    quarantine: (row) => store.quarantine(row),
    place: (sinks) => store.place(sinks),
    sweep: () => store.sweep(),
    stats: () => store.stats(),
    close: () => store.close(),
  };
});

/** The history's thread: SQLite blocks, so reads and writes run here. */

import { systemClock } from "../../../runtime/clock.ts";
import { serve } from "../../sqlite/thread.ts";
import type { HistoryCalls } from "./sqlite-sink.ts";
import type { HistoryStoreOptions } from "./store.ts";
import { openHistoryStore } from "./store.ts";

serve<HistoryStoreOptions, HistoryCalls>((options) => {
  const store = openHistoryStore(options, systemClock);
  return {
    write: (rows) => store.write(rows),
    sparklines: (query) => store.sparklines(query),
    group: (query) => store.group(query),
    stats: () => store.stats(),
    close: () => store.close(),
  };
});

/**
 * # A shipper to be killed
 *
 *     node child.ts DATA_DIR        writes "A <ticks>\n" to standard output, unbuffered, whenever ticks are acknowledged,
 *                                   and warnings to standard error
 *     node child.ts DATA_DIR once   starts and stops: what it has compiled is then in NODE_COMPILE_CACHE, for the next
 *
 * What it does not need it does not load: it is started often.
 */

import { writeSync } from "node:fs";
import { createLogger } from "../../runtime/logger.ts";
import { createShipper } from "../shipper.ts";
import { createEndlessFeed, SINKS } from "./endless-feed.ts";

const [, , dataDir = ".", mode] = process.argv;
await using shipper = await createShipper({
  feed: createEndlessFeed({
    ticksEnd: Number.POSITIVE_INFINITY,
    ticksPerRead: 3,
    acknowledged: (cursor) => void writeSync(1, `A ${cursor}\n`),
  }),
  dataDir,
  spoolBytesMax: 2 ** 28,
  sinks: SINKS,
  random: Math.random,
  logger: createLogger("warn"),
  graceMs: 1_000,
});
await shipper.run(mode === "once" ? AbortSignal.abort() : new AbortController().signal);

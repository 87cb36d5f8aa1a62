/**
 * # A spool to be killed, in one of its transactions
 *
 *     node store-child.ts FILE append|settle|dead-letter|drop      writes "A <cursor>\n" after each append that is durable
 *
 * Ends by itself after TICKS appends.
 */

import { writeSync } from "node:fs";
import { systemClock } from "../../runtime/clock.ts";
import { openStore } from "../spool/store.ts";

const TICKS = 24;
const POINTS = 7;
const [, , path = "", scenario = ""] = process.argv;
const bytesMax = scenario === "drop" ? 2 ** 19 : 2 ** 26;
const store = openStore({ path, bytesMax, sinks: ["quick", "dead"] }, systemClock);

function settleHead(rejected: number): void {
  const head = store.peek("quick");
  if (head.kind !== "row") throw new Error("the row that was appended is not there");
  const { seq, crc } = head.row;
  const tally = { stored: POINTS - rejected, duplicate: 0, filtered: 0, rejected };
  const letters = Array.from({ length: rejected }, (_, index) => ({ reason: "refused", point: `${seq}.${index}` }));
  store.settle({ sink: "quick", rows: [{ row: { seq, crc }, tally, letters }] });
}

for (let tick = 0; tick < TICKS; tick += 1) {
  const batch = { points: POINTS, firstMs: tick, lastMs: tick, body: Buffer.alloc(30_000, tick) };
  const entry = { after: String(tick || ""), cursor: String(tick + 1), ticksGone: 0, pointsTooLarge: 0 };
  const answer = store.append({ ...entry, batches: [batch] });
  if (answer.kind !== "appended") throw new Error(`tick ${tick} is ${answer.kind}`);
  writeSync(1, `A ${tick + 1}\n`);
  if (scenario === "settle") settleHead(0);
  if (scenario === "dead-letter") settleHead(2);
}
store.close();

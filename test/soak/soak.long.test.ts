/** Ten hours of 50,000 series, and that what leaks is seen. The whole day of 100,000 is `npm run bench -- soak`. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { slopeBytes, soak } from "./soak.suite.ts";

const WARM_UP_HOURS = 4;
const SERIES = 50_000;
/** Half of what 100,000 may: fewer series would drown in what the engine itself takes and gives back. */
const SLOPE_BYTES_MAX = 500_000;

test("memory does not rise with the hours: less than 500 KB an hour after the fourth", async (context) => {
  const hours = await soak({ series: SERIES, hours: 10 });
  const slope = slopeBytes(hours, WARM_UP_HOURS);
  context.diagnostic(`${Math.round(slope)} bytes an hour; ${hours.at(-1)?.heldBytes} bytes are held`);
  assert.ok(slope < SLOPE_BYTES_MAX, `${slope} bytes an hour`);
});

test("a leak of 20 bytes a series and hour is seen", async () => {
  const leaked: Uint8Array[] = [];
  const onHour = () => void leaked.push(new Uint8Array(20 * SERIES).fill(1));
  const hours = await soak({ series: 2_000, hours: 10, onHour });
  const slope = slopeBytes(hours, WARM_UP_HOURS);
  assert.ok(slope > SLOPE_BYTES_MAX, `${slope} bytes an hour`);
  assert.equal(leaked.length, 10);
});

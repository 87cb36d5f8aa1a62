/** A store that is away for a simulated hour, or day, at 5,000 points a second. The day needs 10 GB of disk. */

import assert from "node:assert/strict";
import { loadavg } from "node:os";
import { test } from "node:test";
import { longCount } from "../../test/claims/counts.ts";
import { figuresOf, outage } from "./outage.suite.ts";

const MINUTES = longCount("outageMinutes");
const RSS_BYTES_MAX = 300_000_000;
const BYTES_PER_POINT_MAX = 25;
const POINTS_PER_CPU_MS_MIN = 200;
const QUIET_LOAD_MAX = 2;

test(`a store that is away for ${MINUTES} simulated minutes at 5,000 points/s gets all of it, in bounds`, async (context) => {
  const outcome = await outage(MINUTES);
  for (const line of figuresOf(outcome)) context.diagnostic(line);
  assert.ok(outcome.rssBytesMax <= RSS_BYTES_MAX, `${outcome.rssBytesMax} bytes of memory`);
  assert.ok(outcome.spoolBytes <= BYTES_PER_POINT_MAX * outcome.partitionPoints, `${outcome.spoolBytes} bytes on disk`);
  // Processor time, yet even that is longer where others fill the caches.
  if ((loadavg()[0] ?? 0) > QUIET_LOAD_MAX) context.diagnostic("the machine is busy: the rate out is not judged");
  else assert.ok(outcome.points >= POINTS_PER_CPU_MS_MIN * outcome.drainCpuMs, `${outcome.drainCpuMs} ms for all`);
});

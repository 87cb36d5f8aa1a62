/** A store that is away for simulated minutes at 5,000 points a second, in its short form. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { COUNTS } from "../../test/claims/counts.ts";
import { figuresOf, outage } from "./outage.suite.ts";

const { everyChange: MINUTES } = COUNTS.outageMinutes;

test(`a store that is away for ${MINUTES} simulated minutes at 5,000 points/s gets all of it, each point once`, async (context) => {
  const outcome = await outage(MINUTES);
  for (const line of figuresOf(outcome)) context.diagnostic(line);
  assert.ok(outcome.spoolBytes <= 25 * outcome.partitionPoints);
});

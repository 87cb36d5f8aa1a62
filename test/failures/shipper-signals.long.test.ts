/** Signals to a shipper as a process, over and over: each state, softly and hard. */

import { test } from "node:test";
import { STATES, stopIn } from "./shipper-signals.suite.ts";

const ROUNDS = 10;

for (const state of STATES)
  test(`stopped and killed ${ROUNDS} times while ${state.name}, it ends with 0 in ten seconds and loses nothing`, async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      await stopIn(state, "SIGTERM");
      await stopIn(state, "SIGKILL after SIGTERM");
    }
  });

/** A scenario, played for a past of two minutes and ten more. */

import type { Scenario } from "../world/specs.ts";
import type { Played } from "../world/world.fixture.ts";
import { play, START_MS } from "../world/world.fixture.ts";

export const LIVE_MS = START_MS + 120_000;
export const END_MS = LIVE_MS + 600_000;

export function playScenario(scenario: Scenario): Played {
  const played = play(scenario, 1, LIVE_MS - START_MS);
  played.advance(END_MS);
  return played;
}

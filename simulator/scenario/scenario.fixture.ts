/** A scenario, played for ten minutes. */

import type { Scenario } from "../world/specs.ts";
import type { Played } from "../world/world.fixture.ts";
import { play, START_MS } from "../world/world.fixture.ts";

export const PLAYABLE_MS = 600_000;

export function playScenario(scenario: Scenario): Played {
  const played = play(scenario);
  played.advance(START_MS + PLAYABLE_MS);
  return played;
}

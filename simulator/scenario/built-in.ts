/**
 * # The scenarios that come with Tidemark
 */

import type { Scenario } from "../world/specs.ts";
import { DEMO } from "./demo.ts";
import { SCALE_1000, SCALE_5000, scaleScenario } from "./scale.ts";

const BUILT_IN: ReadonlyMap<string, () => Scenario> = new Map([
  ["demo", () => DEMO],
  ["scale-5000", () => scaleScenario(SCALE_5000)],
  ["scale-1000", () => scaleScenario(SCALE_1000)],
]);

export function builtInScenario(name: string): Scenario | undefined {
  return BUILT_IN.get(name)?.();
}

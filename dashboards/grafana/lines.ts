/** # The lines of a panel: as many as there are groups, topics or partitions, or a few that are known; and which of them are the worst */

import type { PanelSpec } from "../boards/panel-spec.ts";

export interface Lines {
  readonly areMany: boolean;
  readonly worst: "largest" | "smallest";
}

export function linesOf({ intents, isSigned = false }: Pick<PanelSpec, "intents" | "isSigned">): Lines {
  const areMany = intents.some(
    (intent) => (intent.shape === "series" && intent.by.length > 0) || intent.shape === "own",
  );
  const isLeast = intents.some((intent) => intent.shape === "series" && intent.statistic === "min");
  return { areMany, worst: isLeast || isSigned ? "smallest" : "largest" };
}

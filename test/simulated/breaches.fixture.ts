/**
 * A watch that looks at what is shown all the while: between two moments that a test waits for nothing may be said that was
 * never true.
 */

import type { ClusterView } from "../../collector/http/cluster-view.ts";
import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import { groupEvaluationsOf } from "../../collector/model/snapshot.ts";

/** Looks at every group again and again while `play` runs; answers with what `breach` had to say, each sentence once. */
export async function breachesWhile(
  view: ClusterView,
  breach: (group: GroupEvaluation) => string | undefined,
  play: () => Promise<void>,
): Promise<readonly string[]> {
  const said = new Set<string>();
  const look = (): void => {
    for (const group of groupEvaluationsOf(view.snapshot())) {
      const sentence = breach(group);
      if (sentence !== undefined) said.add(sentence);
    }
  };
  const timer = setInterval(look, 10);
  try {
    await play();
    look();
  } finally {
    clearInterval(timer);
  }
  return [...said];
}

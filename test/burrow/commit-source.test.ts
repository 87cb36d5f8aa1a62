/** An existing Burrow as a source of commits: what the port promises, on a stand-in. */

import { type CommitStage, commitSourceSuite } from "../../collector/kafka/commit-source.suite.ts";
import { systemClock } from "../../runtime/clock.ts";
import { done, notYet, until } from "../real/until.ts";
import { startBurrowStandIn } from "./burrow-stand-in.ts";

const TOPIC = "orders";
const TIMEOUT_MS = 20_000;

commitSourceSuite("burrow", async (): Promise<CommitStage> => {
  const burrow = await startBurrowStandIn();
  burrow.setEnds(TOPIC, [100, 100]);
  return {
    brokers: [],
    burrow,
    topic: TOPIC,
    groups: { g: "g", other: "other" },
    commit: async (group, partition, offset) =>
      burrow.commit({ group, topic: TOPIC, partition, offset, atMs: systemClock.nowMs() }),
    deleteOffset: undefined,
    deleteGroup: async (group) => burrow.deleteGroup(group),
    until: (what, isSo) =>
      until(what, async () => (isSo() ? done(undefined) : notYet("not so")), { timeoutMs: TIMEOUT_MS, everyMs: 10 }),
    faults: undefined,
    [Symbol.asyncDispose]: () => burrow[Symbol.asyncDispose](),
  };
});

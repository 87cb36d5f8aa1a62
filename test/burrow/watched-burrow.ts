/** A stand-in for Burrow, a state that is fed from it round by round, and a clock that the test turns. */

import { createBurrowClient } from "../../collector/burrow/burrow-client.ts";
import { createBurrowRounds, type RoundOutcome } from "../../collector/burrow/burrow-round.ts";
import { createBurrowJudge } from "../../collector/evaluate/burrow.ts";
import { judgeGroupInFull } from "../../collector/evaluate/burrow-group.ts";
import { fetchConsumer } from "../../collector/window/burrow-reads.ts";
import { BURROW_STORE_DEFAULTS } from "../../collector/window/burrow-store.ts";
import { createClusterState } from "../../collector/window/cluster-state.ts";
import { createLogger } from "../../runtime/logger.ts";
import { startBurrowStandIn } from "./burrow-stand-in.ts";

const BEGAN_MS = 1_795_188_000_000;
const NEVER = new AbortController().signal;
export async function watchedBurrow({ timeoutMs = 5_000, atOnce = 4, cluster = "prod", names = {} } = {}) {
  const burrow = await startBurrowStandIn();
  const clock = { ms: BEGAN_MS };
  const nowMs = () => clock.ms;
  const state = createClusterState({
    cluster,
    burrow: BURROW_STORE_DEFAULTS,
    nowS: () => Math.floor(clock.ms / 1_000),
  });
  const client = createBurrowClient({ url: burrow.url, certificates: undefined, timeoutMs, atOnce });
  const rounds = createBurrowRounds({
    client,
    cluster,
    atOnce,
    ...names,
    intervals: 10,
    observer: state,
    clock: { nowMs, monotonicMs: nowMs },
    logger: createLogger("silent"),
  });
  const judge = createBurrowJudge(state.burrow);
  const place = (group: string, partition = 0, topic = "t") => state.table.find({ group, topic, partition }) ?? -1;
  return {
    burrow,
    clock,
    state,
    rounds,
    place,
    /** One round, ten seconds after the one before. */
    round: async (): Promise<RoundOutcome> => {
      clock.ms += 10_000;
      return await rounds.round(NEVER);
    },
    /** Commits a second before the next round. */
    commit: (group: string, offset: number, more: { partition?: number; agoMs?: number; lag?: number | null } = {}) => {
      const { partition = 0, agoMs = 1_000, ...lag } = more;
      burrow.commit({ group, topic: "t", partition, offset, atMs: clock.ms + 10_000 - agoMs, ...lag });
    },
    offset: (group: string, partition = 0) => state.offsets.committedOffset.get(place(group, partition)),
    end: (partition = 0) => state.watermarks.endOffset.get(state.table.topicPartitions.find("t", partition) ?? -1),
    isStale: (group: string) => state.groups.unavailableOf(group) !== undefined,
    verdict: (group: string) => judgeGroupInFull(judge, group, Math.floor(clock.ms / 1_000)),
    window: (group: string, partition = 0) =>
      fetchConsumer(state.burrow, group, Math.floor(clock.ms / 1_000))
        ?.find(({ topic }) => topic === "t")
        ?.partitions[partition]?.offsets.flatMap((cell) => cell ?? []),
    [Symbol.asyncDispose]: async () => {
      await client[Symbol.asyncDispose]();
      await burrow[Symbol.asyncDispose]();
    },
  };
}

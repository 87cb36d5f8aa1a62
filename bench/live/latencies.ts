/**
 * # How old what is shown is
 *
 * One partition of group 0, which the load leaves alone: a commit, and how long until its offset is shown and until the lag is
 * the right one; then a record, and how long until it is in the lag. Each begins when the broker has acknowledged.
 * A question takes time too: what is shown may have been there for one question's length.
 */

import { setTimeout as pause } from "node:timers/promises";
import { done, notYet, until } from "../../test/real/until.ts";
import { commitsOf, groupName } from "../load/scenario.ts";
import type { Peer, Shown } from "../peers/peer.ts";
import type { Stage } from "./stage.ts";

const SAMPLES = 20;
const SHOWN_TIMEOUT_MS = 60_000;
const RHYTHM_MS = 1_000;

export interface Latencies {
  readonly commitShownMs: readonly number[];
  readonly lagAfterCommitMs: readonly number[];
  readonly lagAfterRecordMs: readonly number[];
}

/** `endOffset` and `committedOffset` of the one partition go on rising from one program to the next. */
export interface Probe {
  committedOffset: number;
  endOffset: number;
}

export async function measureLatencies(stage: Stage, peer: Peer, probe: Probe): Promise<Latencies> {
  const [commitShownMs, lagAfterCommitMs, lagAfterRecordMs]: [number[], number[], number[]] = [[], [], []];
  for (let sample = 0; sample < SAMPLES; sample++) {
    // At another moment of the program's rhythm each time.
    await pause(Math.random() * RHYTHM_MS);
    const [first] = commitsOf(stage.scenario, 0, ++probe.committedOffset);
    if (first === undefined) throw new Error("the scenario has no partitions");
    await stage.simple.commit(groupName(0), [first]);
    const committedMs = performance.now();
    const waitFor = (what: string, sinceMs: number, right: (shown: Shown) => boolean) => {
      const look = async () => {
        const shown = await peer.shown(groupName(0), first);
        return right(shown) ? done(performance.now() - sinceMs) : notYet(JSON.stringify(shown));
      };
      return until(`${what} in ${peer.name}`, look, { timeoutMs: SHOWN_TIMEOUT_MS, everyMs: 10 });
    };
    const lagIsRight = ({ lag }: Shown) => lag === probe.endOffset - probe.committedOffset;
    const commitIsShown = ({ committedOffset }: Shown) => committedOffset === probe.committedOffset;
    commitShownMs.push(await waitFor("the commit", committedMs, commitIsShown));
    lagAfterCommitMs.push(await waitFor("the lag after a commit", committedMs, lagIsRight));
    await stage.producer.send({ topic: first.topic, messages: [{ partition: first.partition, value: "v" }] });
    probe.endOffset++;
    lagAfterRecordMs.push(await waitFor("the lag after a record", performance.now(), lagIsRight));
  }
  return { commitShownMs, lagAfterCommitMs, lagAfterRecordMs };
}

/**
 * # From a start to all lags right
 *
 * A lag is wrong when a group is shown with another number than it has; a group that is not shown yet, or says that it is
 * warming, is not wrong. The most wrong lags that one answer held are counted.
 */

import { done, notYet, until } from "../../test/real/until.ts";
import { lagOf } from "../load/scenario.ts";
import type { StartPeer } from "../peers/peer.ts";
import type { Stage } from "./stage.ts";

const RIGHT_TIMEOUT_MS = 300_000;

export interface StartResult {
  readonly name: string;
  readonly rightAfterMs: number;
  readonly wrongLags: number;
}

/** Before any load: every group has the same lag. The program is stopped again. */
export async function startToRight(stage: Stage, start: StartPeer): Promise<StartResult> {
  const want = lagOf(stage.scenario, stage.committedOffset);
  const beganMs = performance.now();
  await using peer = await start(stage.bootstrap);
  let wrongLags = 0;
  const look = async () => {
    const lags = await peer.lags();
    if (lags === undefined) return notYet("no answer");
    const wrong = [...lags.values()].filter((lag) => lag !== want).length;
    wrongLags = Math.max(wrongLags, wrong);
    return wrong === 0 && lags.size === stage.scenario.groups
      ? done(performance.now() - beganMs)
      : notYet(`${lags.size} groups, ${wrong} of them with a wrong lag`);
  };
  try {
    const limits = { timeoutMs: RIGHT_TIMEOUT_MS, everyMs: 50 };
    return { name: peer.name, rightAfterMs: await until(`right lags of ${peer.name}`, look, limits), wrongLags };
  } catch (cause) {
    throw new Error(`${peer.name} never had all lags right; its log ends:\n${await peer.logTail()}`, { cause });
  }
}

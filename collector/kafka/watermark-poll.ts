/**
 * # The poll of end and start offsets
 *
 * One ListOffsets a leader and question, as question-plan.ts says. A leader that does not answer makes its partitions
 * unavailable at once, with the reason; their last offsets stay, marked as old.
 */

import type { Clock } from "../../runtime/clock.ts";
import { sleep } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { Observer, UnavailableReason, Watermarks } from "../model/observation.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { ListOffsetsResponse } from "../protocol/list-offsets.ts";
import { EARLIEST_TIMESTAMP, LATEST_TIMESTAMP, listOffsetsApi } from "../protocol/list-offsets.ts";
import type { KafkaLink } from "./link.ts";
import type { MetadataKeeper } from "./metadata-keeper.ts";
import type { QuestionEvery } from "./question-plan.ts";
import { createQuestionPlan } from "./question-plan.ts";
import type { TopicPartitionList } from "./topology.ts";
import { reasonOfError, reasonOfOutcome } from "./unavailable.ts";

export interface WatermarkPollOptions extends QuestionEvery {
  readonly link: KafkaLink;
  readonly keeper: MetadataKeeper;
  readonly observer: Observer;
  readonly clock: Clock;
}

type Which = Watermarks["which"];

export interface WatermarkPoll {
  readonly actor: Actor;
  /** Asks all leaders now. */
  once(which: Which): Promise<void>;
}

export function createWatermarkPoll(options: WatermarkPollOptions): WatermarkPoll {
  const { keeper, observer, clock } = options;

  const once = async (which: Which): Promise<void> => {
    const { byLeader, leaderless } = keeper.current();
    if (leaderless.length > 0) {
      observer.observe(unavailable(leaderless, { which, atMs: clock.nowMs(), reason: "no-leader" }));
      keeper.refreshSoon();
    }
    await Promise.all([...byLeader].map(([nodeId, lists]) => askLeader(options, { nodeId, lists, which })));
  };

  const actor: Actor = async (signal) => {
    const plan = createQuestionPlan(options, clock.monotonicMs());
    let knownTopology = keeper.current();
    while (!signal.aborted) {
      const beganMs = clock.monotonicMs();
      const isNew = keeper.current() !== knownTopology;
      knownTopology = keeper.current();
      for (const which of plan.round(beganMs, isNew)) await once(which);
      await sleep(options.endEveryMs - (clock.monotonicMs() - beganMs), signal);
    }
  };
  return { actor, once };
}

interface Question {
  readonly nodeId: number;
  readonly lists: readonly TopicPartitionList[];
  readonly which: Which;
}

async function askLeader({ link, keeper, observer, clock }: WatermarkPollOptions, question: Question): Promise<void> {
  const { nodeId, lists, which } = question;
  const timestampMs = which === "start" ? EARLIEST_TIMESTAMP : LATEST_TIMESTAMP;
  const isolation = which === "stable" ? "read_committed" : "read_uncommitted";
  const outcome = await link.call(nodeId, listOffsetsApi, { timestampMs, isolation, topics: lists });
  if (outcome.kind === "answered") {
    const answer = watermarksOf(outcome.response, { which, atMs: outcome.sentAtMs, answeredAtMs: clock.nowMs() });
    if (answer.unavailable.size > 0) keeper.refreshSoon();
    observer.observe(answer);
    return;
  }
  keeper.refreshSoon();
  observer.observe(unavailable(lists, { which, atMs: clock.nowMs(), reason: reasonOfOutcome(outcome) }));
}

export function watermarksOf(
  response: ListOffsetsResponse,
  asked: Pick<Watermarks, "which" | "atMs" | "answeredAtMs">,
): Watermarks {
  const reasons = new Map<number, UnavailableReason>();
  const { topics, topicIndex, partitions, errors, offsets } = response;
  for (let i = 0; i < errors.length; i += 1) {
    const error = errors[i] ?? 0;
    if (error !== ERROR_CODE.NONE) reasons.set(i, reasonOfError(error));
    else if (!((offsets[i] ?? Number.NaN) >= 0)) reasons.set(i, "error");
  }
  return { kind: "watermarks", ...asked, topics, topicIndex, partitions, offsets, unavailable: reasons };
}

function unavailable(
  lists: readonly TopicPartitionList[],
  { which, atMs, reason }: { which: Which; atMs: number; reason: UnavailableReason },
): Watermarks {
  const topicIndex = Int32Array.from(lists.flatMap(({ partitions }, index) => partitions.map(() => index)));
  return {
    kind: "watermarks",
    which,
    atMs,
    answeredAtMs: atMs,
    topics: lists.map(({ topic }) => topic),
    topicIndex,
    partitions: Int32Array.from(lists.flatMap(({ partitions }) => partitions)),
    offsets: new Float64Array(topicIndex.length).fill(Number.NaN),
    unavailable: new Map(Array.from(topicIndex, (_, i) => [i, reason])),
  };
}

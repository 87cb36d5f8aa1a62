/**
 * # The poll of record times
 *
 * Asks leaders which record was the first of a time, for the few partitions where somebody wants to know: one ListOffsets a
 * leader and round, at most one round a second, and none where nothing is wanted. Records are never read.
 */

import type { Clock } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import { repeating } from "../../runtime/lifecycle.ts";
import type { Observer, RecordTimeQuestion, RecordTimesAnswer } from "../model/observation.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { ListOffsetsResponse } from "../protocol/list-offsets.ts";
import { listOffsetsApi } from "../protocol/list-offsets.ts";
import type { KafkaLink } from "./link.ts";
import type { MetadataKeeper } from "./metadata-keeper.ts";
import type { TopicPartitionList, Topology } from "./topology.ts";

const EVERY_MS = 1_000;
/** Each may cost its leader a read of some kilobytes of an old segment. */
const QUESTIONS_MAX = 1_000;

/** What is to be asked now, each partition once. */
export type WantedRecordTimes = (want: {
  readonly nowMs: number;
  readonly questionsMax: number;
}) => readonly RecordTimeQuestion[];

export interface RecordTimesPollOptions {
  readonly link: KafkaLink;
  readonly keeper: MetadataKeeper;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly wanted: WantedRecordTimes;
}

export function createRecordTimesPoll(options: RecordTimesPollOptions): {
  readonly actor: Actor;
  once(): Promise<void>;
} {
  const { keeper, clock, wanted } = options;
  const once = async (): Promise<void> => {
    const questions = wanted({ nowMs: clock.nowMs(), questionsMax: QUESTIONS_MAX });
    if (questions.length === 0) return;
    const asks = byLeader(keeper.current(), questions);
    await Promise.all(asks.map((ask) => askLeader(options, ask)));
  };
  return { actor: repeating(EVERY_MS, clock, once), once };
}

interface Ask {
  readonly nodeId: number;
  readonly lists: readonly TopicPartitionList[];
  readonly timestampsMs: Float64Array;
}

/** Partitions that have no leader now are left out: they will be wanted again. */
function byLeader(topology: Topology, questions: readonly RecordTimeQuestion[]): readonly Ask[] {
  const wanted = new Map<string, Map<number, number>>();
  for (const { topic, partition, timestampMs } of questions)
    wanted.set(topic, (wanted.get(topic) ?? new Map<number, number>()).set(partition, timestampMs));
  const asks: Ask[] = [];
  for (const [nodeId, lists] of topology.byLeader) {
    const some = lists.flatMap(({ topic, partitions }) => {
      const ofTopic = wanted.get(topic);
      const asked = ofTopic === undefined ? [] : partitions.filter((partition) => ofTopic.has(partition));
      return asked.length === 0 ? [] : [{ topic, partitions: asked }];
    });
    if (some.length === 0) continue;
    const timestampsMs = some.flatMap(({ topic, partitions }) =>
      partitions.map((partition) => wanted.get(topic)?.get(partition) ?? Number.NaN),
    );
    asks.push({ nodeId, lists: some, timestampsMs: Float64Array.from(timestampsMs) });
  }
  return asks;
}

async function askLeader({ link, keeper, observer }: RecordTimesPollOptions, ask: Ask): Promise<void> {
  const { nodeId, lists, timestampsMs } = ask;
  const outcome = await link.call(nodeId, listOffsetsApi, { timestampMs: 0, timestampsMs, topics: lists });
  if (outcome.kind === "answered") observer.observe(recordTimesOf(outcome.response, ask));
  else keeper.refreshSoon();
}

/** By name, since a broker may answer in another order than it was asked. */
function recordTimesOf(response: ListOffsetsResponse, { lists, timestampsMs }: Ask): RecordTimesAnswer {
  const asked = new Map<string, number>();
  let row = 0;
  for (const { topic, partitions } of lists)
    for (const partition of partitions) {
      asked.set(`${topic} ${partition}`, timestampsMs[row] ?? Number.NaN);
      row += 1;
    }
  const askedOf = (i: number): number =>
    asked.get(`${response.topics[response.topicIndex[i] ?? -1]} ${response.partitions[i]}`) ?? Number.NaN;
  const sound = Int32Array.from(response.errors.keys()).filter(
    (i) =>
      response.errors[i] === ERROR_CODE.NONE && !Number.isNaN(askedOf(i)) && (response.offsets[i] ?? Number.NaN) >= -1,
  );
  const at = (column: Float64Array): Float64Array => Float64Array.from(sound, (i) => column[i] ?? Number.NaN);
  return {
    kind: "record-times",
    topics: response.topics,
    topicIndex: sound.map((i) => response.topicIndex[i] ?? -1),
    partitions: sound.map((i) => response.partitions[i] ?? -1),
    askedMs: Float64Array.from(sound, askedOf),
    offsets: at(response.offsets),
    timesMs: at(response.timestampsMs),
  };
}

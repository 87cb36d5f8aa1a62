/**
 * # Watermarks: what is known of each topic partition
 *
 * End and start offsets as the leaders answered them, with the time of the question. A partition whose leader does not
 * answer keeps its last offsets and says why they are old: what was true stays visible, but never as if it were new.
 */

import type { UnavailableReason } from "../model/observation.ts";
import type { Column } from "./column.ts";
import { createFloat64Column, createUint8Column, readFloat64, readUint8 } from "./column.ts";
import type { LogStarts } from "./log-starts.ts";
import { createLogStarts, forgetStart } from "./log-starts.ts";
import { createLookback, rateOf } from "./lookback.ts";
import type { Samples } from "./samples.ts";
import { addSample, beginEra, createSamples } from "./samples.ts";
import type { StableOffsets } from "./stable-offsets.ts";
import { createStableOffsets } from "./stable-offsets.ts";
import type { TopicConfigs } from "./topic-configs.ts";
import { createTopicConfigs } from "./topic-configs.ts";
import type { TopicPartitions } from "./topic-partitions.ts";

/** Position in this list is the number in the column; 0 stands for "answered". */
const REASONS: readonly (UnavailableReason | undefined)[] = [
  undefined,
  "no-leader",
  "broker-unreachable",
  "error",
  "unauthorised",
];

/** By topic partition; only the verbs here write the columns. */
export interface Watermarks {
  /** High watermark; NaN where it was never answered. */
  readonly endOffset: Column<Float64Array>;
  /** Log-start offset; NaN where it was never answered. */
  readonly startOffset: Column<Float64Array>;
  /** When the end offset was asked for, epoch ms; NaN where it never was answered. */
  readonly endAtMs: Column<Float64Array>;
  /** When it was first asked for with this answer; NaN as above. */
  readonly endSinceMs: Column<Float64Array>;
  /** When it was last asked for with another answer; NaN where there was no other. */
  readonly endOtherAtMs: Column<Float64Array>;
  readonly stable: Pick<StableOffsets, "stableOffset" | "hasMarkers" | "openTransactions">;
  /** When each end offset was seen, for the partitions that are watched. */
  readonly samples: Samples;
  /** How log starts move, of the same. */
  readonly starts: LogStarts;
  unavailable(topicPartition: number): UnavailableReason | undefined;
  /** Sets an end offset; false where it is the one that was known. Numbers: all partitions come by every two seconds. */
  setEnd(
    topicPartition: number,
    offset: number,
    askedAtMs: number,
    answeredAtMs: number,
    leaderAskedMs?: number,
  ): boolean;
  setStart(topicPartition: number, offset: number): boolean;
  /** Of an answer to a question that was asked after the end offset was told. */
  setStable(topicPartition: number, offset: number, askedAtMs: number): boolean;
  setUnavailable(topicPartition: number, reason: UnavailableReason): boolean;
  /** Records per second over about a minute; NaN where that is not known. */
  producedPerSecond(topicPartition: number): number;
  /** What rates look back to; to be called each tick. */
  remember(nowMs: number): void;
  /** Forgets a partition: its topic was deleted, or made again. */
  forget(topicPartition: number): void;
}

export function createWatermarks(): Watermarks {
  const end = createFloat64Column(Number.NaN);
  const start = createFloat64Column(Number.NaN);
  const atMs = createFloat64Column(Number.NaN);
  const sinceMs = createFloat64Column(Number.NaN);
  const otherAtMs = createFloat64Column(Number.NaN);
  const stable = createStableOffsets();
  const reason = createUint8Column();
  const samples = createSamples();
  const starts = createLogStarts();
  const pasts = [createLookback(end), createLookback(atMs)] as const;
  return {
    endOffset: end,
    startOffset: start,
    endAtMs: atMs,
    endSinceMs: sinceMs,
    endOtherAtMs: otherAtMs,
    stable,
    samples,
    starts,
    unavailable: (id) => REASONS[readUint8(reason, id)],
    setEnd: (id, offset, askedAtMs, answeredAtMs, leaderAskedMs = askedAtMs) => {
      addSample(samples, id, offset, leaderAskedMs, answeredAtMs);
      const isOther = end.get(id) !== offset;
      const isNews = isOther || reason.get(id) !== 0;
      if (offset < end.get(id)) for (const past of pasts) past.forget(id);
      if (isOther) {
        otherAtMs.set(id, atMs.get(id));
        sinceMs.set(id, askedAtMs);
      }
      end.set(id, offset);
      atMs.set(id, askedAtMs);
      reason.set(id, 0);
      return isNews;
    },
    setStart: (id, offset) => {
      const isNews = start.get(id) !== offset;
      start.set(id, offset);
      return isNews;
    },
    setStable: (id, offset, askedAtMs) => stable.set(id, { offset, endOffset: readFloat64(end, id), askedAtMs }),
    setUnavailable: (id, why) => {
      const code = REASONS.indexOf(why);
      const isNews = reason.get(id) !== code;
      reason.set(id, code);
      return isNews;
    },
    producedPerSecond: (id) => {
      const [before, spanMs] = [pasts[0].before(id), readFloat64(atMs, id) - pasts[1].before(id)];
      return rateOf({ before, now: readFloat64(end, id), spanMs });
    },
    remember: (nowMs) => {
      for (const past of pasts) past.remember(nowMs);
    },
    forget: (id) => {
      for (const past of pasts) past.forget(id);
      for (const column of [end, start, atMs, sinceMs, otherAtMs]) column.set(id, Number.NaN);
      reason.set(id, 0);
      stable.forget(id);
      beginEra(samples, id);
      forgetStart(starts, id);
    },
  };
}

export interface KnownTopic {
  /** Undefined on brokers before 2.8, which have no topic ids (KIP-516). */
  readonly topicId: string | undefined;
  readonly partitions: number;
}

export interface TopicChanges {
  readonly appeared: readonly string[];
  /** Deleted, or deleted and made again under the same name. */
  readonly gone: readonly string[];
}

export interface Topics {
  /** By topic id. */
  readonly configs: TopicConfigs;
  get(topic: string): KnownTopic | undefined;
  names(): readonly string[];
  /** Takes the full list of a cluster's topics and says what changed. */
  replace(topics: readonly ({ readonly topic: string } & KnownTopic)[]): TopicChanges;
}

/** The cluster's topics. Each of their partitions holds its id, so that its watermarks outlive the last group on it. */
export function createTopics(topicPartitions: TopicPartitions, watermarks: Watermarks): Topics {
  const known = new Map<string, KnownTopic>();
  const configs = createTopicConfigs();

  const drop = (topic: string, partitions: number): void => {
    const topicId = topicPartitions.topics.find(topic);
    if (topicId !== undefined) configs.forget(topicId);
    for (let partition = 0; partition < partitions; partition += 1) {
      const id = topicPartitions.find(topic, partition);
      if (id === undefined) continue;
      watermarks.forget(id);
      topicPartitions.release(id);
    }
  };
  const resize = (topic: string, from: number, to: number): void => {
    for (let partition = from; partition < to; partition += 1) topicPartitions.retain(topic, partition);
  };

  return {
    configs,
    get: (topic) => known.get(topic),
    names: () => [...known.keys()],
    replace: (topics) => {
      const fresh = new Map(topics.map(({ topic, topicId, partitions }) => [topic, { topicId, partitions }]));
      const gone = [...known].filter(([topic, old]) => isGone(old, fresh.get(topic))).map(([topic]) => topic);
      for (const topic of gone) {
        drop(topic, known.get(topic)?.partitions ?? 0);
        known.delete(topic);
      }
      const appeared: string[] = [];
      for (const [topic, now] of fresh) {
        const before = known.get(topic);
        if (before === undefined) appeared.push(topic);
        resize(topic, before?.partitions ?? 0, now.partitions);
        // A broker of an older version answers without ids: what is known stays known.
        const topicId = now.topicId ?? before?.topicId;
        known.set(topic, { topicId, partitions: Math.max(now.partitions, before?.partitions ?? 0) });
      }
      return { appeared, gone };
    },
  };
}

/** Fewer partitions without another id are a broker's partial answer; only an id says that it is another topic. */
function isGone(old: KnownTopic, now: KnownTopic | undefined): boolean {
  if (now === undefined) return true;
  return old.topicId !== undefined && now.topicId !== undefined && old.topicId !== now.topicId;
}

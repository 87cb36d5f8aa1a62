/**
 * # The poll of topic configurations: what is deleted, and when
 *
 * All topics every `everyMs`, and new ones as soon as the metadata names them, TOPICS_PER_REQUEST at a time: any broker answers for
 * all of them, from memory. It needs DESCRIBE_CONFIGS on the topics; those that are hidden from us are counted, and nothing else
 * comes of it.
 */

import type { Clock } from "../../runtime/clock.ts";
import { sleep } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { Observer, TopicConfig } from "../model/observation.ts";
import { describeConfigsApi } from "../protocol/describe-configs.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { KafkaLink } from "./link.ts";
import type { MetadataKeeper } from "./metadata-keeper.ts";
import type { Topology } from "./topology.ts";

const TOPICS_PER_REQUEST = 2_000;
const KEYS = ["cleanup.policy", "retention.ms", "retention.bytes", "segment.bytes"] as const;

export interface ConfigPoll {
  readonly actor: Actor;
  /** Asks for these topics now. */
  once(topics: Topology["topics"]): Promise<void>;
  /** Topics whose configuration we may not read. */
  denied(): number;
}

export interface ConfigPollOptions {
  readonly link: Pick<KafkaLink, "callAny">;
  readonly keeper: Pick<MetadataKeeper, "current">;
  readonly observer: Pick<Observer, "observe">;
  readonly clock: Clock;
  readonly everyMs: number;
  /** New topics are looked for this often, and asked for again where no broker answered. */
  readonly lookMs: number;
}

export function createConfigPoll(options: ConfigPollOptions): ConfigPoll {
  const { link, keeper, observer, clock, everyMs, lookMs } = options;
  /** Id of each topic that was answered for, by name: a topic that is made again is another one. */
  let answered = new Map<string, string | undefined>();
  let denied = new Set<string>();

  const askSome = async (topics: Topology["topics"]): Promise<void> => {
    const names = topics.map(({ topic }) => topic);
    const outcome = await link.callAny(describeConfigsApi, { topics: names, keys: KEYS });
    // Not asked again before it is time where no broker of ours ever knows the request.
    if (outcome.kind === "unsupported") for (const { topic, topicId } of topics) answered.set(topic, topicId);
    if (outcome.kind !== "answered") return;
    const ids = new Map(topics.map(({ topic, topicId }) => [topic, topicId]));
    const configs: TopicConfig[] = [];
    for (const { topic, error, configs: told } of outcome.response.topics) {
      if (!ids.has(topic) || !isSettled(error)) continue;
      answered.set(topic, ids.get(topic));
      if (error !== ERROR_CODE.NONE) denied.add(topic);
      else denied.delete(topic);
      const config = error === ERROR_CODE.NONE ? configOf(topic, told) : undefined;
      if (config !== undefined) configs.push(config);
    }
    if (configs.length > 0) observer.observe({ kind: "topic-configs", topics: configs });
  };

  const once = async (topics: Topology["topics"]): Promise<void> => {
    for (let first = 0; first < topics.length; first += TOPICS_PER_REQUEST)
      await askSome(topics.slice(first, first + TOPICS_PER_REQUEST));
  };

  const actor: Actor = async (signal) => {
    let dueMs = clock.monotonicMs() + everyMs;
    while (!signal.aborted) {
      const { topics } = keeper.current();
      if (clock.monotonicMs() >= dueMs) {
        // What is gone is forgotten with it.
        [answered, denied] = [new Map(), new Set()];
        dueMs = clock.monotonicMs() + everyMs;
      }
      await once(topics.filter(({ topic, topicId }) => !answered.has(topic) || answered.get(topic) !== topicId));
      await sleep(lookMs, signal);
    }
  };
  return { actor, once, denied: () => denied.size };
}

/** Told, or refused; anything else may be told when asked again. */
function isSettled(error: number): boolean {
  return (
    error === ERROR_CODE.NONE ||
    error === ERROR_CODE.TOPIC_AUTHORIZATION_FAILED ||
    error === ERROR_CODE.CLUSTER_AUTHORIZATION_FAILED
  );
}

/** Undefined where a broker leaves out what it depends on: that is not the same as no limit. */
export function configOf(topic: string, told: ReadonlyMap<string, string>): TopicConfig | undefined {
  const [cleanup, ms, bytes, segmentBytes] = KEYS.map((key) => told.get(key));
  if (cleanup === undefined || ms === undefined || bytes === undefined) return undefined;
  return {
    topic,
    deletes: cleanup.split(",").some((policy) => policy.trim() === "delete"),
    retentionMs: limitOf(ms),
    retentionBytes: limitOf(bytes),
    segmentBytes: segmentBytes === undefined ? undefined : limitOf(segmentBytes),
  };
}

/** -1 is none, and so is what would last for longer than numbers are exact: people write the largest that there is. */
function limitOf(text: string): number | undefined {
  const limit = Number(text);
  return limit >= 0 && limit <= Number.MAX_SAFE_INTEGER ? limit : undefined;
}

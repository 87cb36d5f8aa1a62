/**
 * # Kafka as the source of one cluster
 *
 * Start: who leads what, all end and start offsets, then the source of commits (commit-source.ts) beside the poll of groups.
 * Nothing here is fatal: whatever does not answer is retried and said, and the rest goes on.
 */

import type { Clock } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import { runTogether } from "../../runtime/lifecycle.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { ClusterConfig, CollectorConfig } from "../config.ts";
import type { IngestCounts } from "../ingest/ingest-counts.ts";
import type { Observer } from "../model/observation.ts";
import type { Replication } from "../model/replication.ts";
import { isInTheClear } from "../security/in-the-clear.ts";
import { securityOf } from "../security/security.ts";
import type { CommitSource } from "./commit-source.ts";
import { createConfigPoll } from "./config-poll.ts";
import type { GroupPoll } from "./group-poll.ts";
import { createGroupPoll } from "./group-poll.ts";
import { watchingHiddenLog } from "./hidden-log.ts";
import { createBrokerFactory } from "./kafkajs.ts";
import type { KafkaLink } from "./link.ts";
import { createKafkaLink } from "./link.ts";
import type { MetadataKeeper, Reach } from "./metadata-keeper.ts";
import { createMetadataKeeper } from "./metadata-keeper.ts";
import type { WatchedNames } from "./name-gate.ts";
import { createWatchedNames, gated, gatedLink } from "./name-gate.ts";
import { createPolledCommits } from "./polled-commits.ts";
import type { ReadTopic } from "./read-positions.ts";
import type { WantedRecordTimes } from "./record-times-poll.ts";
import { createRecordTimesPoll } from "./record-times-poll.ts";
import { createTopicCommits } from "./topic-commits.ts";
import { createWatermarkPoll } from "./watermark-poll.ts";

const END_EVERY_MS_MAX = 2_000;
const START_EVERY_MS = 60_000;
const STABLE_EVERY_MS = 30_000;
const GROUPS_EVERY_MS = 30_000;
const CONFIGS_EVERY_MS = 120_000;
const CONFIGS_LOOK_MS = 5_000;

export interface SourceStats {
  readonly reach: Reach;
  /** Requests sent so far, by API name. */
  readonly requests: ReadonlyMap<string, number>;
  readonly connectionsCut: number;
  /** Batches and records of the offsets topic, or changes between polls, by what became of them. */
  readonly counts: Readonly<IngestCounts>;
  /** Topics whose configuration we may not read. */
  readonly configsDenied: number;
}

export interface Source {
  readonly actor: Actor;
  /** How far the offsets topic is read; undefined while it is being replayed. */
  readTopic(): ReadTopic | undefined;
  stats(): SourceStats;
  /** Brokers and replicas, where somebody shows them and they are known. */
  replication?(): Replication | undefined;
  /** Other names are watched than before. */
  lookAgain(): void;
}

export interface KafkaSourceOptions {
  readonly cluster: string;
  readonly config: ClusterConfig;
  readonly collector: Pick<CollectorConfig, "replay" | "backfill" | "group_partitions_max"> &
    Partial<Pick<CollectorConfig, "compat">>;
  /** End offsets are asked for at least this often: the strict rules want a fresh one each time. */
  readonly offsetRefreshMs: number;
  readonly observer: Observer;
  /** Of `config` where they are not given; given, they may change while it runs. */
  readonly names?: WatchedNames;
  /** Of which records the observer would know when they were written. */
  readonly wantedRecordTimes: WantedRecordTimes;
  /** How far another run has read, whose windows the observer has. */
  readonly saved: () => ReadTopic | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function createKafkaSource(options: KafkaSourceOptions): Source {
  const { config, clock, names = createWatchedNames(config) } = options;
  const logger = options.logger.child({ cluster: options.cluster });
  if (isInTheClear(config))
    logger.warn(
      { event: "kafka.in-the-clear" },
      "without `tls` the password, or the token, can be read on the network",
    );
  const security = securityOf({ tls: config.tls, sasl: config.sasl, clock, logger });
  const factory = createBrokerFactory({ clientId: "tidemark", security, logger });
  const link = gatedLink(createKafkaLink({ brokers: config.brokers, factory, nowMs: clock.nowMs, logger }), names);
  const readsTopic = config.source === "offsets_topic";
  const keepsReplication = options.collector.compat?.includes("kafka_exporter") === true;
  const told = readsTopic ? watchingHiddenLog(options.observer, clock, logger) : options.observer;
  const keeper = createMetadataKeeper({ link, observer: told, clock, logger, readsTopic, keepsReplication });
  const observer = gated(watchingTopics(told, keeper, clock), names);
  const watermarks = createWatermarkPoll({
    link,
    keeper,
    observer,
    clock,
    endEveryMs: Math.min(END_EVERY_MS_MAX, options.offsetRefreshMs),
    startEveryMs: START_EVERY_MS,
    stableEveryMs: STABLE_EVERY_MS,
  });
  const wanted = options.wantedRecordTimes;
  const recordTimes = createRecordTimesPoll({ link, keeper, observer, clock, wanted });
  const configs = createConfigPoll({
    link,
    keeper,
    observer,
    clock,
    everyMs: CONFIGS_EVERY_MS,
    lookMs: CONFIGS_LOOK_MS,
  });
  const { commits, groups, begin } = createCommits(options, { link, keeper, observer, names, logger });
  const read: Actor = async (signal) => {
    if (!(await isThere(keeper, signal))) return;
    // End offsets first: the strict rules drop a commit whose partition has none.
    await Promise.all([watermarks.once("end"), watermarks.once("start")]);
    await runTogether([watermarks.actor, recordTimes.actor, commits.actor, groups.actor, configs.actor], signal);
  };
  return {
    readTopic: commits.readTopic,
    replication: keeper.replication,
    lookAgain: keeper.refreshSoon,
    stats: () => ({
      reach: keeper.reach(),
      requests: link.requests,
      connectionsCut: link.connectionsCut(),
      counts: commits.counts,
      configsDenied: configs.denied(),
    }),
    actor: async (signal) => {
      await using _link = link;
      // Before the cluster answers: what was never asked is not right.
      begin?.();
      await runTogether([keeper.actor, read], signal);
    },
  };
}

type Touched = Parameters<GroupPoll["describeSoon"]>[0];

interface Wired {
  readonly link: KafkaLink;
  readonly keeper: MetadataKeeper;
  readonly observer: Observer;
  readonly names: WatchedNames;
  readonly logger: Logger;
}

/** What tells of commits, as configured, and the poll of groups beside it. */
function createCommits(
  { config, collector, clock, saved }: KafkaSourceOptions,
  { link, keeper, observer, names, logger }: Wired,
): { readonly commits: CommitSource; readonly groups: GroupPoll; readonly begin?: () => void } {
  const polling = { link, keeper, clock, everyMs: GROUPS_EVERY_MS };
  const partitionsMax = collector.group_partitions_max;
  switch (config.source) {
    case "offsets_topic": {
      const groups = createGroupPoll({ ...polling, observer });
      const reading = {
        link,
        keeper,
        observer,
        clock,
        logger,
        partitionsMax,
        isWatched: names.isGroup,
        onTouched: (touched: Touched) => groups.describeSoon([...touched].filter(([group]) => names.isGroup(group))),
      };
      const { replay: replayMs, backfill } = collector;
      return { groups, commits: createTopicCommits({ ...reading, replayMs, backfill, saved }) };
    }
    case "burrow":
      throw new Error("a cluster that is learnt from a Burrow has no brokers");
    case "polling": {
      const more = { everyMs: config.poll_interval, partitionsMax, names, random: Math.random };
      const commits = createPolledCommits({
        ...polling,
        ...more,
        observer,
        onTouched: (touched) => groups.describeSoon(touched),
      });
      const { coordinatorOf } = commits;
      const groups = createGroupPoll({ ...polling, observer: commits.ofGroups(observer), coordinatorOf });
      return { commits, groups, begin: () => tellUnpolled(observer, clock) };
    }
  }
}

/** How many coordinators there are shows with the first polls alone. */
function tellUnpolled(observer: Observer, clock: Clock): void {
  observer.observe({
    kind: "log-progress",
    logPartition: 0,
    logPartitions: 1,
    baselineOrder: 0,
    replayed: false,
    backfilled: false,
    progress: 0,
    atMs: clock.nowMs(),
    isPolled: true,
  });
}

async function isThere(keeper: MetadataKeeper, signal: AbortSignal): Promise<boolean> {
  try {
    await keeper.first(signal);
    return true;
  } catch {
    return false; // told to stop before the cluster answered
  }
}

/** Offsets expire all the time on some clusters, and a list of all topics is the largest answer there is. */
const DOUBT_EVERY_MS = 5_000;

/**
 * A commit on a partition that the metadata does not name asks for fresh metadata: a new topic shows within seconds. So does an
 * offset that is taken back: that is how the deletion of a topic begins.
 */
function watchingTopics(observer: Observer, keeper: MetadataKeeper, clock: Clock): Observer {
  let isInDoubt = false;
  let doubtDueMs = Number.NEGATIVE_INFINITY;
  return {
    get handlesEpoch() {
      return observer.handlesEpoch;
    },
    handleOf: (group, topic, partition) => {
      if (partition >= (keeper.current().partitionCounts.get(topic) ?? 0)) keeper.refreshSoon();
      return observer.handleOf(group, topic, partition);
    },
    findHandle: observer.findHandle,
    commit: observer.commit,
    observe: (observation) => {
      isInDoubt ||= observation.kind === "offset-tombstone";
      // End offsets come by every two seconds, so that one that has to wait is not forgotten.
      if (isInDoubt && clock.monotonicMs() >= doubtDueMs) {
        isInDoubt = false;
        doubtDueMs = clock.monotonicMs() + DOUBT_EVERY_MS;
        keeper.refreshSoon();
      }
      observer.observe(observation);
    },
  };
}

/**
 * # One watched cluster: its source, state, windows on disk and trace
 *
 * All of it is its own: what one cluster does to its source, state and files, no other notices. Its source can be exchanged while
 * its windows stay, since what is opened again goes on from where it was read.
 */

import { isDeepStrictEqual } from "node:util";
import { createBurrowSource } from "../collector/burrow/burrow-source.ts";
import type { ClusterConfig } from "../collector/config.ts";
import { createBurrowJudge } from "../collector/evaluate/burrow.ts";
import { createVerdicts } from "../collector/evaluate/judge.ts";
import type { ObjectiveMsOf } from "../collector/evaluate/objectives.ts";
import { planRecordTimes } from "../collector/evaluate/plan-record-times.ts";
import type { ClusterView } from "../collector/http/cluster-view.ts";
import { createClusterView } from "../collector/http/cluster-view.ts";
import type { WatchedNames } from "../collector/kafka/name-gate.ts";
import { createWatchedNames, gated } from "../collector/kafka/name-gate.ts";
import type { ReadTopic } from "../collector/kafka/read-positions.ts";
import type { Source, SourceStats } from "../collector/kafka/source.ts";
import { createKafkaSource } from "../collector/kafka/source.ts";
import type { Observer } from "../collector/model/observation.ts";
import type { Saver } from "../collector/saved/saver.ts";
import { createSaver } from "../collector/saved/saver.ts";
import type { Recording } from "../collector/trace/record-file.ts";
import { createRecording } from "../collector/trace/record-file.ts";
import type { ClusterState } from "../collector/window/cluster-state.ts";
import { createClusterState } from "../collector/window/cluster-state.ts";
import { leaveOut } from "../collector/window/leave-out.ts";
import type { SavedTold } from "../collector/window/saved.ts";
import type { Clock } from "../runtime/clock.ts";
import type { Actor } from "../runtime/lifecycle.ts";
import { runTogether } from "../runtime/lifecycle.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Config } from "./config.ts";

const MS_PER_SECOND = 1_000;

export interface Watched {
  readonly view: ClusterView;
  readonly source: { readonly stats: () => SourceStats };
  /** Undefined where nothing is recorded. */
  readonly recording: Recording | undefined;
  /** Undefined where no windows are saved. */
  readonly saver: Saver | undefined;
  /** Windows are restored first and saved last. */
  readonly run: Actor;
  /** Takes effect at once; where that needs another source, the windows that there are stay. */
  change(config: ClusterConfig): void;
}

export interface WatchOptions {
  readonly config: Config;
  readonly objectiveMsOf: ObjectiveMsOf;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function watch(options: WatchOptions, cluster: string, clusterConfig: ClusterConfig): Watched {
  const { config, clock, logger } = options;
  const { burrow } = config.evaluate;
  const state = stateOf(options, cluster);
  const recording = record(options, state);
  const dataDir = config.collector.data_dir;
  const readTopic = () => sources.readTopic();
  const saver =
    dataDir === undefined
      ? undefined
      : createSaver({ dataDir, state, readTopic, told: () => sources.told(), clock, logger });
  const names = createWatchedNames(clusterConfig);
  const observer = recording?.observer ?? state;
  const create = (wanted: ClusterConfig, saved: ReadBefore): Source => {
    if (wanted.source === "burrow")
      return burrowSource({
        cluster,
        config: wanted,
        intervals: config.evaluate.window,
        observer,
        names,
        clock,
        logger,
      });
    return createKafkaSource({
      cluster,
      config: wanted,
      collector: config.collector,
      offsetRefreshMs: burrow.offset_refresh,
      observer,
      names,
      wantedRecordTimes: (want) => planRecordTimes(state, want),
      saved,
      clock,
      logger,
    });
  };
  const sources = createSources(clusterConfig, { restored: () => saver?.restored(), create });
  const view = viewOf(options, { state, sources, names });
  const actors = [sources.actor, ...[recording, saver].flatMap((one) => one?.actor ?? [])];
  return {
    view,
    source: sources,
    recording,
    saver,
    change: (wanted) => {
      const isWider = names.change(wanted);
      // The next listing says it anew.
      names.excluded.groups += leaveOut(state, names);
      sources.change(wanted, isWider);
    },
    run: async (signal) => {
      await saver?.restore();
      // What was saved may be of other rules.
      if (saver?.restored() !== undefined) leaveOut(state, names);
      await runTogether(actors, signal);
      await saver?.save();
    },
  };
}

interface Viewed {
  readonly state: ClusterState;
  readonly sources: Sources;
  readonly names: WatchedNames;
}

function viewOf({ config, clock, objectiveMsOf }: WatchOptions, { state, sources, names }: Viewed): ClusterView {
  const { burrow } = config.evaluate;
  const rules = { minimumComplete: burrow.minimum_complete, allowedLag: burrow.allowed_lag };
  return createClusterView({
    state,
    verdicts: createVerdicts(state, rules),
    judge: createBurrowJudge(state.burrow, rules),
    reach: () => sources.stats().reach,
    nowMs: clock.nowMs,
    get servers() {
      return sources.servers();
    },
    offsetRefreshMs: burrow.offset_refresh,
    objectiveMsOf,
    replication: () => sources.replication?.(),
    excluded: () => names.excluded,
  });
}

interface Sources extends Source {
  /** What the source that runs tells of, while another one may be wanted. */
  told(): SavedTold;
  /** Where it begins. */
  servers(): readonly string[];
  /** `isWider`: names are watched of which nothing was read. */
  change(config: ClusterConfig, isWider: boolean): void;
}

type ReadBefore = () => ReadTopic | undefined;

interface SourcesOptions {
  readonly restored: ReadBefore;
  readonly create: (config: ClusterConfig, readBefore: ReadBefore) => Source;
}

/** One source after the other: the next begins once the one before has ended, where that one has read up to. */
function createSources(first: ClusterConfig, { restored, create }: SourcesOptions): Sources {
  let began = restored;
  let source = create(first, began);
  let current = first;
  let wanted: { readonly config: ClusterConfig; readonly isWider: boolean } | undefined;
  let stop = new AbortController();
  return {
    stats: () => source.stats(),
    readTopic: () => source.readTopic(),
    servers: () => current.brokers,
    told: () => ({ source: current.source, groups: current.groups ?? [], topics: current.topics ?? [] }),
    replication: () => source.replication?.(),
    lookAgain: () => source.lookAgain(),
    change: (config, isWider) => {
      if (!isWider && wanted === undefined && isSameConnection(current, config)) {
        current = config;
        source.lookAgain();
        return;
      }
      wanted = { config, isWider: isWider || wanted?.isWider === true };
      stop.abort();
    },
    actor: async (signal) => {
      while (!signal.aborted) {
        await source.actor(AbortSignal.any([signal, stop.signal]));
        // Told to stop, what it has read is saved yet.
        if (wanted === undefined || signal.aborted) return;
        // One that has not come far knows less than where it began.
        const before = source.readTopic() ?? began();
        // What is new lies in records that are read already: they are read again, and windows know what they know.
        const readBefore = wanted.isWider && before !== undefined ? { ...before, logs: [] } : before;
        began = () => readBefore;
        source = create(wanted.config, began);
        current = wanted.config;
        [wanted, stop] = [undefined, new AbortController()];
      }
    },
  };
}

function isSameConnection(one: ClusterConfig, other: ClusterConfig): boolean {
  const none = { groups: undefined, topics: undefined };
  return isDeepStrictEqual({ ...one, ...none }, { ...other, ...none });
}

interface BurrowWatched extends Pick<WatchOptions, "clock" | "logger"> {
  readonly cluster: string;
  readonly config: ClusterConfig;
  readonly intervals: number;
  readonly observer: Observer;
  readonly names: WatchedNames;
}

/** It names its groups in each of its rounds, so that there is nothing to look at again. */
function burrowSource({ observer, names, ...options }: BurrowWatched): Source {
  return { ...createBurrowSource({ ...options, names, observer: gated(observer, names) }), lookAgain: () => {} };
}

function stateOf({ config, clock }: WatchOptions, cluster: string): ClusterState {
  const { window, burrow } = config.evaluate;
  return createClusterState({
    cluster,
    burrow: { intervals: window, minDistanceMs: burrow.min_distance, expireGroupMs: burrow.expire_group },
    slotsMax: config.collector.group_partitions_max,
    nowS: () => Math.floor(clock.nowMs() / MS_PER_SECOND),
  });
}

function record({ config, clock, logger }: WatchOptions, state: ClusterState): Recording | undefined {
  const { dir, bytes_max: bytesMax, watermarks_every: watermarksEveryMs } = config.collector.record;
  if (dir === undefined) return undefined;
  const { interval: intervalMs, burrow } = config.evaluate;
  return createRecording({
    dir,
    bytesMax,
    watermarksEveryMs: Math.min(watermarksEveryMs, burrow.offset_refresh),
    intervalMs,
    state,
    clock,
    logger,
  });
}

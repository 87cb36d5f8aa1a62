/**
 * # The keeper of the topology
 *
 * Asks for metadata every `EVERY_MS`, and at once when somebody has seen that it is old: an answer "not leader", a commit on a
 * topic that we do not know. Where asking changes nothing, such as a partition that stays without a leader, it is asked less
 * and less often: an answer may be megabytes. Says every change to the observer and to those who wait for one.
 */

import type { Clock } from "../../runtime/clock.ts";
import { sleep } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { Observer } from "../model/observation.ts";
import type { Replication } from "../model/replication.ts";
import { metadataApi } from "../protocol/metadata.ts";
import type { KafkaLink } from "./link.ts";
import { replicationOf } from "./replication.ts";
import type { Topology } from "./topology.ts";
import { EMPTY_TOPOLOGY, isSameTopology, topologyOf } from "./topology.ts";

const EVERY_MS = 120_000;
/** Where replicas are shown: they fall behind and catch up without anybody noticing. As kafka_exporter does by default. */
const REPLICATION_EVERY_MS = 30_000;
/**
 * Least time from one question to the next, and by how much it grows each time that one has told nothing new: what ends after
 * a trouble of a minute is known within a quarter of a minute more.
 */
const AGAIN_MS_FIRST = 1_000;
const AGAIN_GROWTH = 1.25;
const AGAIN_MS_MAX = 30_000;
/** While the offsets topic is missing it may be created any moment. */
const WITHOUT_LOG_MS = 2_000;

/** Whether the cluster answers at all, in words for people. */
export type Reach =
  | { readonly kind: "starting" }
  | { readonly kind: "reachable" }
  | { readonly kind: "unreachable" | "refused"; readonly reason: string; readonly sinceMs: number };

export interface MetadataKeeper {
  readonly actor: Actor;
  current(): Topology;
  /** Of the newest answer; undefined where it is not kept, or nothing was answered yet. */
  replication(): Replication | undefined;
  reach(): Reach;
  /** Somebody has seen that the topology is old. */
  refreshSoon(): void;
  /** Resolves with the first topology; rejects with AbortError when told to stop before. */
  first(signal: AbortSignal): Promise<Topology>;
}

export interface MetadataKeeperOptions {
  readonly link: KafkaLink;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Somebody reads the offsets topic; to others it is as if there were none, whether we may see it or not. */
  readonly readsTopic: boolean;
  /** Somebody shows brokers and replicas. */
  readonly keepsReplication?: boolean;
}

export function createMetadataKeeper(options: MetadataKeeperOptions): MetadataKeeper {
  let topology = EMPTY_TOPOLOGY;
  let replication: Replication | undefined;
  let reach: Reach = { kind: "starting" };
  let wake = new AbortController();
  const first = Promise.withResolvers<Topology>();

  const refresh = async (): Promise<void> => {
    const outcome = await options.link.callAny(metadataApi, { topics: undefined });
    const before = reach;
    if (outcome.kind === "answered") {
      const told = topologyOf(outcome.response);
      const fresh = options.readsTopic ? told : { ...told, logLeaders: [], logTopicId: undefined };
      // The same object where nothing is new: whoever holds it sees that.
      if (!isSameTopology(topology, fresh)) topology = fresh;
      options.link.setNodes(outcome.response.brokers);
      if (options.keepsReplication === true) replication = replicationOf(outcome.response);
      options.observer.observe({ kind: "topics", topics: topology.topics });
      if (options.readsTopic)
        options.observer.observe({ kind: "log-partitions", logPartitions: topology.logLeaders.length });
      reach = { kind: "reachable" };
      first.resolve(topology);
    } else {
      const kind = outcome.kind === "refused" ? "refused" : "unreachable";
      const sinceMs = "sinceMs" in before ? before.sinceMs : options.clock.nowMs();
      reach = { kind, reason: outcome.cause.message, sinceMs };
    }
    logChange(options.logger, before, reach);
  };

  const everyMs = options.keepsReplication === true ? REPLICATION_EVERY_MS : EVERY_MS;
  return {
    actor: async (signal) => {
      let againMs = AGAIN_MS_FIRST;
      while (!signal.aborted) {
        const before = topology;
        const wasWoken = wake.signal.aborted;
        wake = new AbortController();
        await refresh();
        againMs = againAfterMs({ againMs, isNews: !wasWoken || topology !== before });
        // Not all collectors at once where a cluster comes up again.
        const pauseMs = reach.kind === "reachable" ? againMs : AGAIN_MS_FIRST * (0.5 + Math.random());
        await sleep(pauseMs, signal);
        const isLogMissing = options.readsTopic && topology.logLeaders.length === 0;
        const restMs = reach.kind !== "reachable" ? 0 : isLogMissing ? WITHOUT_LOG_MS : everyMs;
        await sleep(restMs - pauseMs, AbortSignal.any([signal, wake.signal]));
      }
    },
    current: () => topology,
    replication: () => replication,
    reach: () => reach,
    refreshSoon: () => wake.abort(),
    first: (signal) => Promise.race([first.promise, rejectedOn(signal)]),
  };
}

/** Least time to the next question, after one that told news, or did not. */
export function againAfterMs({ againMs, isNews }: { readonly againMs: number; readonly isNews: boolean }): number {
  return isNews ? AGAIN_MS_FIRST : Math.min(AGAIN_MS_MAX, AGAIN_GROWTH * againMs);
}

function rejectedOn(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    if (signal.aborted) reject(signal.reason);
    signal.addEventListener("abort", () => reject(signal.reason), { once: true });
  });
}

function logChange(logger: Logger, before: Reach, now: Reach): void {
  if (before.kind === now.kind) return;
  if (now.kind === "reachable") logger.info({ event: "kafka.reachable" }, "the cluster answers");
  else if (now.kind !== "starting") {
    logger.warn(
      { event: `kafka.${now.kind}`, reason: now.reason },
      "the cluster does not answer; trying again, nothing stops",
    );
  }
}

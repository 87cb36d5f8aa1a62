/**
 * # An existing Burrow as the source of one cluster
 *
 * No broker is asked. Round after round (burrow-round.ts) tells what Burrow has; here is when, and what it is worth to be told: whether
 * Burrow is there, and since when not.
 */

import type { Clock } from "../../runtime/clock.ts";
import { sleep } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { ClusterConfig } from "../config.ts";
import type { IngestCounts } from "../ingest/ingest-counts.ts";
import type { Observer } from "../model/observation.ts";
import { createCertificates } from "../security/certificates.ts";
import { createBurrowClient } from "./burrow-client.ts";
import type { RoundOutcome, Watching } from "./burrow-round.ts";
import { createBurrowRounds } from "./burrow-round.ts";
import { LOG_PARTITION } from "./told-windows.ts";

/** End offsets that are older than fifteen seconds count as old. */
const EVERY_MS_MAX = 10_000;
/** In place of the offsets topic's id: its orders are of another kind. */
const BURROW_LOG_ID = "burrow";

/** Whether Burrow answers at all, in words for people. */
type Reach =
  | { readonly kind: "starting" }
  | { readonly kind: "reachable" }
  | { readonly kind: "unreachable" | "refused"; readonly reason: string; readonly sinceMs: number };

export interface BurrowSource {
  readonly actor: Actor;
  /** Windows are worth keeping once all groups were asked. */
  readTopic(): { readonly logTopicId: string; readonly logs: readonly [] } | undefined;
  stats(): {
    readonly reach: Reach;
    readonly requests: ReadonlyMap<string, number>;
    readonly connectionsCut: number;
    readonly counts: Readonly<IngestCounts>;
    readonly configsDenied: number;
  };
}

export interface BurrowSourceOptions {
  readonly cluster: string;
  readonly config: ClusterConfig;
  /** Commits of a window, as evaluated; Burrow may keep another number. */
  readonly intervals: number;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: everything. */
  readonly names?: Watching;
}

export function createBurrowSource(options: BurrowSourceOptions): BurrowSource {
  const { config, observer, clock } = options;
  const { burrow } = config;
  if (burrow === undefined) throw new Error("the cluster names no Burrow");
  const logger = options.logger.child({ cluster: options.cluster });
  const { url, timeout: timeoutMs, requests_at_once: atOnce } = burrow;
  const certificates = config.tls === undefined ? undefined : createCertificates(config.tls, logger);
  const client = createBurrowClient({ url, certificates, timeoutMs, atOnce });
  // Burrow's configuration knows its clusters in lower case alone.
  const cluster = burrow.cluster ?? options.cluster.toLowerCase();
  const { intervals } = options;
  const names = options.names === undefined ? {} : { names: options.names };
  const rounds = createBurrowRounds({ ...names, client, cluster, atOnce, intervals, observer, clock, logger });
  let reach: Reach = { kind: "starting" };
  let isWhole = false;

  const take = (outcome: RoundOutcome): void => {
    if (outcome.kind === "told") {
      if (reach.kind !== "reachable") logger.info({ event: "burrow.up", url }, "Burrow answers");
      reach = { kind: "reachable" };
      isWhole ||= outcome.isWhole;
      reportProgress(observer, { isWhole, atMs: clock.nowMs() });
      return;
    }
    const { reason, why } = outcome;
    const isNews = reach.kind === "starting" || reach.kind === "reachable";
    if (isNews) logger.warn({ event: "burrow.away", url, reason: why }, "Burrow does not tell; it is asked again");
    const sinceMs = "sinceMs" in reach ? reach.sinceMs : clock.nowMs();
    reach = { kind: reason === "unauthorised" ? "refused" : "unreachable", reason: why, sinceMs };
    observer.observe({ kind: "log-unavailable", logPartition: LOG_PARTITION, reason, atMs: clock.nowMs() });
  };

  return {
    readTopic: () => (isWhole ? { logTopicId: BURROW_LOG_ID, logs: [] } : undefined),
    stats: () => ({
      reach,
      requests: new Map([["burrow", client.requests()]]),
      connectionsCut: 0,
      counts: rounds.counts,
      configsDenied: 0,
    }),
    actor: async (signal) => {
      await using _client = client;
      const everyMs = Math.min(config.poll_interval, EVERY_MS_MAX);
      reportProgress(observer, { isWhole, atMs: clock.nowMs() });
      while (!signal.aborted) {
        const startedMs = clock.monotonicMs();
        const outcome = await rounds.round(signal);
        if (signal.aborted) return;
        take(outcome);
        const dueMs = startedMs + Math.max(everyMs, outcome.retryAfterMs ?? 0);
        await sleep(dueMs - clock.monotonicMs(), signal);
      }
    },
  };
}

function reportProgress(observer: Observer, { isWhole, atMs }: { readonly isWhole: boolean; readonly atMs: number }) {
  observer.observe({
    kind: "log-progress",
    logPartition: LOG_PARTITION,
    logPartitions: 1,
    baselineOrder: 0,
    replayed: isWhole,
    backfilled: isWhole,
    progress: isWhole ? 1 : 0,
    atMs,
    isBurrow: true,
  });
}

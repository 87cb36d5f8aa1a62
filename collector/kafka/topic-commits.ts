/**
 * # Commits from the offsets topic: its records, with the coordinator's own times
 *
 * The reader's records go through ingest to the observer. What lies before the replay tells commits only.
 */

import type { Clock } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import { repeating, runTogether } from "../../runtime/lifecycle.ts";
import type { Logger } from "../../runtime/logger.ts";
import { createIngest } from "../ingest/ingest.ts";
import type { IngestCounts } from "../ingest/ingest-counts.ts";
import type { Observer } from "../model/observation.ts";
import type { CommitSource, CommitSourceHooks } from "./commit-source.ts";
import { observed } from "./observed.ts";
import type { OffsetsReaderOptions } from "./offsets-reader.ts";
import { createOffsetsReader } from "./offsets-reader.ts";

/** Keys of what is not kept, for want of room or since it is gone, are known too, up to as many again. */
const KEYS_PER_GROUP_PARTITION_MAX = 2;

export interface TopicCommitsOptions extends Omit<OffsetsReaderOptions, "openLog" | "onRead">, CommitSourceHooks {
  readonly partitionsMax: number;
  readonly logger: Logger;
}

export function createTopicCommits(options: TopicCommitsOptions): CommitSource {
  const { clock, observer, partitionsMax, onTouched, logger, ...reading } = options;
  const ingest = createIngest({ observer, keysMax: KEYS_PER_GROUP_PARTITION_MAX * partitionsMax });
  const reader = createOffsetsReader({
    ...reading,
    clock,
    observer,
    openLog: (logPartition, span) => ingest.openLog(logPartition, span === "live" ? observer : commitsOnly(observer)),
    onRead: () => onTouched(ingest.drainTouchedGroups()),
  });
  return {
    counts: ingest.counts,
    readTopic: reader.readTopic,
    actor: (signal) => runTogether([reader.actor, countFaults(ingest.counts, clock, logger)], signal),
  };
}

/** What lies before the replay fills windows; its deletions and owners are older than what the brokers have said since. */
function commitsOnly(observer: Observer): Observer {
  return observed(observer, (observation) => {
    if (observation.kind !== "members" || observation.generation === undefined) return;
    observer.observe({ kind: "past-generation", group: observation.group, generation: observation.generation });
  });
}

const FAULTS_EVERY_MS = 60_000;
const FAULTS = [
  "batch_crc",
  "batch_format",
  "batch_codec",
  "batch_too_large",
  "batch_corrupt",
  "response_unreadable",
  "position_stuck",
  "unknown_type",
  "malformed_key",
  "malformed_value",
  "unknown_value_version",
  "offset_out_of_range",
  "malformed_assignment",
] as const satisfies readonly (keyof IngestCounts)[];

/** One log line a minute at most for all records that could not be read; the numbers by reason are metrics. */
function countFaults(counts: Readonly<IngestCounts>, clock: Clock, logger: Logger): Actor {
  const total = (): number => FAULTS.reduce((sum, fault) => sum + counts[fault], 0);
  let before = 0;
  return repeating(FAULTS_EVERY_MS, clock, async () => {
    const now = total();
    if (now > before)
      logger.warn(
        { event: "kafka.unreadable", records: now - before, counts },
        "records were skipped; see the counts by reason",
      );
    before = now;
  });
}

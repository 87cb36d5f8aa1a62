/**
 * # Topic configs: what the cluster says of how long records stay
 *
 * By topic id, for topics that the cluster has. Of a topic that is only compacted nothing is deleted by age or size, so it has
 * no limit; of one whose configuration nobody may read, nothing is known.
 */

import type { TopicConfig } from "../model/observation.ts";
import type { Column } from "./column.ts";
import { createFloat64Column } from "./column.ts";

export interface TopicConfigs {
  /** Infinity: no limit. NaN: not known. */
  readonly retentionMs: Column<Float64Array>;
  /** Of one partition; as above. */
  readonly retentionBytes: Column<Float64Array>;
  /** Of one segment at most; never NaN. */
  readonly segmentBytes: Column<Float64Array>;
  /** As it was told; undefined: not known. */
  get(topicId: number): TopicConfig | undefined;
  /** False where all was known. */
  set(topicId: number, config: TopicConfig): boolean;
  forget(topicId: number): void;
}

/** `segment.bytes` where nobody says otherwise (LogConfig.java). */
const SEGMENT_BYTES_DEFAULT = 1_073_741_824;

export function createTopicConfigs(): TopicConfigs {
  const retentionMs = createFloat64Column(Number.NaN);
  const retentionBytes = createFloat64Column(Number.NaN);
  const segmentBytes = createFloat64Column(SEGMENT_BYTES_DEFAULT);
  const told = new Map<number, TopicConfig>();
  return {
    retentionMs,
    retentionBytes,
    segmentBytes,
    get: (topicId) => told.get(topicId),
    set: (topicId, config) => {
      if (isSame(told.get(topicId), config)) return false;
      const limit = (value: number | undefined): number => (config.deletes ? (value ?? UNLIMITED) : UNLIMITED);
      told.set(topicId, config);
      retentionMs.set(topicId, limit(config.retentionMs));
      retentionBytes.set(topicId, limit(config.retentionBytes));
      segmentBytes.set(topicId, config.segmentBytes ?? SEGMENT_BYTES_DEFAULT);
      return true;
    },
    forget: (topicId) => {
      if (!told.delete(topicId)) return;
      retentionMs.set(topicId, Number.NaN);
      retentionBytes.set(topicId, Number.NaN);
      segmentBytes.set(topicId, SEGMENT_BYTES_DEFAULT);
    },
  };
}

function isSame(known: TopicConfig | undefined, config: TopicConfig): boolean {
  return (
    known?.topic === config.topic &&
    known.deletes === config.deletes &&
    known.retentionMs === config.retentionMs &&
    known.retentionBytes === config.retentionBytes &&
    known.segmentBytes === config.segmentBytes
  );
}

const UNLIMITED = Number.POSITIVE_INFINITY;

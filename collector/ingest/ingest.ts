/**
 * # Ingest of one cluster: its offsets topic to observations
 *
 * What the partitions of the offsets topic share: the index of keys, the counts, the list of touched groups.
 */

import type { Observer } from "../model/observation.ts";
import type { GroupType } from "../protocol/offsets-topic/key.ts";
import { createIngestCounts, type IngestCounts } from "./ingest-counts.ts";
import { createKeyIndex, type KeyIndex } from "./key-index.ts";
import { createOffsetsLog, type OffsetsLog } from "./offsets-log.ts";
import { createTouchedGroups } from "./touched-groups.ts";

export interface IngestOptions {
  readonly observer: Observer;
  /** A partition; a commit in a transaction takes some 250 bytes until its marker comes. */
  readonly pendingCommitsMax?: number;
  readonly touchedGroupsMax?: number;
  readonly keysMax?: number;
}

export interface Ingest {
  /**
   * A reader of one partition's records. Several may read different spans of one partition, and tell another observer of the
   * same cluster, whose handles are the same.
   */
  openLog(logPartition: number, observer?: Observer): OffsetsLog;
  /** Groups that have changed since the last call, by the type that their newest record was of. */
  drainTouchedGroups(): ReadonlyMap<string, GroupType>;
  readonly counts: Readonly<IngestCounts>;
  readonly keyIndex: Pick<KeyIndex, "keys" | "bytes" | "overflows">;
}

export function createIngest(options: IngestOptions): Ingest {
  const { observer, pendingCommitsMax = 20_000, touchedGroupsMax = 10_000 } = options;
  const counts = createIngestCounts();
  const keyIndex = createKeyIndex(options.keysMax === undefined ? {} : { keysMax: options.keysMax });
  const touched = createTouchedGroups(touchedGroupsMax);
  return {
    openLog: (logPartition, other = observer) =>
      createOffsetsLog({ logPartition, observer: other, counts, keyIndex, touched, pendingCommitsMax }),
    drainTouchedGroups: () => touched.drain(),
    counts,
    keyIndex,
  };
}

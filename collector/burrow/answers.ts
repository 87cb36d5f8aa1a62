/**
 * # What a Burrow answers, read
 *
 *     clusters  := { "clusters": [name*] }
 *     consumers := { "consumers": [name*] }                              topics := { "topics": [name*] }
 *     ends      := { "offsets": [integer*] }                             partitions that it has no end offset of are left out
 *     detail    := { "topics": { topic: [partition*] } }
 *     partition := { "offsets": [(commit | null)*], "owner", "client_id", "current-lag" }
 *     commit    := { "offset", "timestamp", "observedAt", "lag" | null } oldest first, empty cells before them
 *     module    := { "module": { "offset-refresh": seconds } }
 *
 * As linkedin/Burrow v1.9.5 writes them (core/internal/httpserver, core/protocol/storage.go); fields beside these are not looked at. A
 * number outside ±(2^53-1) was rounded by whoever parsed the JSON, and is NaN from here on.
 */

import { z } from "zod";

/** Windows keep whole seconds in 32 bits: until the year 2106. */
const SEEN_MS_MAX = (2 ** 32 - 1) * 1_000;
const exact = z.number().transform((value) => (Number.isSafeInteger(value) ? value : Number.NaN));
const seen = exact.transform((ms) => (ms >= 0 && ms <= SEEN_MS_MAX ? ms : Number.NaN));
const text = z.string().default("");

const Commit = z
  .object({ offset: exact, timestamp: exact, observedAt: seen, lag: exact.nullable() })
  .transform(({ offset, timestamp, observedAt, lag }) => ({
    committedOffset: offset,
    committedAtMs: timestamp,
    observedAtMs: observedAt,
    lag: lag ?? undefined,
  }));
export type ToldCommit = Readonly<z.output<typeof Commit>>;

const Partition = z
  .object({ offsets: z.array(Commit.nullable()), owner: text, client_id: text, "current-lag": exact })
  .transform(({ offsets, owner, client_id: clientId, "current-lag": currentLag }) => ({
    /** Cells of the window, empty ones included. */
    cells: offsets.length,
    commits: offsets.flatMap((cell) => cell ?? []),
    owner,
    clientId,
    currentLag,
  }));
const Partitions = z.array(Partition);
/** The index is the partition. */
export type ToldPartition = Readonly<z.output<typeof Partition>>;

export const ClustersAnswer = z.object({ clusters: z.array(z.string()) });
export const ConsumersAnswer = z.object({ consumers: z.array(z.string()) });
export const TopicsAnswer = z.object({ topics: z.array(z.string()) });
export const EndsAnswer = z.object({ offsets: z.array(exact) });
export const ModuleAnswer = z.object({ module: z.object({ "offset-refresh": z.number().min(0) }) });

/** Not a record: a topic may be called `__proto__`. */
export const DetailAnswer = z.object({
  topics: z
    .custom<object>((value) => typeof value === "object" && value !== null && !Array.isArray(value))
    .transform((topics, context): ReadonlyMap<string, readonly ToldPartition[]> => {
      const lists = Object.entries(topics).map(([topic, list]) => [topic, Partitions.safeParse(list)] as const);
      const issues = lists.flatMap(([topic, { error }]) => error?.issues.map((one) => [topic, one.message]) ?? []);
      const [first] = issues;
      if (first !== undefined) context.addIssue(`topic ${first.join(": ")}`);
      return new Map(lists.map(([topic, { data = [] }]) => [topic, data]));
    }),
});
/** Partitions by topic. */
export type ToldGroup = ReadonlyMap<string, readonly ToldPartition[]>;

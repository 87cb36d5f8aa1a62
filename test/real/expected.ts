/**
 * # What the population has to look like
 *
 * Statuses follow from how a group was made, by Burrow's rules, not from any program's answer. `running` holds while the
 * patterns go on, `atRest` once nobody produces or commits any more (a window that stands still is older than its own span).
 */

import type { BurrowPartitionStatus } from "../../collector/model/status.ts";

export interface ExpectedGroup {
  readonly group: string;
  /** The worst partition's. */
  readonly running: BurrowPartitionStatus;
  readonly atRest: BurrowPartitionStatus;
  /** Sum over its partitions at rest, as Kafka counts it; undefined where a moving pattern decides it. */
  readonly lagAtRest: number | undefined;
  /** Of these records, those that retention had deleted before the group read them. */
  readonly lostAtRest?: number;
  readonly members: number;
}

/** Legal group names that break naive paths, labels, tables and pages. */
export const HOSTILE_GROUPS: readonly string[] = [
  "with blanks inside",
  "slashes/in/names",
  "per%cent %2F %00",
  'double"quotes\\and backslashes',
  "single'quotes; -- drop",
  "<script>alert(1)</script>",
  "wave 🌊 and ß and 日本",
  "right to left \u202egroup",
  "__proto__",
  "a b 1 2 3",
  "question?mark#hash&amp;",
  "..",
];

/** Legal topic names that are also keys of every JavaScript object, and the longest there is. */
export const HOSTILE_TOPICS: readonly string[] = ["__proto__", "constructor", "..dots", "x".repeat(249)];

const quiet = { running: "STOP", atRest: "STOP", members: 0 } as const;
const well = { running: "OK", atRest: "OK", lagAtRest: 0 } as const;

export const EXPECTED_GROUPS: readonly ExpectedGroup[] = [
  { group: "healthy", ...well, members: 1 },
  { group: "console-classic", ...well, members: 1 },
  { group: "caught-up", ...well, members: 0 },
  { group: "slow", running: "WARN", atRest: "STOP", lagAtRest: undefined, members: 0 },
  { group: "stalled", running: "STALL", atRest: "STOP", lagAtRest: 60, members: 0 },
  { group: "rewound", running: "REWIND", atRest: "STOP", lagAtRest: undefined, members: 0 },
  { group: "stopped", ...quiet, lagAtRest: 50 },
  { group: "members-gone", ...quiet, lagAtRest: 60 },
  { group: "transactional", ...quiet, lagAtRest: 40 },
  { group: "reborn", ...quiet, lagAtRest: 15 },
  { group: "behind-retention", ...quiet, lagAtRest: 90, lostAtRest: 30 },
  { group: "hostile-topics", ...quiet, lagAtRest: 6 * HOSTILE_TOPICS.length },
  ...HOSTILE_GROUPS.map((group) => ({ group, ...quiet, lagAtRest: 30 })),
];

/** Only where the broker speaks KIP-848 as a finished feature. */
export const CONSUMER_PROTOCOL_GROUP: ExpectedGroup = { group: "console-consumer", ...well, members: 1 };

/** Groups that were there and must not be shown. */
export const GONE_GROUPS: readonly string[] = ["deleted"];

/** A group the broker still lists, though the offsets it had went with their topic: it may be shown, but with no offset and no lag. */
export const GROUPS_WITHOUT_OFFSETS: readonly string[] = ["orphan-of-a-topic"];

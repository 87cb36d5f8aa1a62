/**
 * For tests: topics that are deleted by time, by size and by both, with traffic of several kinds, and groups that stop for good at a
 * random moment. A log holds about
 * 100 minutes, a segment about 20, and brokers look every five, as they do where nobody says otherwise.
 */

import { fault, group, topic } from "../../simulator/scenario/spec.ts";
import { randomOf } from "../../simulator/world/random.ts";
import type { Production, Retention, Scenario } from "../../simulator/world/specs.ts";

const SECOND_MS = 1_000;
export const MINUTE_MS = 60 * SECOND_MS;
export const SEGMENT_MS = 20 * MINUTE_MS;
export const CHECK_MS = 5 * MINUTE_MS;
const HELD_MS = 100 * MINUTE_MS;
const FOR_GOOD_MS = 1_000 * MINUTE_MS;
const PARTITIONS = 2;
const RECORD_BYTES = 200;
/** Of a topic, in the mean. */
const PER_SECOND = 20;
const GROUPS_PER_TOPIC = 4;

const TRAFFIC: Readonly<Record<string, Production>> = {
  steady: { kind: "constant", perSecond: PER_SECOND },
  waves: { kind: "diurnal", perSecond: PER_SECOND, swing: 0.5, periodMs: 45 * MINUTE_MS },
  bursts: { kind: "bursty", perSecond: 10, burstPerSecond: 40, burstMs: MINUTE_MS, everyMs: 3 * MINUTE_MS },
};

const bytesIn = (ms: number): number => Math.round((PER_SECOND / PARTITIONS) * RECORD_BYTES * (ms / SECOND_MS));

const BY_TIME = { retentionMs: HELD_MS, segmentMs: SEGMENT_MS };
const BY_SIZE = { retentionMs: undefined, retentionBytes: bytesIn(HELD_MS), segmentBytes: bytesIn(SEGMENT_MS) };

const RETENTION: Readonly<Record<string, Partial<Retention>>> = {
  time: BY_TIME,
  size: BY_SIZE,
  both: { ...BY_SIZE, retentionMs: HELD_MS, segmentMs: SEGMENT_MS },
};

/** Name of each topic: how it is deleted, and its traffic. */
export const KINDS: readonly string[] = Object.keys(RETENTION).flatMap((retention) =>
  Object.keys(TRAFFIC).map((traffic) => `${retention}-${traffic}`),
);

export interface LossWorldOptions {
  readonly seed: number;
  /** Groups stop between these times. */
  readonly stopsMs: readonly [from: number, to: number];
}

export function lossWorld({ seed, stopsMs: [from, to] }: LossWorldOptions): Scenario {
  const random = randomOf(seed, "stops");
  const groups = KINDS.flatMap((kind) =>
    Array.from({ length: GROUPS_PER_TOPIC }, (_, index) =>
      // Every other group reads what is minutes old.
      group(`${kind}.${index}`, [kind], 1_000, { delayMs: index % 2 === 0 ? 0 : 7 * MINUTE_MS }),
    ),
  );
  return {
    cluster: "losses",
    brokers: 3,
    offsetsPartitions: 4,
    topics: Object.entries(RETENTION).flatMap(([name, retention]) =>
      Object.entries(TRAFFIC).map(([traffic, production]) =>
        topic(`${name}-${traffic}`, PARTITIONS, production, {
          retention: { ...retention, recordBytes: RECORD_BYTES, checkEveryMs: CHECK_MS },
        }),
      ),
    ),
    groups,
    faults: groups.map(({ group: name }) =>
      fault("stop-group", from + Math.floor(random() * (to - from)), { group: name, forMs: FOR_GOOD_MS }),
    ),
    pastPace: 1,
  };
}

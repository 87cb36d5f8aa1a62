/** Each fault does what its sentence says while it lasts, and is over afterwards. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { WORLD_FAULTS } from "./faults.ts";
import type { FaultSpec } from "./specs.ts";
import type { Played } from "./world.fixture.ts";
import { faultOn, MINUTE_MS, play, SECOND_MS, START_MS, smallScenario } from "./world.fixture.ts";

const DURING_MS = START_MS + 85 * SECOND_MS;
const AFTER_MS = START_MS + 10 * MINUTE_MS;

const lagOf = ({ world }: Played): number =>
  world.cluster
    .committedOffsets("g")
    .reduce(
      (sum, { topic, partition, committedOffset }) =>
        sum + (world.cluster.partition(topic, partition)?.endOffset ?? 0) - committedOffset,
      0,
    );
const commitsOf = ({ lines }: Played, fromMs: number): readonly (number | null)[] =>
  lines.flatMap((line) => ("commit" in line && line.partition === 0 && line.t > fromMs ? [line.commit] : []));
const generationOf = ({ world }: Played): number => world.cluster.group("g")?.generation ?? -1;

interface Case {
  readonly more?: Partial<FaultSpec>;
  readonly during: (played: Played) => boolean;
  readonly after?: (played: Played) => boolean;
}

const caughtUp = (played: Played): boolean => lagOf(played) < 300;

const CASES: Readonly<Record<string, Case>> = {
  "producer-burst": { more: { amount: 20 }, during: (one) => lagOf(one) > 5_000, after: caughtUp },
  "slow-consumer": { more: { amount: 0.01 }, during: (one) => lagOf(one) > 1_500, after: caughtUp },
  "under-capacity": { more: { amount: 0.01 }, during: (one) => lagOf(one) > 1_500, after: caughtUp },
  "stop-group": {
    during: (one) => commitsOf(one, DURING_MS - 50_000).length === 0 && one.world.cluster.group("g")?.state === "Empty",
    after: (one) => caughtUp(one) && one.world.cluster.group("g")?.state === "Stable",
  },
  "stop-committing": {
    during: (one) =>
      commitsOf(one, DURING_MS - 50_000).length === 0 && one.world.cluster.group("g")?.state === "Stable",
    after: caughtUp,
  },
  "stuck-partition": {
    more: { partition: 0 },
    during: (one) =>
      commitsOf(one, DURING_MS - 50_000).length > 30 && new Set(commitsOf(one, DURING_MS - 50_000)).size === 1,
    after: caughtUp,
  },
  rewind: { more: { amount: 200 }, during: wentBack, after: caughtUp },
  "skip-ahead": { during: caughtUp },
  "rebalance-storm": { more: { amount: 5_000 }, during: (one) => generationOf(one) > 10, after: caughtUp },
  deploy: {
    more: { name: "v2" },
    during: (one) => generationOf(one) === 5 && one.lines.some((line) => "deploy" in line && line.deploy === "v2"),
  },
  "hanging-transaction": {
    during: (one) => one.world.cluster.hasPendingOffset("g", "t", 0) && caughtUp(one),
    after: (one) => !one.world.cluster.hasPendingOffset("g", "t", 0),
  },
  "open-transaction": { during: (one) => unstable(one) > 0, after: (one) => unstable(one) === 0 },
  "short-retention": {
    more: { amount: 20_000 },
    during: (one) => one.world.cluster.topic("t")?.configs.get("retention.ms") === "20000",
    after: (one) => one.world.cluster.topic("t")?.configs.get("retention.ms") === "604800000",
  },
  truncate: { more: { partition: 0, amount: 50 }, during: (one) => epochOf(one) === 1 },
  "delete-topic": { during: (one) => one.world.cluster.topic("t") === undefined && commitsOf(one, 0).at(-1) === null },
  "recreate-topic": {
    during: (one) =>
      one.lines.filter((line) => "id" in line).length === 3 && caughtUp(one) && commitsOf(one, 0).includes(null),
  },
  "grow-topic": {
    more: { amount: 2 },
    during: (one) => one.world.groups.get("g")?.held().length === 5,
    after: caughtUp,
  },
  "leader-move": { more: { amount: 2 }, during: (one) => one.world.cluster.partition("t", 0)?.leader === 2 },
  "expire-offsets": { during: (one) => commitsOf(one, 0).includes(null) && caughtUp(one) },
  "delete-group": { during: (one) => one.world.cluster.group("g") === undefined },
  "compact-offsets": { during: caughtUp },
};

function wentBack(one: Played): boolean {
  const commits = commitsOf(one, 0).map(Number);
  return commits.some((commit, index) => commit < (commits[index - 1] ?? 0));
}

function unstable({ world }: Played): number {
  const view = world.cluster.partition("t", 0);
  return (view?.endOffset ?? 0) - (view?.lastStableOffset ?? 0);
}

function epochOf({ world }: Played): number {
  return world.cluster.partition("t", 0)?.leaderEpoch ?? -1;
}

test("there is a case for each fault", () => {
  assert.deepEqual(Object.keys(CASES).sort(), [...WORLD_FAULTS.keys()].sort());
});

for (const [name, { more, during, after }] of Object.entries(CASES)) {
  test(`${name}: ${WORLD_FAULTS.get(name)?.sentence}`, () => {
    const calm = play(smallScenario({}));
    calm.advance(DURING_MS);
    const cause = WORLD_FAULTS.get(name)?.cause;
    const played = play(smallScenario({ faults: [faultOn(name, more)] }));
    played.advance(DURING_MS);
    assert.ok(during(played), "while it lasts");
    assert.equal(
      played.world.truth.conditionsAt(DURING_MS).some((one) => one.cause === cause && one.group === "g"),
      cause !== undefined,
    );
    played.advance(AFTER_MS);
    assert.ok((after ?? during)(played), "afterwards");
    assert.deepEqual(played.world.truth.conditionsAt(AFTER_MS), []);
  });
}

test("a world without faults is what no fault's case takes it for", () => {
  const calm = play(smallScenario({}));
  calm.advance(DURING_MS);
  const fits = Object.entries(CASES).filter(([, { during }]) => during(calm));
  assert.deepEqual(
    fits.map(([name]) => name),
    ["skip-ahead", "compact-offsets"],
  );
});

test("an unknown fault names the known ones", () => {
  assert.throws(() => play(smallScenario({ faults: [faultOn("rewnd")] })), /unknown fault "rewnd".*rewind.*truncate/);
});

test("a fault on a group that is not there is refused when the world is made", () => {
  assert.throws(() => play(smallScenario({ faults: [faultOn("rewind", { group: "h" })] })), /no group "h"/);
});

test("retention takes whole segments, the active one too once it is old", () => {
  const retention = {
    retentionMs: 60 * SECOND_MS,
    retentionBytes: undefined,
    segmentMs: 10 * SECOND_MS,
    segmentBytes: 2 ** 30,
    recordBytes: 100,
    checkEveryMs: 1_000,
  };
  const played = play(smallScenario({ topic: { retention }, faults: [] }));
  const starts = new Set<number>();
  for (let at = START_MS; at < AFTER_MS; at += SECOND_MS) {
    played.advance(at);
    starts.add(played.world.cluster.partition("t", 0)?.startOffset ?? -1);
  }
  // Nine minutes after the first one was old enough, a segment of some ten seconds at a time.
  assert.ok(starts.size > 40 && starts.size < 60, `${starts.size} starts`);
  const { cluster } = played.world;
  const start = cluster.partition("t", 0)?.startOffset ?? 0;
  const ageMs = AFTER_MS - SECOND_MS - (cluster.appendedAtMs("t", 0, start) ?? 0);
  assert.ok(ageMs <= 72 * SECOND_MS, `the oldest record is ${ageMs} ms old`);
});

test("retention by size keeps at least what it promises, and at most a segment more", () => {
  const retention = {
    retentionMs: undefined,
    retentionBytes: 50_000,
    segmentMs: 3_600_000,
    segmentBytes: 10_000,
    recordBytes: 100,
    checkEveryMs: 1_000,
  };
  const played = play(smallScenario({ topic: { retention } }));
  played.advance(AFTER_MS);
  const view = played.world.cluster.partition("t", 0);
  const bytes = ((view?.endOffset ?? 0) - (view?.startOffset ?? 0)) * 100;
  assert.ok(bytes >= 50_000 && bytes <= 62_000, `${bytes} bytes`);
});

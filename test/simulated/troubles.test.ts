/**
 * Scripts of troubles, over TCP: after each step every number is the truth, and between steps nothing is served that was never
 * true, nor a verdict that is bad where nobody is slow.
 */

import assert from "node:assert/strict";
import type { TestContext } from "node:test";
import { suite, test } from "node:test";
import type { PartitionEvaluation } from "../../collector/model/evaluation.ts";
import type { Clock } from "../../runtime/clock.ts";
import { systemClock } from "../../runtime/clock.ts";
import { done, notYet } from "../real/until.ts";
import { breachesWhile } from "./breaches.fixture.ts";
import type { Stage, StageOptions } from "./collector.fixture.ts";
import { commitAll, onStage, TOPIC } from "./collector.fixture.ts";
import { groupSteps, type Step, topicSteps } from "./trouble-steps.fixture.ts";
import { createTruth } from "./truth.fixture.ts";

const HOUR_MS = 3_600_000;

/** Plays one step after the other. The numbers are held against the cluster by `untilRight`. */
async function play(t: TestContext, options: StageOptions, steps: readonly Step[]): Promise<void> {
  await onStage({ timeoutMs: 15_000, ...options }, async (stage) => {
    const truth = createTruth(stage.cluster);
    await stage.untilRight("all is shown");
    for (const { what, change, said } of steps) {
      await t.test(what, async () => {
        truth.settled();
        const breaches = await breachesWhile(stage.view, truth.breach, async () => {
          change(stage.cluster, truth.note);
          truth.note();
          await stage.untilRight(what);
          if (said !== undefined) await untilSaid(stage, said);
        });
        assert.deepEqual(breaches, []);
      });
    }
  });
}

async function untilSaid({ until, shown }: Stage, [group, partition, want]: NonNullable<Step["said"]>): Promise<void> {
  await until(`${group} ${partition} is ${JSON.stringify(want)}`, () => {
    const row = shown(group)?.partitions.find((one) => one.partition === partition);
    const isSaid = Object.entries(want).every(([name, value]) => row?.[name as keyof PartitionEvaluation] === value);
    return isSaid ? done(undefined) : notYet(JSON.stringify(row));
  });
}

/** Our wall clock, put ahead and back by hand; the monotonic one goes on. */
function createHandClock(): Clock & { jump(byMs: number): void } {
  let aheadMs = 0;
  return {
    nowMs: () => systemClock.nowMs() + aheadMs,
    monotonicMs: systemClock.monotonicMs,
    jump: (byMs) => {
      aheadMs += byMs;
    },
  };
}

function clockSteps(clock: ReturnType<typeof createHandClock>): readonly Step[] {
  const jumps = [HOUR_MS, -2 * HOUR_MS, HOUR_MS, -HOUR_MS];
  // Commits and ends are read apart: which of two changes is seen first, nobody can say, so each is a step.
  return jumps.flatMap((byMs, index): readonly Step[] => [
    {
      what: `it jumps by ${byMs / HOUR_MS} h`,
      change: (cluster, note) => {
        clock.jump(byMs);
        commitAll(cluster, "classic", 60 + index);
        note();
        commitAll(cluster, "simple", 70 + index);
      },
    },
    {
      what: `records come after it jumped by ${byMs / HOUR_MS} h`,
      change: (cluster) => cluster.append(TOPIC, index, 5, Date.now()),
      said: ["simple", index, { committed_offset: 70 + index, lag: 35 }],
    },
  ]);
}

suite("troubles", { concurrency: true }, () => {
  for (const version of ["3.9", "4.1"] as const) {
    test(`of a topic, on a simulated ${version}`, async (t) => {
      await play(t, { cluster: { version } }, topicSteps);
    });
  }
  test("of our own clock", async (t) => {
    const clock = createHandClock();
    await play(t, { clock }, clockSteps(clock));
  });
  test("of brokers whose clock is an hour off ours", async (t) => {
    for (const byMs of [HOUR_MS, -HOUR_MS]) {
      const clock = createHandClock();
      clock.jump(byMs);
      await play(t, { clock }, groupSteps.slice(0, 6));
    }
  });
  test("of groups and their coordinators", async (t) => {
    await play(t, { timeoutMs: 60_000 }, groupSteps);
  });
});

/** What happens to brokers, leaders, coordinators and topics: the collector over TCP against simulated brokers. */

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { ask } from "../../collector/http/ask.fixture.ts";
import { createHealthHandler } from "../../collector/http/health.ts";
import type { GroupEvaluation, PartitionEvaluation } from "../../collector/model/evaluation.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { done, notYet } from "../real/until.ts";
import { breachesWhile } from "../simulated/breaches.fixture.ts";
import type { Stage } from "../simulated/collector.fixture.ts";
import { commitAll, furnishedCluster, onStage, PARTITIONS, TOPIC } from "../simulated/collector.fixture.ts";
import { running } from "./running.fixture.ts";

const BROKERS = [1, 2, 3];
const COORDINATOR_LOADING = 14;
const COORDINATOR_NOT_AVAILABLE = 15;
const NOT_COORDINATOR = 16;

function rows({ cluster, shown }: Stage): readonly PartitionEvaluation[] {
  return [...cluster.groups()].flatMap(({ group }) => shown(group)?.partitions ?? []);
}

function statuses(of: readonly PartitionEvaluation[]): string {
  return of.map(({ partition, status }) => `${partition} ${status}`).join(", ");
}

async function answers({ collector }: Stage): Promise<readonly (number | undefined)[]> {
  const handler = createHealthHandler(collector.readiness);
  return [(await ask(handler, "/healthz"))?.status, (await ask(handler, "/readyz"))?.status];
}

suite("failures of the cluster", { concurrency: true }, () => {
  test("C1: brokers that are down at the start are asked again until they answer; alive, not ready, and no exit", async () => {
    let up = (): void => {};
    const before = (_: unknown, brokers: Stage["brokers"]): void => {
      const ends = BROKERS.map((broker) => brokers.faults.begin({ fault: "broker-down", broker }));
      up = () => ends.forEach((end) => void end());
    };
    await onStage({ before, timeoutMs: 60_000 }, async (stage) => {
      const { view, until, untilRight } = stage;
      await until("it says that nobody answers", () => {
        const { kind } = view.condition();
        return kind === "unreachable" ? done(undefined) : notYet(kind);
      });
      assert.deepEqual(await answers(stage), [200, 503]);
      assert.deepEqual(view.snapshot().groups, []);
      up();
      await untilRight("they are up");
      assert.deepEqual(await answers(stage), [200, 200]);
    });
  });

  test("C2: a broker that dies makes what it leads stale with the last numbers, never lag 0; each of three in turn", async () => {
    await onStage({ timeoutMs: 120_000 }, async (stage) => {
      const { cluster, brokers, until, untilRight } = stage;
      for (const broker of BROKERS) {
        await untilRight(`before broker ${broker} dies`);
        const isLed = ({ topic, partition }: PartitionEvaluation): boolean =>
          cluster.partition(topic, partition)?.leader === broker;
        const lags = rows(stage).map(({ lag }) => lag);
        assert.ok(lags.every((lag) => lag !== undefined && lag > 0));
        const end = brokers.faults.begin({ fault: "broker-down", broker });
        await until("what it leads is stale", () => {
          const led = rows(stage).filter(isLed);
          return led.every(({ status }) => status === "stale") ? done(undefined) : notYet(statuses(led));
        });
        assert.deepEqual(
          rows(stage).map(({ lag }) => lag),
          lags,
        );
        const fresh = [...cluster.groups()].filter(({ group }) => {
          const log = cluster.logPartitionOf(group);
          return cluster.partition("__consumer_offsets", log)?.leader !== broker;
        });
        assert.ok(fresh.length > 0);
        for (const { group } of fresh) commitAll(cluster, group, 50 + broker);
        await until("the others are followed", () => {
          const of = fresh.flatMap(({ group }) => stage.shown(group)?.partitions ?? []);
          const isFollowed = of.every(
            (row) => row.committed_offset === 50 + broker && (isLed(row) || row.status === "OK"),
          );
          return isFollowed ? done(undefined) : notYet(statuses(of));
        });
        end();
      }
      await untilRight("all are up");
    });
  });

  test("C3: a leader that moves is followed, a partition without one is stale and in its place, and its group is not OK", async () => {
    await onStage({ timeoutMs: 60_000 }, async (stage) => {
      const { cluster, brokers, view, shown, until, untilRight } = stage;
      await untilRight("all is shown");
      const asked = brokers.requests().get("Metadata") ?? 0;
      const lead = cluster.partition(TOPIC, 3)?.leader ?? 1;
      cluster.moveLeader(TOPIC, 3, (lead % 3) + 1);
      cluster.append(TOPIC, 3, 7, Date.now());
      await untilRight("the new leader is asked");
      assert.ok((brokers.requests().get("Metadata") ?? 0) > asked, "by its own doing, not when the minute is over");
      const omitted = ({ group, partitions }: GroupEvaluation): string | undefined =>
        partitions.length === PARTITIONS ? undefined : `${group} has ${partitions.length} partitions`;
      const breaches = await breachesWhile(view, omitted, async () => {
        const end = brokers.faults.begin({ fault: "partial-metadata", topic: TOPIC, partition: 3 });
        cluster.moveLeader(TOPIC, 3, -1);
        await until("it is stale", () => {
          const stale = (shown("classic")?.partitions ?? []).filter(({ status }) => status === "stale");
          return stale.map(({ partition }) => partition).join() === "3" ? done(undefined) : notYet(statuses(stale));
        });
        assert.notEqual(shown("classic")?.status, "OK");
        end();
        cluster.moveLeader(TOPIC, 3, 1);
        await untilRight("it has a leader again");
      });
      assert.deepEqual(breaches, []);
    });
  });

  test("C4: a coordinator that loads, is not there or has moved is asked again, and nothing is right before it answers", async () => {
    const codes = [COORDINATOR_LOADING, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR];
    let end = (): void => {};
    const before = (_: unknown, { faults }: Stage["brokers"]): void => {
      const ends = codes.map((code, index) =>
        faults.begin({ fault: "error", api: "OffsetFetch", code, broker: index + 1 }),
      );
      end = () => ends.forEach((one) => void one());
    };
    await onStage({ before, timeoutMs: 60_000 }, async ({ cluster, brokers, view, until, untilRight }) => {
      await until("each was asked more than once", () => {
        const asked = BROKERS.map((broker) => brokers.requests(broker).get("OffsetFetch") ?? 0);
        return Math.min(...asked) > 2 ? done(undefined) : notYet(asked.join());
      });
      assert.notEqual(view.condition().kind, "ok");
      end();
      await untilRight("they answer");
      for (let of = 0; of < cluster.offsetsPartitions; of++) cluster.moveLeader("__consumer_offsets", of, 2);
      for (const { group } of cluster.groups()) commitAll(cluster, group, 61);
      await untilRight("all groups have moved to one coordinator");
    });
  });

  test("C5: there is no group of ours to rebalance: two collectors read all of it, each commit once, and one goes without the other noticing", async () => {
    const cluster = furnishedCluster();
    await using brokers = await startBrokers({ view: cluster, random: randomOf(1, "brokers") });
    await using one = running(cluster, brokers);
    const commits = () => one.collector.clusters[0]?.source.stats().counts.commits ?? 0;
    let before = 0;
    {
      await using other = running(cluster, brokers);
      await Promise.all([one.untilRight("one is right"), other.untilRight("the other is right")]);
      before = commits();
      for (let round = 0; round < 5; round++) commitAll(cluster, "classic", 60 + round);
      await Promise.all([one.untilRight("one follows"), other.untilRight("the other follows")]);
    }
    for (let round = 0; round < 5; round++) commitAll(cluster, "classic", 70 + round);
    await one.untilRight("one goes on alone");
    assert.equal(commits() - before, 10 * PARTITIONS);
    const reads = ["ApiVersions", "Metadata", "ListOffsets", "Fetch", "OffsetFetch", "ListGroups"];
    const known = new Set([...reads, "DescribeConfigs", "DescribeGroups", "ConsumerGroupDescribe", "FindCoordinator"]);
    assert.deepEqual(
      [...brokers.requests().keys()].filter((api) => !known.has(api)),
      [],
    );
  });

  test("C6: connections that are half open or cut in an answer are made anew; the others' numbers stay fresh, nothing ends", async () => {
    await onStage({ timeoutMs: 90_000 }, async (stage) => {
      const { cluster, brokers, until, untilRight } = stage;
      await untilRight("all is shown");
      const ends = [
        brokers.faults.begin({ fault: "hung", broker: 2 }),
        brokers.faults.begin({ fault: "cut", broker: 3, api: "ListOffsets", afterBytes: 7 }),
      ];
      cluster.append(TOPIC, 0, 5, Date.now());
      await until("what both lead is stale, and the rest is followed", () => {
        const isRight = rows(stage).every(({ topic, partition, status, end_offset }) => {
          const held = cluster.partition(topic, partition);
          return held?.leader === 1 ? end_offset === held.endOffset : status === "stale";
        });
        return isRight ? done(undefined) : notYet(statuses(rows(stage)));
      });
      const cuts = () => stage.collector.clusters[0]?.source.stats().connectionsCut ?? 0;
      await until("what is half open is cut", () => (cuts() > 0 ? done(undefined) : notYet("not yet")));
      for (const end of ends) end();
      await untilRight("they speak again");
    });
  });

  test("C7: a topic that is deleted ends, and made again begins anew: no negative lag, nothing judged from what was before", async () => {
    await onStage({ timeoutMs: 60_000 }, async ({ cluster, view, untilRight }) => {
      for (const { group } of cluster.groups()) commitAll(cluster, group, 60);
      await untilRight("all is shown");
      const breach = ({ group, partitions }: GroupEvaluation): string | undefined => {
        const wrong = partitions.find(({ lag = 0, status }) => lag < 0 || ["STOP", "STALL", "REWIND"].includes(status));
        return wrong === undefined ? undefined : `${group} ${wrong.partition} is ${wrong.status}, lag ${wrong.lag}`;
      };
      const breaches = await breachesWhile(view, breach, async () => {
        cluster.deleteTopic(TOPIC, Date.now());
        await untilRight("it is gone");
        assert.deepEqual(
          view.snapshot().groups.filter(({ members }) => members === 0),
          [],
        );
        cluster.createTopic({ topic: TOPIC, partitions: PARTITIONS }, Date.now());
        cluster.append(TOPIC, 0, 7, Date.now());
        cluster.commit({
          group: "classic",
          offsets: [{ topic: TOPIC, partition: 0, committedOffset: 3 }],
          atMs: Date.now(),
        });
        await untilRight("it is there again");
      });
      assert.deepEqual(breaches, []);
    });
  });
});

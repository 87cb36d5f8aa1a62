/**
 * The real collector over TCP while brokers and connections fail: what is not known is stale, warming or unauthorised, never OK
 * and never a number that was not true; what the others say stays fresh; afterwards all is right again.
 */

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import type { PartitionEvaluation } from "../../collector/model/evaluation.ts";
import type { WireFault } from "../../simulator/wire/faults.ts";
import { WIRE_FAULTS } from "../../simulator/wire/faults.ts";
import { done, notYet } from "../real/until.ts";
import type { Stage } from "./collector.fixture.ts";
import { commitAll, onStage, TOPIC } from "./collector.fixture.ts";

const NOT_LEADER = 6;
const UNKNOWN_SERVER_ERROR = -1;

/** Rows of all groups whose partition this broker leads, and the others. */
function rowsBy({ cluster, shown }: Stage, broker: number) {
  const rows = [...cluster.groups()].flatMap(({ group }) => shown(group)?.partitions ?? []);
  const isLed = ({ topic, partition }: PartitionEvaluation): boolean =>
    cluster.partition(topic, partition)?.leader === broker;
  return { led: rows.filter(isLed), others: rows.filter((row) => !isLed(row)) };
}

/** Every group whose coordinator this broker is. */
function coordinated({ cluster }: Stage, broker: number): ReadonlySet<string> {
  const names = [...cluster.groups()].map(({ group }) => group);
  const leads = (group: string): boolean =>
    cluster.partition("__consumer_offsets", cluster.logPartitionOf(group))?.leader === broker;
  return new Set(names.filter(leads));
}

function statuses(rows: readonly PartitionEvaluation[]): string {
  return rows.map(({ partition, status }) => `${partition} ${status}`).join(", ");
}

/** Until everything the broker would know says so. */
async function untilStale(stage: Stage, broker: number): Promise<void> {
  await stage.until(`what broker ${broker} leads is stale`, () => {
    const { led } = rowsBy(stage, broker);
    return led.length > 0 && led.every(({ status }) => status === "stale") ? done(undefined) : notYet(statuses(led));
  });
}

const POLLING = { source: "polling", poll_interval: "200ms" } as const;

suite("the collector while the wire fails", { concurrency: true }, () => {
  const silent: readonly (readonly [string, WireFault, boolean])[] = [
    ["a broker is down", { fault: "broker-down", broker: 2 }, true],
    ["answers are cut", { fault: "cut", broker: 2, api: "ListOffsets", afterBytes: 9 }, false],
    ["one API fails", { fault: "error", api: "ListOffsets", code: UNKNOWN_SERVER_ERROR, broker: 2 }, false],
    ["a broker hangs", { fault: "hung", broker: 2 }, true],
  ];
  const polled = silent.slice(0, 1).map((one) => [...one, "polling", POLLING] as const);
  for (const [what, fault, isWhole, source, client] of [
    ...silent.map((one) => [...one, "offsets_topic", {}] as const),
    ...polled,
  ]) {
    test(`${what}: its partitions are stale with the last numbers, the others stay right, and it comes back (${source})`, async () => {
      await onStage({ timeoutMs: 60_000, client }, async (stage) => {
        const { cluster, brokers, untilRight } = stage;
        await untilRight("all is shown");
        const end = brokers.faults.begin(fault);
        const known = new Map(rowsBy(stage, 2).led.map((row) => [row.partition, row.end_offset]));
        await untilStale(stage, 2);
        for (const row of rowsBy(stage, 2).led) assert.equal(row.end_offset, known.get(row.partition));
        const away = isWhole ? coordinated(stage, 2) : new Set<string>();
        const fresh = [...cluster.groups()].map(({ group }) => group).filter((group) => !away.has(group));
        assert.ok(fresh.length > 0);
        for (const group of fresh) commitAll(cluster, group, 80);
        await stage.until("commits of the others are shown", () => {
          const seen = fresh.flatMap((group) => stage.shown(group)?.partitions ?? []);
          return seen.every((row) => row.committed_offset === 80) ? done(undefined) : notYet(statuses(seen));
        });
        assert.ok(rowsBy(stage, 2).led.every(({ status }) => status === "stale"));
        end();
        await untilRight("all is right again");
      });
    });
  }

  const harmless: readonly (readonly [string, WireFault])[] = [
    ["answers are slow", { fault: "slow", broker: 1, delayMs: 300 }],
    ["clients are throttled", { fault: "throttle", broker: 1, throttleMs: 100 }],
    ["a broker is not the leader for a while", { fault: "error", api: "Fetch", code: NOT_LEADER, broker: 1 }],
  ];
  for (const [what, fault] of harmless) {
    test(`${what}: all is read none the less, or as soon as it is over`, async () => {
      await onStage({}, async ({ cluster, brokers, untilRight }) => {
        await untilRight("all is shown");
        const end = brokers.faults.begin(fault);
        commitAll(cluster, "classic", 70);
        if (fault.fault === "error") end();
        await untilRight(what);
      });
    });
  }

  test("a partition without a leader is stale, and the others of its topic are not", async () => {
    await onStage({}, async (stage) => {
      const { cluster, brokers, shown, untilRight } = stage;
      await untilRight("all is shown");
      const end = brokers.faults.begin({ fault: "partial-metadata", topic: TOPIC, partition: 3 });
      cluster.moveLeader(TOPIC, 3, -1);
      await stage.until("it is stale", () => {
        const rows = shown("classic")?.partitions ?? [];
        const stale = rows.filter(({ status }) => status === "stale").map(({ partition }) => partition);
        return stale.join() === "3" ? done(undefined) : notYet(statuses(rows));
      });
      end();
      cluster.moveLeader(TOPIC, 3, 1);
      await untilRight("it has a leader again");
    });
  });

  for (const [source, client] of [
    ["offsets_topic", {}],
    ["polling", POLLING],
  ] as const)
    test(`${source}: coordinators that are still loading list no groups: nothing is said before they have`, async () => {
      let end = (): void => {};
      const before = (_: unknown, brokers: Stage["brokers"]): void => {
        const ends = [1, 2, 3].map((broker) => brokers.faults.begin({ fault: "loading", broker }));
        end = () => ends.forEach((one) => void one());
      };
      await onStage({ before, client }, async ({ brokers, view, until, untilRight }) => {
        await until("it was asked", () => {
          const asked = brokers.requests().get("OffsetFetch") ?? 0;
          return asked > 3 ? done(undefined) : notYet(`${asked} times`);
        });
        assert.notEqual(view.condition().kind, "ok");
        assert.deepEqual(view.snapshot().groups, []);
        end();
        await untilRight("they have loaded");
      });
    });

  test("a topic that is denied is never shown as well", async () => {
    await onStage({}, async ({ brokers, shown, until, untilRight }) => {
      await untilRight("all is shown");
      const end = brokers.faults.begin({ fault: "deny-topic", topic: TOPIC });
      await until("it is unauthorised or unknown", () => {
        const rows = shown("classic")?.partitions ?? [];
        const isSaid = rows.every(({ status }) => status === "unauthorised" || status === "stale");
        return isSaid ? done(undefined) : notYet(statuses(rows));
      });
      end();
      await untilRight("it is allowed again");
    });
  });

  test("a group that is denied from the start is not invented, and the others are there", async () => {
    const before = (_: unknown, brokers: Stage["brokers"]): void =>
      void brokers.faults.begin({ fault: "deny-group", group: "simple" });
    await onStage({ before }, async ({ shown, until, brokers, untilRight }) => {
      await until("the others are shown", () => {
        const rows = [...(shown("classic")?.partitions ?? []), ...(shown("modern")?.partitions ?? [])];
        return rows.length === 12 && rows.every(({ lag }) => lag !== undefined)
          ? done(undefined)
          : notYet(statuses(rows));
      });
      assert.ok((shown("simple")?.partitions ?? []).every(({ status }) => status !== "OK"));
      assert.ok((brokers.requests().get("ListGroups") ?? 0) > 0);
      void untilRight;
    });
  });
});

test("each fault of the wire is tried here", () => {
  const tried = ["broker-down", "cut", "error", "hung", "slow", "throttle", "partial-metadata", "loading"];
  assert.deepEqual([...tried, "deny-topic", "deny-group"].sort(), Object.keys(WIRE_FAULTS).sort());
});

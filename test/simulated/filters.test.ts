/** Groups and topics that the configuration leaves out: not shown, not asked for, counted, and back when they are wanted. */

import assert from "node:assert/strict";
import { suite, test } from "node:test";
import { createWatchedNames } from "../../collector/kafka/name-gate.ts";
import { groupEvaluationAt } from "../../collector/model/snapshot.ts";
import type { Cluster } from "../../simulator/cluster/cluster.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { done, notYet } from "../real/until.ts";
import type { Fleeting } from "./clusters.fixture.ts";
import { watchAll } from "./clusters.fixture.ts";
import { commitAll, furnishedCluster, TOPIC } from "./collector.fixture.ts";

const SOURCES = [
  ["offsets_topic", {}],
  ["polling", { source: "polling", poll_interval: "200ms" }],
] as const;
const AUDIT = "audit-trail";

/** Beside what is there: a topic that all groups read, far behind on it, and groups of two more kinds. */
function cluster(): Cluster {
  const made = furnishedCluster();
  made.createTopic({ topic: AUDIT, partitions: 1 }, 0);
  made.append(AUDIT, 0, 5_000, 0);
  for (const group of ["classic", "simple", "tmp-1", "tmp-2"]) {
    made.commit({ group, offsets: [{ topic: AUDIT, partition: 0, committedOffset: 10 }], atMs: Date.now() });
  }
  commitAll(made, "tmp-1", 40);
  return made;
}

function shown({ view }: Fleeting): readonly string[] {
  return view("c")
    .snapshot()
    .groups.map(({ group }) => group)
    .toSorted();
}

function untilShown(watching: Fleeting, groups: readonly string[]): Promise<void> {
  return watching.until(`${groups} are shown`, () => {
    const isOk = watching.view("c").condition().kind === "ok";
    return isOk && shown(watching).join() === groups.join() ? done(undefined) : notYet(shown(watching).join());
  });
}

function groupOf({ view }: Fleeting, group: string) {
  const snapshot = view("c").snapshotOf(group);
  assert.ok(snapshot !== undefined, group);
  const evaluation = groupEvaluationAt(snapshot, 0);
  assert.ok(evaluation !== undefined, group);
  return evaluation;
}

suite("what is left out", { concurrency: true }, () => {
  for (const [source, client] of SOURCES)
    test(`${source}: no request names it, nothing of it is shown, and it is counted`, async () => {
      const made = cluster();
      const named = new Set<string>();
      const onRequest = (api: string, frame: Buffer): void => {
        for (const name of ["tmp-1", "tmp-2", AUDIT, "classic", TOPIC])
          if (frame.includes(name)) named.add(`${api} ${name}`);
      };
      await using brokers = await startBrokers({ view: made, random: randomOf(1, "brokers"), onRequest });
      const rules = { groups: ["!/^tmp-[0-9]+$/"], topics: [TOPIC] };
      await using watching = watchAll({ c: { brokers: brokers.bootstrap, ...client, ...rules } });
      await untilShown(watching, ["classic", "modern", "simple"]);
      commitAll(made, "tmp-1", 50);
      commitAll(made, "classic", 77);
      await watching.until("a commit is seen", () => {
        const [first] = groupOf(watching, "classic").partitions;
        return first?.committed_offset === 77 ? done(undefined) : notYet(String(first?.committed_offset));
      });
      const ticks = watching.collector.ticks.ticks;
      await watching.until("ten more ticks", () =>
        watching.collector.ticks.ticks > ticks + 10 ? done(undefined) : notYet("not yet"),
      );
      const asked = [...named];
      assert.deepEqual(
        asked.filter((one) => one.includes("tmp-") || one.includes(AUDIT)),
        [],
      );
      // The test would see it.
      assert.ok(asked.includes(`ListOffsets ${TOPIC}`) && asked.includes("OffsetFetch classic"), asked.join());
      assert.deepEqual(watching.view("c").excluded?.(), { groups: 2, topics: 1 });
      const excluded = watching.collector.clusters[0]?.source.stats().counts.excluded ?? 0;
      assert.equal(
        excluded > 0,
        source === "offsets_topic",
        "records of the log are read and counted, polls leave them out",
      );
      assert.deepEqual(shown(watching), ["classic", "modern", "simple"]);
    });

  for (const [source, client] of SOURCES)
    test(`${source}: rules that change leave out at once and take in again, and the others keep their numbers`, async () => {
      const made = cluster();
      const named = new Set<string>();
      const onRequest = (api: string, frame: Buffer): void => {
        if (frame.includes("tmp-1")) named.add(api);
      };
      await using brokers = await startBrokers({ view: made, random: randomOf(1, "brokers"), onRequest });
      const one = { brokers: brokers.bootstrap, ...client };
      const all = ["classic", "modern", "simple", "tmp-1", "tmp-2"];
      await using watching = watchAll({ c: one });
      await untilShown(watching, all);
      await watching.reload({ c: { ...one, groups: ["!tmp-*"], topics: [`!${AUDIT}`] } });
      assert.deepEqual(shown(watching), ["classic", "modern", "simple"]);
      assert.equal(groupOf(watching, "classic").partitions.length, 6);
      assert.ok(groupOf(watching, "classic").partitions.every(({ lag }) => lag !== undefined));
      const asked = () => brokers.requests().get(source === "polling" ? "OffsetFetch" : "Fetch") ?? 0;
      const before = asked();
      await watching.until("what was under way has ended", () => (asked() > before + 6 ? done(undefined) : notYet("")));
      named.clear();
      commitAll(made, "tmp-1", 60);
      commitAll(made, "classic", 80);
      await watching.until("a commit is seen", () => {
        const [first] = groupOf(watching, "classic").partitions;
        return first?.committed_offset === 80 ? done(undefined) : notYet(String(first?.committed_offset));
      });
      assert.deepEqual([...named], []);
      await watching.reload({ c: one });
      await untilShown(watching, all);
      await watching.until("all of it is right again", () => {
        const rows = groupOf(watching, "tmp-1").partitions.filter(({ topic }) => topic === TOPIC);
        const isRight = rows.length === 6 && rows.every((row) => row.committed_offset === 60);
        return isRight ? done(undefined) : notYet(String(rows.length));
      });
      assert.equal(groupOf(watching, "classic").partitions.length, 7);
    });

  test("a group is judged by the topics that are watched alone", async () => {
    await using brokers = await startBrokers({ view: cluster(), random: randomOf(1, "brokers") });
    await using watching = watchAll({
      all: { brokers: brokers.bootstrap },
      c: { brokers: brokers.bootstrap, topics: [`!${AUDIT}`] },
    });
    await untilShown(watching, ["classic", "modern", "simple", "tmp-1"]);
    const whole = () => watching.view("all").snapshotOf("classic");
    await watching.until("the other is there too", () => {
      const snapshot = whole();
      return snapshot !== undefined && snapshot.rows.count === 7
        ? done(undefined)
        : notYet(String(snapshot?.rows.count));
    });
    const snapshot = whole();
    assert.ok(snapshot !== undefined);
    const part = groupOf(watching, "classic");
    assert.equal(groupEvaluationAt(snapshot, 0)?.lag, (part.lag ?? 0) + 4_990);
    assert.equal(part.partitions.length, 6);
    assert.ok(part.partitions.every(({ topic }) => topic === TOPIC));
    // It reads that topic alone.
    assert.equal(watching.view("c").snapshotOf("tmp-2"), undefined);
  });

  test("defaults hold where a cluster says nothing, and what it says takes their place", async () => {
    await using brokers = await startBrokers({ view: cluster(), random: randomOf(1, "brokers") });
    const one = { brokers: brokers.bootstrap };
    const more = { cluster_defaults: { groups: ["tmp-*"], topics: [TOPIC] } };
    await using watching = watchAll({ c: one, own: { ...one, groups: ["simple"] } }, more);
    await untilShown(watching, ["tmp-1"]);
    await watching.until("the one with rules of its own", () => {
      const names = watching.view("own").snapshot().groups;
      const isOk = watching.view("own").condition().kind === "ok";
      return isOk && names.length === 1 ? done(undefined) : notYet(String(names.length));
    });
    const [simple] = watching.view("own").snapshot().groups;
    assert.deepEqual([simple?.group, simple?.partitions], ["simple", 6]);
  });

  for (const rules of [["!__*"], ["!__consumer_offsets"], [TOPIC]])
    test(`the offsets topic is read whatever the rules say of its name: ${rules}`, async () => {
      await using brokers = await startBrokers({ view: cluster(), random: randomOf(1, "brokers") });
      await using watching = watchAll({ c: { brokers: brokers.bootstrap, topics: rules } });
      await watching.until("it is read", () => {
        const { kind } = watching.view("c").condition();
        return kind === "ok" && (brokers.requests().get("Fetch") ?? 0) > 0 ? done(undefined) : notYet(kind);
      });
      assert.ok(shown(watching).includes("classic"));
    });
});

test("who asks for a name gets the answer of the newest rules, and wider ones are told apart", () => {
  const names = createWatchedNames({ groups: ["a*"] });
  assert.deepEqual([names.isGroup("a"), names.isGroup("b"), names.isTopic("b")], [true, false, true]);
  assert.equal(names.change({ groups: ["a"] }), false);
  assert.equal(names.change({ groups: ["a", "b"] }), true);
  assert.equal(names.change({ groups: ["a", "b"], topics: ["!b"] }), false);
  assert.equal(names.isTopic("b"), false);
  assert.equal(names.epoch(), 3);
  assert.equal(names.change({ groups: ["a", "b"] }), true);
});

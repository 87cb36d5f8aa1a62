/** /metrics, read by a strict reader of the format: the numbers of the snapshot, absence, escapes, and what is kept. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { GROUP_FIELDS, PARTITION_FIELDS } from "../model/fields.ts";
import { groupEvaluationsOf } from "../model/snapshot.ts";
import { BurrowGroupStatus, GroupStatus } from "../model/status.ts";
import { ask, overSocket, textOf } from "./ask.fixture.ts";
import { createExposition, labelBytes } from "./exposition.ts";
import { readExposition } from "./exposition-reader.fixture.ts";
import { createMetricsHandler } from "./metrics.ts";
import { TEXT_CONTENT_TYPE } from "./open-metrics.ts";
import {
  AT,
  commitTo,
  HOSTILE_NAMES,
  NOW_MS,
  ownBy,
  setTopics,
  type WatchedFixture,
  watchedCluster,
} from "./watched.fixture.ts";

const OWN = "# HELP own_up ours\n# TYPE own_up gauge\nown_up 1\n";

function metricsOf(...watched: readonly WatchedFixture[]) {
  return createMetricsHandler({ clusters: watched.map(({ view }) => view), own: async () => OWN });
}

async function scrape(handler: ReturnType<typeof metricsOf>): Promise<string> {
  const answer = await ask(handler, "/metrics");
  assert.ok(answer !== undefined);
  assert.deepEqual([answer.status, answer.contentType], [200, TEXT_CONTENT_TYPE]);
  return textOf(answer);
}

/** Two groups on two topics, all statuses that matter, and hostile names. */
function busyCluster(cluster: string): WatchedFixture {
  const one = watchedCluster(cluster);
  setTopics(one.state, { t: [100, 5_000_000_000, 7], u: [1] });
  commitTo(one.state, { group: "behind", topic: "t", offset: 60 });
  commitTo(one.state, { group: "behind", topic: "t", partition: 1, offset: 4_000_000_000 });
  commitTo(one.state, { group: "behind", topic: "u", offset: 1 });
  ownBy(one.state, "behind", { topic: "t", partition: 2 });
  for (const [i, group] of HOSTILE_NAMES.entries()) commitTo(one.state, { group, topic: "t", offset: i });
  one.state.observe({
    kind: "baseline",
    group: "unknown-topic",
    logPartition: 0,
    offsets: [{ topic: "nope", partition: 0, committedOffset: 3 }],
  });
  one.view.verdicts.judge(AT, NOW_MS);
  return one;
}

test("every number of the snapshot is there, under the name that its field gives, and none else", async () => {
  const clusters = [busyCluster("c1"), busyCluster('c"2\\')];
  const families = readExposition(await scrape(metricsOf(...clusters)));
  const want = new Map<string, unknown>();
  const have = new Map<string, unknown>();
  const put = (into: Map<string, unknown>, { name, labels, value }: { name: string; labels: object; value: number }) =>
    into.set(JSON.stringify([name, Object.entries(labels)]), value);
  for (const { view } of clusters) {
    for (const { cluster, group, partitions, ...summary } of groupEvaluationsOf(view.snapshot())) {
      const labels = { cluster, group };
      for (const [field, value] of Object.entries({ ...summary, partitions: partitions.length }))
        if (typeof value === "number" && field in GROUP_FIELDS)
          put(want, { name: `tidemark_group_${field}`, labels, value });
      for (const field of ["reason", "state", "type"] as const)
        if (summary[field] !== undefined)
          put(want, { name: `tidemark_group_${field}`, labels: { ...labels, [field]: summary[field] }, value: 1 });
      for (const word of GroupStatus.options)
        put(want, {
          name: "tidemark_group_status",
          labels: { ...labels, status: word },
          value: word === summary.status ? 1 : 0,
        });
      for (const word of summary.burrow_status === undefined ? [] : BurrowGroupStatus.options)
        put(want, {
          name: "tidemark_group_burrow_status",
          labels: { ...labels, burrow_status: word },
          value: word === summary.burrow_status ? 1 : 0,
        });
      for (const { topic, partition, lag, committed_offset, status } of partitions) {
        const at = { ...labels, topic, partition: String(partition) };
        if (lag !== undefined) put(want, { name: "tidemark_partition_lag", labels: at, value: lag });
        if (committed_offset !== undefined)
          put(want, { name: "tidemark_partition_committed_offset", labels: at, value: committed_offset });
        if (status !== "OK")
          put(want, {
            name: "tidemark_partition_status",
            labels: { ...labels, topic, status, partition: String(partition) },
            value: 1,
          });
      }
    }
  }
  for (const [name, { samples }] of families)
    for (const sample of samples) if (/^tidemark_(group|partition)_/.test(name)) put(have, { name, ...sample });
  assert.deepEqual(new Map([...have].toSorted()), new Map([...want].toSorted()));
  assert.ok(have.size > 100);
  assert.equal(families.get("own_up")?.samples[0]?.value, 1);
});

test("each family has the help of its field and is a gauge, also where it has no series", async () => {
  const families = readExposition(await scrape(metricsOf()));
  assert.equal(families.get("tidemark_group_lag")?.help, GROUP_FIELDS.lag.sentence);
  assert.equal(families.get("tidemark_partition_lag")?.help, PARTITION_FIELDS.lag.sentence);
  for (const { type } of families.values()) assert.equal(type, "gauge");
});

test("what is taken holds little more memory than its bytes", () => {
  const out = createExposition();
  out.family({ name: "m", help: "h", type: "gauge" });
  const taken: Uint8Array[] = [];
  for (let i = 0; i < 50_000; i += 1) {
    out.partitionSeries([labelBytes("a", "x".repeat(50), "first")], i, i);
    if (out.isChunkFull()) taken.push(...out.take());
  }
  taken.push(...out.take());
  const bytes = taken.reduce((sum, { length }) => sum + length, 0);
  const held = [...new Set(taken.map(({ buffer }) => buffer))].reduce((sum, { byteLength }) => sum + byteLength, 0);
  assert.ok(bytes > 1_000_000 && held < 1.2 * bytes, `${held} bytes are held for ${bytes}`);
});

test("a label value comes back whatever it holds", () => {
  fc.assert(
    fc.property(fc.string({ unit: "grapheme" }), fc.maxSafeNat(), (name, value) => {
      const out = createExposition();
      out.family({ name: "m", help: "h", type: "gauge" });
      out.series([labelBytes("a", name, "first"), labelBytes("b", "", "next")], value);
      out.partitionSeries([labelBytes("a", name, "first")], 12, value / 8);
      out.series([labelBytes("a", "not known", "first")], Number.NaN);
      const samples = readExposition(Buffer.concat(out.take()).toString()).get("m")?.samples;
      assert.deepEqual(samples, [
        { labels: { a: name, b: "" }, value },
        { labels: { a: name, partition: "12" }, value: value / 8 },
      ]);
    }),
  );
});

test("a label larger than a chunk is written whole, and full chunks are told", () => {
  const out = createExposition();
  const long = "x".repeat(600_000);
  out.family({ name: "m", help: "h", type: "counter" });
  assert.equal(out.isChunkFull(), false);
  out.series([labelBytes("a", long, "first")], 2 ** 31);
  assert.equal(out.isChunkFull(), true);
  const family = readExposition(Buffer.concat(out.take()).toString()).get("m");
  assert.deepEqual([family?.type, family?.samples], ["counter", [{ labels: { a: long }, value: 2 ** 31 }]]);
  assert.equal(out.isChunkFull(), false);
});

for (const [name, value] of [0, 9, 10, 99, 100, 2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER, 0.1, 1e-7].entries()) {
  test(`${value} is written as it is (${name})`, () => {
    const out = createExposition();
    out.family({ name: "m", help: "h", type: "gauge" });
    out.series([labelBytes("a", "", "first")], value);
    assert.equal(Buffer.concat(out.take()).toString().split("\n")[2], `m{a=""} ${value}`);
  });
}

function countingSnapshots({ view }: WatchedFixture) {
  let taken = 0;
  const slices = () => {
    taken += 1;
    return view.slices();
  };
  return { view: { ...view, slices }, taken: () => taken };
}

test("while nothing changes it is rendered once; any change is seen by the next scrape", async () => {
  const one = busyCluster("c");
  const handler = metricsOf(one);
  const { view, taken } = countingSnapshots(one);
  const counted = createMetricsHandler({ clusters: [view], own: async () => OWN });
  assert.equal(await scrape(counted), await scrape(handler));
  assert.equal(await scrape(counted), await scrape(handler));
  assert.equal(taken(), 1);
  commitTo(one.state, { group: "behind", topic: "t", offset: 61, order: 9 });
  const samples = readExposition(await scrape(counted)).get("tidemark_partition_committed_offset")?.samples ?? [];
  assert.equal(samples.find(({ labels }) => labels["group"] === "behind")?.value, 61);
  assert.equal(taken(), 2);
});

test("scrapes at the same time share one rendering", async () => {
  const one = busyCluster("c");
  const { view, taken } = countingSnapshots(one);
  const handler = createMetricsHandler({ clusters: [view], own: async () => "" });
  const [first, ...others] = await Promise.all(Array.from({ length: 5 }, () => scrape(handler)));
  for (const other of others) assert.equal(other, first);
  assert.equal(taken(), 1);
});

test("slices hold every group once, whatever goes or comes between two of them, and are the whole where that is kept", () => {
  const { state, view } = watchedCluster("c");
  setTopics(state, { t: new Array(6_000).fill(9) });
  for (const group of ["a", "b", "c", "d"])
    for (let partition = 0; partition < 6_000; partition += 1)
      commitTo(state, { group, topic: "t", partition, offset: 1 });
  const namesOf = (slices: Iterable<{ groups: readonly { group: string }[] }>) =>
    [...slices].map(({ groups }) => groups.map(({ group }) => group));
  assert.deepEqual(namesOf(view.slices()), [
    ["a", "b"],
    ["c", "d"],
  ]);
  const running = view.slices()[Symbol.iterator]();
  assert.deepEqual(
    running.next().value?.groups.map(({ group }: { group: string }) => group),
    ["a", "b"],
  );
  state.observe({ kind: "baseline", group: "d", logPartition: 0, offsets: [] });
  assert.deepEqual(
    running.next().value?.groups.map(({ group }: { group: string }) => group),
    ["c"],
  );
  assert.equal(running.next().done, true);
  assert.deepEqual([...view.slices()].length, 2);
  assert.deepEqual(
    namesOf(view.slices()).flat(),
    view.snapshot().groups.map(({ group }) => group),
  );
});

test("a rendering that failed is not kept", async () => {
  const one = busyCluster("c");
  let isBroken = true;
  const slices = () => {
    if (isBroken) throw new Error("broken");
    return one.view.slices();
  };
  const handler = createMetricsHandler({ clusters: [{ ...one.view, slices }], own: async () => "" });
  await assert.rejects(scrape(handler), /broken/);
  isBroken = false;
  assert.ok(readExposition(await scrape(handler)).size > 0);
});

test("another path is left to others; over a socket it is the same text", async () => {
  const handler = metricsOf(busyCluster("c"));
  assert.equal(await ask(handler, "/metrics/more"), undefined);
  await overSocket([handler], async (get) => {
    const { status, contentType, text } = await get("/metrics");
    assert.deepEqual([status, contentType], [200, TEXT_CONTENT_TYPE]);
    assert.equal(text, await scrape(handler));
  });
});

for (const text of [
  'm{a="b"} 1',
  'm{a="b} 1\n',
  "m{a=b} 1\n",
  'm{a="\\t"} 1\n',
  'm{a="b"}1\n',
  "m 1 2 3\n",
  "n 1\n",
  "m one\n",
  "m 1\nm 1\n",
]) {
  test(`the reader refuses ${JSON.stringify(text)}`, () => {
    assert.throws(() => readExposition(`# HELP m h\n# TYPE m gauge\n${text}`));
  });
}

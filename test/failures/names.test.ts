/** Names of any bytes: through the log, the windows and everything that leaves the process they stay what they are, and apart. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { decodeSnapshot, encodeSnapshot } from "../../collector/feed/columns.ts";
import { createFeed } from "../../collector/feed/feed.ts";
import { ask, textOf } from "../../collector/http/ask.fixture.ts";
import type { ClusterView } from "../../collector/http/cluster-view.ts";
import { readExposition } from "../../collector/http/exposition-reader.fixture.ts";
import { createMetricsHandler } from "../../collector/http/metrics.ts";
import { createV3Handler } from "../../collector/http/v3.ts";
import { createV4Handler } from "../../collector/http/v4.ts";
import { AT, HOSTILE_NAMES, setTopics, watchedCluster } from "../../collector/http/watched.fixture.ts";
import { createIngest } from "../../collector/ingest/ingest.ts";
import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import { groupEvaluationsOf } from "../../collector/model/snapshot.ts";
import { encodeBatch, encodeCommitValue } from "../../collector/protocol/record-batch.fixture.ts";
import { createWriter, writeInt16, writeInt32, writeRaw, written } from "../../collector/protocol/writer.ts";
import type { HttpHandler } from "../../runtime/http/answer.ts";
import { pointsOf } from "../../shipper/encode/points.ts";
import { createThinning } from "../../shipper/encode/thinning.ts";
import { readFeedBody } from "../../shipper/source/ndjson.ts";
import { packPoints, unpackPoints } from "../../shipper/spool/row.ts";
import { randomOf } from "../../simulator/world/random.ts";

interface Named {
  readonly group: Buffer;
  readonly topic: Buffer;
}

/** One commit each at partition 0, as records of the log. */
function committed(names: readonly Named[]) {
  const { state, view } = watchedCluster("c");
  const topics = new Set(names.map(({ topic }) => topic.toString()));
  setTopics(state, Object.fromEntries([...topics].map((topic) => [topic, [100]])));
  const ingest = createIngest({ observer: state });
  const value = encodeCommitValue({ committedOffset: 50, committedAtMs: AT });
  const log = ingest.openLog(0);
  for (const [order, name] of names.entries())
    log.apply(encodeBatch({ baseOffset: order, records: [{ key: keyOf(name), value }] }), order);
  return { view, counts: ingest.counts };
}

function keyOf({ group, topic }: Named): Buffer {
  const writer = createWriter();
  writeInt16(writer, 1);
  for (const name of [group, topic]) {
    writeInt16(writer, name.length);
    writeRaw(writer, name);
  }
  writeInt32(writer, 0);
  return written(writer);
}

type Seen = readonly { readonly group: string; readonly topic: string }[];

const seenIn = (evaluations: Iterable<GroupEvaluation>): Seen =>
  [...evaluations].flatMap(({ group, partitions }) => partitions.map(({ topic }) => ({ group, topic })));

async function answered(handler: HttpHandler, path: string): Promise<string> {
  const answer = await ask(handler, path);
  assert.equal(answer?.status, 200, path);
  return textOf(answer);
}

/** Each way out of the process, and what is read of it on the other side. */
const WAYS: Readonly<Record<string, (view: ClusterView) => Promise<Seen>>> = {
  "the feed in memory": async (view) => seenIn(groupEvaluationsOf(decodeSnapshot(encodeSnapshot(view.snapshot())))),
  "the feed over HTTP": async (view) => {
    const feed = createFeed({ run: "r", bytesMax: 1e9, ageMsMax: 1e9, answerBytesMax: 1e9, sleep: async () => {} });
    feed.append(AT, [view.snapshot()]);
    const text = await answered(createV4Handler({ clusters: [view], feed }), "/v4/evaluations");
    const body = await readFeedBody(chunksOf(text));
    assert.equal(body.linesRefused, 0);
    return seenIn(body.ticks.flatMap(({ evaluations }) => [...evaluations]));
  },
  "the exposition": async (view) => {
    const text = await answered(createMetricsHandler({ clusters: [view], own: async () => "" }), "/metrics");
    // One family is enough: labels are written alike in all.
    const [, family = ""] = text.split("\n# HELP tidemark_partition_lag ");
    const only = `# HELP tidemark_partition_lag ${family.split("\n# HELP ", 1)[0]}`;
    const samples =
      readExposition(only.endsWith("\n") ? only : `${only}\n`).get("tidemark_partition_lag")?.samples ?? [];
    return samples.map(({ labels }) => ({ group: labels["group"] ?? "", topic: labels["topic"] ?? "" }));
  },
  "Burrow's JSON": async (view) => {
    const handler = createV3Handler([view]);
    const { consumers } = JSON.parse(await answered(handler, "/v3/kafka/c/consumer"));
    const topicsOf = new Map(seenIn(groupEvaluationsOf(view.snapshot())).map(({ group, topic }) => [group, topic]));
    return consumers.map((group: string) => ({ group, topic: topicsOf.get(group) ?? "" }));
  },
  "a path": async (view) => {
    const feed = createFeed({ run: "r", bytesMax: 1, ageMsMax: 1, answerBytesMax: 1, sleep: async () => {} });
    const handler = createV4Handler({ clusters: [view], feed });
    const seen: { readonly group: string; readonly topic: string }[] = [];
    for (const { group } of seenIn(groupEvaluationsOf(view.snapshot()))) {
      const path = `/v4/clusters/c/groups/${encodeURIComponent(group)}`;
      const { group: told, partitions } = JSON.parse(await answered(handler, path));
      seen.push({ group: told, topic: partitions[0].topic });
    }
    return seen;
  },
  "rows of the spool": async (view) => {
    const evaluations = [...groupEvaluationsOf(view.snapshot())];
    const { batches, tooLarge } = packPoints([...pointsOf({ at: AT, evaluations }, createThinning(new Set(["all"])))]);
    assert.equal(tooLarge, 0);
    const points = batches.flatMap(({ body }) => unpackPoints(body));
    return points.flatMap(({ kind, dimensions }) =>
      kind === "partition" ? [{ group: dimensions.group, topic: dimensions.topic }] : [],
    );
  },
};

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

const wordOf = ({ group, topic }: Seen[number]): string => JSON.stringify([group, topic]);

/** Every way brings every name, each once, and all ways the same. */
async function assertAll(view: ClusterView, want: readonly string[]): Promise<void> {
  const wanted = want.toSorted();
  for (const [way, read] of Object.entries(WAYS)) {
    const seen = (await read(view)).map(wordOf).sort();
    assert.equal(seen.length, wanted.length, way);
    assert.ok(
      seen.every((word, at) => word === wanted[at]),
      `${way}: ${seen.find((word, at) => word !== wanted[at])}`,
    );
  }
}

const PIECES = [
  ...HOSTILE_NAMES,
  ...["\0", "\x01", "\x1b[31m", "\x7f", "\r", "\t", "'", ",", "=", "\\", "\\n", "{", "}", " ", "\u202e", "\u200b"],
  ...[
    "\ufeff",
    "\ufffd",
    "e\u0301",
    "\u00e9",
    "👩‍👩‍👧",
    "constructor",
    "toString",
    "a",
    "b",
    "0",
    "&amp;",
    "%25",
    "+",
    ";",
  ],
];

/** Distinct texts, the odd ones first, then made of pieces. */
function texts(count: number, random: () => number): readonly string[] {
  const distinct = new Set(["", "__proto__", "constructor", "x".repeat(32_000), "é".repeat(16_000), ...PIECES]);
  while (distinct.size < count) {
    let text = "";
    for (let left = 1 + Math.floor(random() * 6); left > 0; left--)
      text += PIECES[Math.floor(random() * PIECES.length)];
    distinct.add(text);
  }
  return [...distinct];
}

const NAMES = 100_000;
const NAMES_A_CLUSTER = 2_000;
const TOPIC = "t";

test("C12: 100,000 group names of control characters, quotes, emoji, right-to-left marks, of no length and of 32 KB leave by six ways as they came", async () => {
  const all = texts(NAMES, randomOf(1, "names")).filter((text) => !/\uFFFD[0-9a-f]{2}/.test(text));
  for (let at = 0; at < all.length; at += NAMES_A_CLUSTER) {
    const part = all.slice(at, at + NAMES_A_CLUSTER);
    const { view, counts } = committed(part.map((text) => ({ group: Buffer.from(text), topic: Buffer.from(TOPIC) })));
    assert.equal(counts.name_not_utf8, 0);
    await assertAll(
      view,
      part.map((group) => wordOf({ group, topic: TOPIC })),
    );
  }
});

test("C13: names that are no UTF-8 stay as many as they are, and are counted", async () => {
  const random = randomOf(1, "bytes");
  const distinct = new Map<string, Buffer>();
  while (distinct.size < 20_000) {
    const bytes = Buffer.from(
      Array.from({ length: 1 + Math.floor(random() * 5) }, () => 0x70 + Math.floor(random() * 0x90)),
    );
    distinct.set(bytes.toString("hex"), bytes);
  }
  const all = [...distinct.values(), Buffer.from("\uFFFDff"), Buffer.from([0xff])];
  for (let at = 0; at < all.length; at += NAMES_A_CLUSTER) {
    const part = all.slice(at, at + NAMES_A_CLUSTER);
    const { view, counts } = committed(part.map((group) => ({ group, topic: Buffer.from(TOPIC) })));
    const shown = seenIn(groupEvaluationsOf(view.snapshot()));
    assert.equal(new Set(shown.map(({ group }) => group)).size, part.length);
    assert.ok(counts.name_not_utf8 > part.length / 2);
    await assertAll(view, shown.map(wordOf));
  }
});

test("C14: topics that differ in a dot and an underscore, and all other legal ones, are kept apart by every way", async () => {
  const random = randomOf(1, "topics");
  const legal = "abcXYZ019._-";
  const distinct = new Set(["a.b", "a_b", "a-b", "a..b", "a__b", "._.", "_._", "x".repeat(249)]);
  while (distinct.size < 4_000) {
    const length = 1 + Math.floor(random() * 8);
    const topic = Array.from({ length }, () => legal[Math.floor(random() * legal.length)]).join("");
    if (topic === "." || topic === "..") continue;
    distinct.add(topic).add(topic.replaceAll(".", "_")).add(topic.replaceAll("_", "."));
  }
  const topics = [...distinct].filter((topic) => topic !== "." && topic !== "..");
  const { view } = committed(topics.map((topic, at) => ({ group: Buffer.from(`g${at}`), topic: Buffer.from(topic) })));
  await assertAll(
    view,
    topics.map((topic, at) => wordOf({ group: `g${at}`, topic })),
  );
});

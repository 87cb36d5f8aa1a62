/**
 * Hostile names and integers of the whole range on every way out of the shipper, each read back by a reader that shares nothing
 * with its writer: documents of Elasticsearch, lines of InfluxDB, rows of SQLite, links of the page, lines of the log; and
 * integers that no number holds on the way in, refused and counted.
 */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { systemClock } from "../../runtime/clock.ts";
import { createLogger } from "../../runtime/logger.ts";
import { bulkBody } from "../../shipper/encode/bulk.ts";
import { lineOf } from "../../shipper/encode/line-protocol.ts";
import { rowsOf } from "../../shipper/encode/rows.ts";
import type { PointOf } from "../../shipper/schema/point.ts";
import { openHistoryStore } from "../../shipper/sink/sqlite/store.ts";
import { readFeedBody } from "../../shipper/source/ndjson.ts";
import type { Random } from "../../simulator/world/random.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { groupHref } from "../../web/group-link.ts";
import { readLine, splitLines } from "../stores/line-protocol-reader.ts";
import { distinctNames, integerOf, nameOfStored, nameOfUrl } from "./hostile-names.fixture.ts";

const PART = 2_000;
const AT_MS = Date.UTC(2026, 10, 21);
const INTEGERS = ["lag", "committed_offset", "end_offset"] as const;

type Point = PointOf<"partition">;

/** All of `count` names, each by each way; throws at the first that is not read as it was written. */
export async function checkHostile(count: number, seed: number): Promise<void> {
  const random = randomOf(seed, "hostile");
  const hashed = new Map<string, string>();
  for (let left = count; left > 0; left -= PART) {
    const names = distinctNames(Math.min(PART, left), random);
    const points = names.map((name, index) => pointOf(name, names.at(index - 1) ?? "", random));
    for (const point of points) {
      assertSame("document", point, inDocument(point, hashed));
      assertSame("line", point, inLine(point, hashed));
    }
    checkRows(points);
    checkLinks(names);
    checkLog(names);
    await checkIntegers(names.length, random);
  }
}

function pointOf(group: string, owner: string, random: Random): Point {
  const fields = { status: "OK", owner, ...Object.fromEntries(INTEGERS.map((name) => [name, integerOf(random)])) };
  return { kind: "partition", atMs: AT_MS, dimensions: { cluster: "c", group, topic: owner, partition: 7 }, fields };
}

/** What a reader has found; integers as it found them. */
interface Read {
  readonly names: readonly string[];
  readonly integers: readonly bigint[];
}

function assertSame(way: string, { dimensions, fields }: Point, { names, integers }: Read): void {
  assert.deepEqual(names, [dimensions.group, dimensions.topic, fields.owner], way);
  assert.deepEqual(
    integers,
    INTEGERS.map((name) => BigInt(fields[name] ?? Number.NaN)),
    way,
  );
}

/** The server's parser has 64 bits, JSON.parse has not: integers are taken from the text. */
function inDocument(point: Point, hashed: Map<string, string>): Read {
  const [, line = "", ...rest] = bulkBody([point], { prefix: "t", layout: "time_series" }).split("\n");
  assert.deepEqual(rest, [""], "two lines, each with its end");
  const sent = Buffer.from(line).toString();
  assert.ok(!sent.includes("\r"));
  const digits = new Map<string, string>();
  const document = JSON.parse(sent, (key, value, context?: { readonly source?: string }) => {
    if (typeof value === "number") digits.set(key, context?.source ?? "");
    return value;
  });
  const { group, topic, owner } = document;
  return {
    names: [
      nameOfStored(group, point.dimensions.group, hashed),
      nameOfStored(topic, point.dimensions.topic, hashed),
      owner === "" ? "" : nameOfStored(owner, point.fields.owner ?? "", hashed),
    ],
    integers: INTEGERS.map((name) => BigInt(digits.get(name) ?? "")),
  };
}

function inLine(point: Point, hashed: Map<string, string>): Read {
  const lines = splitLines(Buffer.from(`${lineOf(point)}\nnext f=1`).toString());
  assert.equal(lines.length, 2);
  const { tags, fields } = readLine(lines[0] ?? "");
  const owner = fields.get("owner")?.value;
  return {
    names: [
      nameOfStored(tags.get("group") ?? "", point.dimensions.group, hashed),
      nameOfStored(tags.get("topic") ?? "", point.dimensions.topic, hashed),
      owner === "" ? "" : nameOfStored(String(owner), point.fields.owner ?? "", hashed),
    ],
    integers: INTEGERS.map((name) => {
      const field = fields.get(name);
      assert.ok(field?.type === "integer", name);
      return field.value;
    }),
  };
}

/** Names as they were, but for half a surrogate pair, which no text of SQLite holds. */
function checkRows(all: readonly Point[]): void {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-hostile-"));
  try {
    const points = all.filter(({ dimensions: { group, topic } }) => group.isWellFormed() && topic.isWellFormed());
    const path = join(folder, "history.db");
    const store = openHistoryStore({ path, retentionMs: 1e15, bytesMax: 2 ** 30 }, systemClock);
    assert.deepEqual(store.write(rowsOf(points)), { kind: "written", inserted: points.length });
    store.close();
    const db = new DatabaseSync(path, { readOnly: true });
    const query = db.prepare(
      `SELECT "group" AS name, topic, word, ${INTEGERS.join(", ")} FROM points_partition
       JOIN series ON series.id = series JOIN words ON words.id = owner`,
    );
    query.setReadBigInts(true);
    const rows = new Map(query.all().map((row) => [row["name"], row]));
    db.close();
    for (const point of points) {
      const row = rows.get(point.dimensions.group) ?? {};
      const names = [row["name"], row["topic"], row["word"]].map(String);
      assertSame("row", point, { names, integers: INTEGERS.map((name) => BigInt(String(row[name]))) });
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function checkLinks(names: readonly string[]): void {
  for (const group of names) {
    const { pathname, search, hash, host } = new URL(groupHref({ cluster: "c", group }), "http://page");
    assert.deepEqual([host, hash], ["page", ""]);
    assert.equal(nameOfUrl(pathname, search), group.toWellFormed());
  }
}

function checkLog(names: readonly string[]): void {
  const lines: string[] = [];
  const logger = createLogger("info", { write: (line) => void lines.push(line) });
  for (const group of names) logger.info({ event: "tried", group }, group);
  assert.equal(lines.length, names.length);
  for (const [index, line] of lines.entries()) {
    assert.match(line, /^\{[^\n\r]*\}\n$/, "one line each");
    const { group, msg } = JSON.parse(Buffer.from(line).toString());
    const want = names[index] ?? "";
    assert.deepEqual([group.toWellFormed(), msg.toWellFormed()], [want.toWellFormed(), want.toWellFormed()]);
  }
}

const INT64 = 2n ** 63n;

/** Any 64 bits as a committed offset of the feed: the same number, or the line is refused and counted. */
async function checkIntegers(count: number, random: Random): Promise<void> {
  const offsets = Array.from({ length: count }, () => {
    const bits = (BigInt(Math.floor(random() * 2 ** 32)) << 32n) | BigInt(Math.floor(random() * 2 ** 32));
    return (bits - INT64) >> BigInt(Math.floor(random() * 64));
  });
  const isSafe = (offset: bigint) => offset >= Number.MIN_SAFE_INTEGER && offset <= Number.MAX_SAFE_INTEGER;
  const lines = offsets.map((offset, at) => lineOfFeed(at, offset));
  const { ticks, linesRefused } = await readFeedBody(chunksOf(`${lines.join("\n")}\n{"cursor":"end"}\n`));
  const read = ticks.flatMap(({ evaluations }) =>
    [...evaluations].map(({ partitions }) => BigInt(partitions[0]?.committed_offset ?? Number.NaN)),
  );
  const safe = offsets.filter(isSafe);
  assert.deepEqual(read, safe);
  assert.equal(linesRefused, offsets.length - safe.length);
}

function lineOfFeed(at: number, offset: bigint): string {
  const counts = `"partitions_bad":0,"partitions_stale":0,"partitions_without_commit":0,"complete":1`;
  const row = `{"topic":"t","partition":0,"status":"OK","committed_offset":${offset}}`;
  return `{"cluster":"c","group":"g","at":${at},"status":"OK",${counts},"partitions":[${row}]}`;
}

async function* chunksOf(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}

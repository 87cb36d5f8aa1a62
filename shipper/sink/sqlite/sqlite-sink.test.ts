/** The embedded history passes the suite of sinks; its file survives damage and an older layout. */

import assert from "node:assert/strict";
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { test } from "node:test";
import { keptName } from "../../encode/rows.ts";
import { FIELDS, type Kind } from "../../schema/kind.ts";
import type { Point } from "../../schema/point.ts";
import { sqliteType } from "../../schema/store-type.ts";
import { testSink } from "../sink.suite.ts";
import { hasSeries, tableOf } from "./layout.ts";
import { openSqliteSink } from "./sqlite-sink.ts";

const LIMITS = { retentionMs: 1e14, bytesMax: 2 ** 28 };
const NEVER = new AbortController().signal;

async function inFolder(run: (dataDir: string) => Promise<void>): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), "tidemark-history-"));
  try {
    await run(dataDir);
  } finally {
    rmSync(dataDir, { recursive: true });
  }
}

/** The sink holds its file exclusively; this looks at it once the sink is closed. */
function query<A>(dataDir: string, run: (db: DatabaseSync) => A): A {
  const db = new DatabaseSync(join(dataDir, "local.history.db"), { readOnly: true });
  try {
    return run(db);
  } finally {
    db.close();
  }
}

testSink("sqlite", (run) =>
  inFolder(async (dataDir) => {
    let sink = await openSqliteSink({ name: "local", dataDir, ...LIMITS });
    /** Closes the sink to look, and opens it again. */
    const look = async <A>(work: (db: DatabaseSync) => A): Promise<A> => {
      await sink[Symbol.asyncDispose]();
      const result = query(dataDir, work);
      sink = await openSqliteSink({ name: "local", dataDir, ...LIMITS });
      return result;
    };
    try {
      await run({
        sink: { name: "local", batchPointsMax: 5_000, write: (batch, signal) => sink.write(batch, signal) },
        tellsDuplicates: true,
        count: (kind) => look((db) => countIn(db, kind)),
        fields: (points) => look((db) => points.map((one) => fieldsIn(db, one))),
      });
    } finally {
      await sink[Symbol.asyncDispose]();
    }
  }),
);

function countIn(db: DatabaseSync, kind: Kind): number {
  return Number(db.prepare(`SELECT count(*) AS n FROM ${tableOf(kind)}`).get()?.["n"]);
}

function fieldsIn(db: DatabaseSync, { kind, atMs, dimensions }: Point): Record<string, number | string> | undefined {
  const where = ["slot_ms + offset_ms = ?", ...Object.keys(dimensions).map((name) => `"${name}" = ?`)];
  const values = Object.values(dimensions).map((value) => (typeof value === "string" ? keptName(value) : value));
  const join = hasSeries(kind) ? `JOIN series ON id = series AND kind = '${kind}'` : "";
  const sql = `SELECT points.* FROM ${tableOf(kind)} AS points ${join} WHERE ${where.join(" AND ")}`;
  const row = db.prepare(sql).get(atMs, ...values);
  if (row === undefined) return undefined;
  const fields: Record<string, number | string> = {};
  for (const [name, { type }] of FIELDS[kind]) {
    const value = row[name];
    if (typeof value !== "number") continue;
    const word = sqliteType(type) === "word" && db.prepare("SELECT word FROM words WHERE id = ?").get(value)?.["word"];
    fields[name] = typeof word === "string" ? word : value;
  }
  return fields;
}

const point = (atMs: number): Point => ({
  kind: "group",
  atMs,
  dimensions: { cluster: "c", group: "g" },
  fields: { status: "OK", lag: 7, members: 2 },
});

test("a file that is no database is set aside; writing and reading go on, and health says so", () =>
  inFolder(async (dataDir) => {
    writeFileSync(join(dataDir, "local.history.db"), "garbage ".repeat(1_000));
    await using sink = await openSqliteSink({ name: "local", dataDir, ...LIMITS });
    assert.equal((await sink.write([point(1)], NEVER)).kind, "written");
    const range = { cluster: "c", sinceMs: 0, untilMs: 10, pointsMax: 5 };
    assert.deepEqual(await sink.history.sparklines(range), new Map([["g", [{ atMs: 1, lag: 7, status: "OK" }]]]));
    assert.equal((await sink.stats()).health.kind, "degraded");
    assert.ok(readdirSync(dataDir).some((name) => name.startsWith("local.history.db.unreadable-")));
  }));

test("a file of an older program gets the columns it lacks, and keeps its points", () =>
  inFolder(async (dataDir) => {
    const older = await openSqliteSink({ name: "local", dataDir, ...LIMITS });
    await older.write([point(1)], NEVER);
    await older[Symbol.asyncDispose]();
    const db = new DatabaseSync(join(dataDir, "local.history.db"));
    db.exec("ALTER TABLE points_group DROP COLUMN members");
    db.close();
    const newer = await openSqliteSink({ name: "local", dataDir, ...LIMITS });
    await newer.write([point(2)], NEVER);
    await newer[Symbol.asyncDispose]();
    const rows = query(dataDir, (file) => file.prepare("SELECT offset_ms AS at, members FROM points_group").all());
    assert.deepEqual(
      rows.map((row) => [row["at"], row["members"]]),
      [
        [1, null],
        [2, 2],
      ],
    );
  }));

test("a file of a program that knew fewer kinds gets the tables it lacks, and keeps its points", () =>
  inFolder(async (dataDir) => {
    const older = await openSqliteSink({ name: "local", dataDir, ...LIMITS });
    await older.write([point(1)], NEVER);
    await older[Symbol.asyncDispose]();
    const db = new DatabaseSync(join(dataDir, "local.history.db"));
    db.exec("DROP TABLE points_event; DROP TABLE points_self");
    db.close();
    const event: Point = {
      kind: "event",
      atMs: 2,
      dimensions: { cluster: "c", group: "g", event: "reset", id: "x" },
      fields: { text: "offsets went back", tags: "reset" },
    };
    const newer = await openSqliteSink({ name: "local", dataDir, ...LIMITS });
    await newer.write([event, point(3)], NEVER);
    assert.equal((await newer.stats()).health.kind, "ok");
    await newer[Symbol.asyncDispose]();
    assert.deepEqual(
      query(dataDir, (file) => fieldsIn(file, event)),
      event.fields,
    );
    assert.equal(
      query(dataDir, (file) => countIn(file, "group")),
      2,
    );
  }));

test("a file of a newer program is refused, and left as it is", () =>
  inFolder(async (dataDir) => {
    const older = await openSqliteSink({ name: "local", dataDir, ...LIMITS });
    await older[Symbol.asyncDispose]();
    const db = new DatabaseSync(join(dataDir, "local.history.db"));
    db.exec("UPDATE history SET format = 2");
    db.close();
    await assert.rejects(openSqliteSink({ name: "local", dataDir, ...LIMITS }), /format 2 .* run the newer program/);
    assert.deepEqual(readdirSync(dataDir), ["local.history.db"]);
  }));

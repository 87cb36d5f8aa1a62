/**
 * The spool against a model: a plain list of rows and a position per sink. Commands append, peek, settle, crash (the files
 * as they are at that moment, opened again), close, damage a row or take it away. After each command the accounts of every
 * sink equal the model's, and add up.
 */

import assert from "node:assert/strict";
import { copyFileSync, existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import fc from "fast-check";
import { systemClock } from "../../runtime/clock.ts";
import type { Unavailable } from "../sqlite/keeper.ts";
import type { Batch, SpoolRow } from "./row.ts";
import type { SpoolStore } from "./store.ts";
import { openStore } from "./store.ts";

export const SINKS = ["a", "b"] as const;
type SinkName = (typeof SINKS)[number];

/** Memory where there is some, for speed: what is on trial is the policy, not the disk. */
export function temporaryFolder(): string {
  return mkdtempSync(join(existsSync("/dev/shm") ? "/dev/shm" : tmpdir(), "tidemark-spool-"));
}

interface ModelRow {
  readonly seq: number;
  readonly firstPoint: number;
  readonly points: number;
  readonly body: string;
  sound: boolean;
}

interface ModelSink {
  point: number;
  stored: number;
  duplicate: number;
  rejected: number;
  quarantined: number;
  /** What it holds and has not settled. */
  held: SpoolRow | undefined;
}

interface Model {
  rows: ModelRow[];
  nextSeq: number;
  pointsIn: number;
  cursor: number;
  readonly sinks: Record<SinkName, ModelSink>;
}

interface Real {
  store: SpoolStore;
  path: string;
  files: number;
  readonly folder: string;
}

type Command = fc.Command<Model, Real>;

const ok = <A extends { readonly kind: string }>(answer: A | Unavailable): A => {
  if (answer.kind === "unavailable") throw (answer as Unavailable).cause;
  return answer as A;
};

const batchOf = (points: number, tag: number): Batch => ({
  points,
  firstMs: tag,
  lastMs: tag + points,
  body: Buffer.from(`row ${tag} ${"x".repeat((tag * 37) % 9_000)}`),
});

function check(model: Model, real: Real): void {
  const state = real.store.stats().state;
  if (state === undefined) return;
  assert.equal(state.pointsIn, model.pointsIn);
  assert.equal(state.sourceCursor, String(model.cursor || ""));
  for (const [name, account] of state.sinks) {
    const { stored, duplicate, filtered, rejected, dropped, quarantined } = account;
    const offered: number = state.pointsIn - account.startPoint;
    const spooled: number = state.pointsIn - account.point;
    assert.equal(offered, stored + duplicate + filtered + rejected + dropped + quarantined + spooled);
    const { held: _, ...want } = model.sinks[name as SinkName];
    assert.deepEqual({ stored, duplicate, rejected, quarantined, point: account.point }, want);
  }
}

const append = (sizes: readonly number[], stale: boolean): Command => ({
  check: () => true,
  toString: () => `append(${sizes.join(",")}${stale ? " after another cursor" : ""})`,
  run: (model, real) => {
    const after = stale ? "elsewhere" : String(model.cursor || "");
    const batches = sizes.map((points, index) => batchOf(points, model.nextSeq + index));
    const entry = { after, cursor: String(model.cursor + 1), batches, ticksGone: 0, pointsTooLarge: 0 };
    const answer = ok(real.store.append(entry));
    assert.equal(answer.kind, stale ? "moved" : "appended");
    if (stale) return;
    model.cursor += 1;
    for (const { points, body } of batches) {
      const row = { seq: model.nextSeq, firstPoint: model.pointsIn, points, body: Buffer.from(body).toString() };
      model.rows.push({ ...row, sound: true });
      model.nextSeq += 1;
      model.pointsIn += points;
    }
    check(model, real);
  },
});

/** What a look at the head does to the model: everything missing before the next sound row is lost and counted. */
function pass(model: Model, sink: ModelSink): ModelRow | undefined {
  const next = model.rows.find((row) => row.sound && row.firstPoint >= sink.point);
  const reached = next?.firstPoint ?? model.pointsIn;
  sink.quarantined += reached - sink.point;
  sink.point = reached;
  return next;
}

const peek = (name: SinkName): Command => ({
  check: () => true,
  toString: () => `peek(${name})`,
  run: (model, real) => {
    const answer = ok(real.store.peek(name));
    const sink = model.sinks[name];
    const want = pass(model, sink);
    assert.equal(answer.kind, want === undefined ? "empty" : "row");
    sink.held = answer.kind === "row" ? answer.row : undefined;
    if (answer.kind === "row" && want !== undefined) {
      const { seq, firstPoint, points, body } = answer.row;
      const got = { seq, firstPoint, points, body: Buffer.from(body).toString() };
      assert.deepEqual(got, { seq: want.seq, firstPoint: want.firstPoint, points: want.points, body: want.body });
    }
    check(model, real);
  },
});

const settle = (name: SinkName, duplicates: number): Command => ({
  check: (model) => model.sinks[name].held !== undefined,
  toString: () => `settle(${name})`,
  run: (model, real) => {
    const sink = model.sinks[name];
    const row = sink.held;
    if (row === undefined) return;
    const duplicate = Math.min(duplicates, row.points);
    const tally = { stored: row.points - duplicate, duplicate, filtered: 0, rejected: 0 };
    const inModel = model.rows.find((one) => one.seq === row.seq);
    ok(real.store.settle({ sink: name, rows: [{ row: { seq: row.seq, crc: row.crc }, tally, letters: [] }] }));
    if (inModel?.sound === true && sink.point === row.firstPoint) {
      sink.point += row.points;
      sink.stored += tally.stored;
      sink.duplicate += duplicate;
    }
    // A second settle of the same row changes nothing.
    ok(real.store.settle({ sink: name, rows: [{ row: { seq: row.seq, crc: row.crc }, tally, letters: [] }] }));
    const needed = Math.min(...SINKS.map((one) => model.sinks[one].point));
    model.rows = model.rows.filter((one) => one.firstPoint + one.points > needed);
    check(model, real);
  },
});

const open = (real: Real): void => {
  real.store = openStore({ path: real.path, bytesMax: 2 ** 26, sinks: SINKS }, systemClock);
};

const crash: Command = {
  check: () => true,
  toString: () => "crash",
  run: (model, real) => {
    ok(real.store.cursor());
    const copy = join(real.folder, `spool-${++real.files}.db`);
    for (const suffix of ["", "-wal"]) {
      if (existsSync(`${real.path}${suffix}`)) copyFileSync(`${real.path}${suffix}`, `${copy}${suffix}`);
    }
    real.store.close();
    real.path = copy;
    open(real);
    ok(real.store.cursor());
    check(model, real);
  },
};

const reopen: Command = {
  check: () => true,
  toString: () => "close and open",
  run: (model, real) => {
    real.store.close();
    open(real);
    ok(real.store.cursor());
    check(model, real);
  },
};

/** What SQLite does not notice: bytes of a row change behind its back, or a row is not there any more. */
const damage = (which: number, how: "body" | "points" | "first_point" | "missing"): Command => ({
  check: (model) => model.rows.some((row) => row.sound),
  toString: () => `damage ${how}`,
  run: (model, real) => {
    const sound = model.rows.filter((row) => row.sound);
    const row = sound[which % sound.length];
    assert.ok(row !== undefined);
    real.store.close();
    const db = new DatabaseSync(real.path);
    const where = `WHERE seq = ${row.seq}`;
    if (how === "missing") db.exec(`DELETE FROM rows ${where}`);
    else if (how === "body") db.exec(`UPDATE rows SET body = CAST('x' || substr(body, 2) AS BLOB) ${where}`);
    else db.exec(`UPDATE rows SET ${how} = ${how} + 1000000 ${where}`);
    db.close();
    row.sound = false;
    for (const name of SINKS) if (model.sinks[name].held?.seq === row.seq) model.sinks[name].held = undefined;
    open(real);
    ok(real.store.cursor());
  },
});

const sinkName = fc.constantFrom(...SINKS);
const commands = fc.commands(
  [
    fc
      .tuple(fc.array(fc.integer({ min: 1, max: 9 }), { maxLength: 4 }), fc.nat(9))
      .map(([sizes, n]) => append(sizes, n === 0)),
    sinkName.map(peek),
    fc.tuple(sinkName, fc.nat(3)).map(([name, duplicates]) => settle(name, duplicates)),
    sinkName.map(peek),
    fc.tuple(sinkName, fc.nat(3)).map(([name, duplicates]) => settle(name, duplicates)),
    fc.constant(crash),
    fc.constant(reopen),
    fc.tuple(fc.nat(20), fc.constantFrom("body", "points", "first_point", "missing")).map(([n, how]) => damage(n, how)),
  ],
  { maxCommands: 60, size: "max" },
);

/** Runs random sequences of commands against the real file and the model. */
export function checkAgainstModel(sequences: number): void {
  fc.assert(
    fc.property(commands, (sequence) => {
      const folder = temporaryFolder();
      const fresh = (): ModelSink => ({
        point: 0,
        stored: 0,
        duplicate: 0,
        rejected: 0,
        quarantined: 0,
        held: undefined,
      });
      const model: Model = { rows: [], nextSeq: 1, pointsIn: 0, cursor: 0, sinks: { a: fresh(), b: fresh() } };
      const path = join(folder, "spool.db");
      const store = openStore({ path, bytesMax: 2 ** 26, sinks: SINKS }, systemClock);
      const real: Real = { store, path, files: 0, folder };
      try {
        fc.modelRun(() => ({ model, real }), sequence);
      } finally {
        real.store.close();
        rmSync(folder, { recursive: true });
      }
    }),
    { numRuns: sequences },
  );
}

/**
 * # Bugs that others had, as changes of our source
 *
 * Each is one that a product of this kind shipped. `find` is replaced by `put` in a copy of the repository, and the test that is
 * named has to fail then: a suite that does not see it would not have seen it in us.
 */

export interface SeededBug {
  /** What goes wrong, and where it is known from. */
  readonly bug: string;
  readonly path: string;
  /** Stands once in the file. */
  readonly find: string;
  readonly put: string;
  readonly caughtBy: string;
}

export const SEEDED_BUGS: readonly SeededBug[] = [
  {
    bug: "acknowledged before the commit",
    path: "shipper/spool/database.ts",
    find: `    const result = work();
    db.exec("COMMIT");
    return result;`,
    put: `    const result = work();
    setTimeout(() => db.isTransaction && db.exec("COMMIT"), 20);
    return result;`,
    caughtBy: "shipper/spool/store.prop.test.ts",
  },
  {
    bug: "a commit that is not synced (synchronous = NORMAL)",
    path: "shipper/spool/database.ts",
    find: `  pragma(db, "synchronous = FULL");`,
    put: `  pragma(db, "synchronous = NORMAL");`,
    caughtBy: "shipper/spool/cap.test.ts",
  },
  {
    bug: "the cursor of a sink saved before its answer",
    path: "shipper/deliver/deliver.ts",
    find: `      const delivery = await send(load,`,
    put: `      const [row0] = load.rows;
      if (row0 === undefined) return;
      const tally = { stored: row0.points, duplicate: 0, filtered: 0, rejected: 0 };
      await spool.settle({ sink: sink.name, rows: [{ row: row0, tally, letters: [] }] }, signal);
      const delivery = await send(load,`,
    caughtBy: "shipper/deliver/deliver.test.ts",
  },
  {
    bug: "what is on its way deleted at the start and put back later (OpenTelemetry Collector)",
    path: "shipper/spool/store.ts",
    find: `    return { db, letters, state: db.transaction(() => adoptedState(db, options.path, opening)), roomBytes };`,
    put: `    const taken = db.first(0);
    if (taken !== undefined) db.transaction(() => db.delete(taken.seq));
    setImmediate(() => taken !== undefined && db.transaction(() => db.insert(taken)));
    return { db, letters, state: db.transaction(() => adoptedState(db, options.path, opening)), roomBytes };`,
    caughtBy: "shipper/spool/store.prop.test.ts",
  },
  {
    bug: "the CRC of a row not checked",
    path: "shipper/spool/database.ts",
    find: `  return crcOf(row) === row.crc;`,
    put: `  return crcOf(row) >= 0;`,
    caughtBy: "shipper/spool/store.prop.test.ts",
  },
  {
    bug: "half a change left behind after a full disk (Prometheus, LevelDB)",
    path: "shipper/spool/database.ts",
    find: `  } catch (error) {
    if (db.isTransaction) db.exec("ROLLBACK");
    throw error;
  }
}

function run(`,
    put: `  } catch (error) {
    if (db.isTransaction) db.exec("COMMIT");
    throw error;
  }
}

function run(`,
    caughtBy: "shipper/spool/database.test.ts",
  },
  {
    bug: "off by one where part of a batch was taken (Telegraf's buffer on disk)",
    path: "shipper/deliver/policy.ts",
    find: `outcome.kept.flatMap((index) => sent[index] ?? [])`,
    put: `outcome.kept.flatMap((index) => sent[index + 1] ?? [])`,
    caughtBy: "shipper/deliver/deliver.test.ts",
  },
  {
    bug: "a whole batch again for one bad document (Telegraf's Elasticsearch output)",
    path: "shipper/sink/elasticsearch/bulk-answer.ts",
    find: `    case "too-large":
    case "refused":
      return "rejected";`,
    put: `    case "too-large":
    case "refused":
      return "kept";`,
    caughtBy: "shipper/sink/elasticsearch/bulk-answer.prop.test.ts",
  },
  {
    bug: "409 taken for a failure",
    path: "shipper/sink/elasticsearch/bulk-answer.ts",
    find: `  if (status === 409) return "duplicate";`,
    put: `  if (status === 409) return "rejected";`,
    caughtBy: "shipper/sink/elasticsearch/elasticsearch-sink.test.ts",
  },
  {
    bug: "the last point lost where a batch is halved",
    path: "shipper/deliver/policy.ts",
    find: `sent.filter((_, place) => place % 2 === 1)]`,
    put: `sent.slice(0, -1).filter((_, place) => place % 2 === 1)]`,
    caughtBy: "shipper/deliver/policy.prop.test.ts",
  },
  {
    bug: "points dropped and not counted",
    path: "shipper/spool/limits.ts",
    find: `    return dropped(reached, { seq: row.seq + 1, point: row.firstPoint + row.points }, reason);`,
    put: `    return { ...reached, seq: row.seq + 1, point: row.firstPoint + row.points };`,
    caughtBy: "shipper/spool/cap.test.ts",
  },
  {
    bug: "a damaged row ends the process (Vector, Telegraf, OpenTelemetry Collector)",
    path: "shipper/spool/head.ts",
    find: `    const after = damaged(state, row, db);`,
    put: `    throw new Error(\`row \${row.seq} is damaged\`);
    const after = damaged(state, row, db);`,
    caughtBy: "shipper/spool/quarantine.test.ts",
  },
  {
    bug: "a length below zero believed (Burrow)",
    path: "collector/protocol/reader.ts",
    find: `  if (length < -1) throw new DecodeError(reader.what, at, \`a length of \${length}\`);`,
    put: `  if (length < -1) reader.at = at;`,
    caughtBy: "collector/protocol/reader.test.ts",
  },
  {
    bug: "an integer beyond 2^53 rounded",
    path: "collector/protocol/reader.ts",
    find: `  return Number.isSafeInteger(value) ? value : Number.NaN;`,
    put: `  return value;`,
    caughtBy: "collector/protocol/reader.test.ts",
  },
  {
    bug: "an object keyed by names of groups",
    path: "shipper/deliver/selection.ts",
    find: `  const known = new Map<string, boolean>();`,
    put: `  const object = {};
  const known = { size: 0, clear: () => {}, get: (name) => object[name], set: (name, to) => (object[name] = to) };`,
    caughtBy: "shipper/deliver/selection.test.ts",
  },
  {
    bug: "the seconds of Retry-After taken for milliseconds (InfluxDB's client)",
    path: "shipper/sink/http/retry-after.ts",
    find: `return Number(text) * 1_000;`,
    put: `return Number(text);`,
    caughtBy: "shipper/faults/waiting.test.ts",
  },
];

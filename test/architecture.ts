/**
 * # The architecture: which folder may import what
 *
 * One row per folder, or per file where one file is purer (or less pure) than its folder; the longest matching row counts.
 * npm packages and node builtins are imports like others, so purity is visible in the same table: a row is PURE when all
 * that it imports only computes, and then the clock and chance come in as arguments (tidy.ts checks the calls).
 * Files in the same row, and rows inside a folder's row, may always be imported from it.
 */

import ts from "typescript";

export interface Row {
  /** A folder with everything in it that has no row of its own, or one file. */
  readonly path: string;
  readonly purpose: string;
  readonly imports: readonly string[];
}

const codecs = ["@node-rs/crc32", "lz4-napi", "node:zlib", "snappy"] as const;
const contract = "collector/model";

export const ROWS: readonly Row[] = [
  { path: "collector/model", purpose: "contract: evaluations, fields, statuses, observations", imports: ["zod"] },
  { path: "collector/protocol", purpose: "codecs of Kafka's wire and of the offsets topic", imports: [...codecs] },
  {
    path: "collector/ingest",
    purpose: "records of the offsets topic to observations",
    imports: [contract, "collector/protocol"],
  },
  { path: "collector/window", purpose: "bounded rings of commits and watermarks", imports: [contract] },
  { path: "collector/evaluate", purpose: "the rules and their verdicts", imports: [contract, "collector/window"] },
  { path: "collector/feed", purpose: "the newest ticks behind a cursor", imports: [contract, "node:zlib"] },
  {
    path: "collector/kafka",
    purpose: "the connections to a cluster; owns kafkajs",
    imports: [
      contract,
      "collector/config.ts",
      "collector/ingest",
      "collector/protocol",
      "kafkajs",
      "node:fs",
      "node:tls",
      "runtime",
    ],
  },
  {
    path: "collector/http",
    purpose: "/v3, /v4, /metrics and health",
    imports: [contract, "collector/evaluate", "collector/window", "node:os", "node:timers/promises", "runtime"],
  },
  { path: "collector/config.ts", purpose: "the collector's part of the configuration", imports: ["runtime", "zod"] },
  { path: "shipper/schema", purpose: "contract: kinds, points, and the port to history", imports: [contract] },
  { path: "shipper/encode", purpose: "evaluations to points to rows", imports: [contract, "shipper/schema"] },
  { path: "shipper/source", purpose: "ticks from a collector", imports: [contract, "runtime", "zod"] },
  {
    path: "shipper/sqlite",
    purpose: "a database in a worker thread: opening, failing, setting aside",
    imports: ["node:fs", "node:path", "node:worker_threads", "runtime"],
  },
  {
    path: "shipper/spool",
    purpose: "the durable queue, one cursor per sink",
    imports: [
      "node:fs/promises",
      "node:path",
      "node:sqlite",
      "node:zlib",
      "runtime",
      "shipper/schema",
      "shipper/sqlite",
    ],
  },
  { path: "shipper/deliver/policy.ts", purpose: "what to do after an answer", imports: ["shipper/sink/sink.ts"] },
  {
    path: "shipper/deliver",
    purpose: "the loops that tie feed, spool and sinks",
    imports: [
      contract,
      "node:timers/promises",
      "runtime",
      "shipper/encode",
      "shipper/schema",
      "shipper/sink/sink.ts",
      "shipper/spool",
    ],
  },
  { path: "shipper/sink/sink.ts", purpose: "the port of a sink", imports: ["shipper/schema"] },
  {
    path: "shipper/sink",
    purpose: "writers of history behind one port",
    imports: [
      contract,
      "node:fs/promises",
      "node:path",
      "node:sqlite",
      "runtime",
      "shipper/encode",
      "shipper/schema",
      "shipper/sqlite",
    ],
  },
  { path: "shipper/config.ts", purpose: "the shipper's part of the configuration", imports: ["runtime", "zod"] },
  {
    path: "shipper/shipper.ts",
    purpose: "wires source, spool and sinks",
    imports: [contract, "runtime", "shipper"],
  },
  {
    path: "web/assets.ts",
    purpose: "the fixed list of files a page may load",
    imports: ["node:crypto", "node:fs", "runtime/http/answer.ts"],
  },
  {
    path: "web",
    purpose: "the status page",
    imports: [contract, "runtime/error.ts", "runtime/http/answer.ts", "shipper/schema"],
  },
  {
    path: "shipper/faults",
    purpose: "a shipper that is killed, and a disk that is full",
    imports: ["collector/model", "node:fs", "runtime", "shipper"],
  },
  { path: "runtime/error.ts", purpose: "whatever was caught, as an Error", imports: [] },
  { path: "runtime/http/answer.ts", purpose: "requests and answers as handlers see them", imports: [] },
  {
    path: "runtime",
    purpose: "process plumbing without one domain word",
    imports: [
      "fastest-levenshtein",
      "node:crypto",
      "node:fs",
      "node:http",
      "node:net",
      "node:stream",
      "node:stream/promises",
      "node:timers/promises",
      "node:zlib",
      "pino",
      "yaml",
      "zod",
    ],
  },
  {
    path: "cli",
    purpose: "the commands, and the wiring of each process",
    imports: ["collector", "node:crypto", "node:fs", "node:util", "prom-client", "runtime", "shipper", "web", "zod"],
  },
  {
    path: "docs",
    purpose: "documents, and the generator of some",
    imports: ["cli/config.ts", "collector/model", "node:fs", "test/architecture.ts", "zod"],
  },
  { path: "test/architecture.ts", purpose: "this table and its checks", imports: ["typescript"] },
  { path: "test/tidy.ts", purpose: "what every file must keep", imports: ["test/architecture.ts", "typescript"] },
  { path: "test/source-tree.ts", purpose: "the repository's files as texts", imports: ["node:fs"] },
  {
    path: "test/cases",
    purpose: "runs case files against the product",
    imports: ["collector", "node:assert/strict", "node:fs/promises", "node:process", "zod"],
  },
  {
    path: "test/real",
    purpose: "real servers, and the groups made on them",
    imports: [
      "collector/model",
      "kafkajs",
      "node:child_process",
      "node:events",
      "node:fs",
      "node:fs/promises",
      "node:http",
      "node:net",
      "node:path",
      "node:sqlite",
      "node:timers/promises",
      "node:util",
      "playwright-core",
      "test/notices.ts",
      "zod",
    ],
  },
  {
    path: "test",
    purpose: "the tiers, and the gates of the whole tree",
    imports: ["node:child_process", "node:fs/promises", "node:path"],
  },
  {
    path: "bench",
    purpose: "benchmarks and load",
    imports: [
      "kafkajs",
      "node:child_process",
      "node:fs/promises",
      "node:os",
      "node:path",
      "node:timers/promises",
      "test/real",
    ],
  },
];

/** Files by their path from the root. */
export type Tree = ReadonlyMap<string, string>;

/** `x.test.ts` and its kin: they ship nothing, so any builtin and these packages are theirs to use. */
const TEST_FILE = /\.(test|prop|suite|bench|fixture|model|requests)\.ts$/;
const TEST_IMPORTS: readonly string[] = [
  "fast-check",
  "runtime",
  "test/notices.ts",
  "test/source-tree.ts",
  "test/tidy.ts",
  "test/architecture.ts",
  "bench/table.ts",
  "shipper/faults",
  "docs",
  "zod",
];

export function isTestFile(path: string): boolean {
  return TEST_FILE.test(path);
}

/** The longest row that holds the path; a test is held by the row of the file that it tests. */
export function rowOf(path: string, rows: readonly Row[]): Row | undefined {
  const tested = path.replace(/\.(prop\.test|test|long\.test)\.ts$/, ".ts");
  const fitting = rows.filter((row) => isWithin(tested, row.path));
  return fitting.sort((left, right) => right.path.length - left.path.length)[0];
}

/** Sentences, one per breach; empty where the tree keeps to the rows. */
export function breaches(tree: Tree, rows: readonly Row[]): readonly string[] {
  const used = new Set<string>();
  const found = [...tree].flatMap(([path, text]) => {
    if (!path.endsWith(".ts")) return [];
    const row = rowOf(path, rows);
    if (row === undefined)
      return [`${path} is in no row of test/architecture.ts; say there what its folder may import`];
    return importsOf(path, text).flatMap((target) => breachOf({ path, target, row, rows, used }));
  });
  return [...found, ...stale(tree, rows, used)];
}

interface Edge {
  readonly path: string;
  readonly target: string;
  readonly row: Row;
  readonly rows: readonly Row[];
  readonly used: Set<string>;
}

function breachOf({ path, target, row, rows, used }: Edge): readonly string[] {
  const inside = isWithin(target, row.path) || rowOf(target, rows) === row;
  if (!isTestFile(path) && isTestFile(target)) return [`${path} imports ${target}, which is a test's`];
  const entry = row.imports.find((one) => isWithin(target, one));
  if (entry !== undefined) used.add(`${row.path} ${entry}`);
  if (inside || entry !== undefined) return [];
  // A benchmark feeds one part with what another makes.
  if (path.endsWith(".bench.ts") && rowOf(target, rows) !== undefined) return [];
  if (isTestFile(path) && (target.startsWith("node:") || TEST_IMPORTS.some((one) => isWithin(target, one)))) return [];
  return [`${path} imports ${target}, which the row ${row.path} does not list`];
}

function stale(tree: Tree, rows: readonly Row[], used: ReadonlySet<string>): readonly string[] {
  return rows.flatMap((row) => {
    const lives = [...tree.keys()].some((path) => path.endsWith(".ts") && rowOf(path, rows) === row);
    if (!lives) return [`the row ${row.path} has no file`];
    const unused = row.imports.filter((entry) => !used.has(`${row.path} ${entry}`));
    return unused.map((entry) => `the row ${row.path} lists ${entry}, which nothing in it imports`);
  });
}

/** `node:fs` and `node:fs/promises` are two builtins, not one in the other. */
function isWithin(path: string, folder: string): boolean {
  return path === folder || (path.startsWith(`${folder}/`) && !path.startsWith("node:"));
}

/** What a file imports: paths from the root, package names, builtins. Types count; they couple as values do. */
export function importsOf(path: string, text: string): readonly string[] {
  return ts.preProcessFile(text, true, true).importedFiles.map(({ fileName }) => {
    if (fileName.startsWith(".")) return resolved(path, fileName);
    if (fileName.startsWith("node:") || fileName.startsWith("/")) return fileName;
    return fileName.split("/", fileName.startsWith("@") ? 2 : 1).join("/");
  });
}

function resolved(from: string, specifier: string): string {
  return new URL(specifier, `file:///${from}`).pathname.slice(1);
}

/** What only computes: the same answer for the same arguments. */
const PURE_PACKAGES: ReadonlySet<string> = new Set(["zod", ...codecs]);

/** PURE by what the row imports, its imports' imports included. */
export function isPure(row: Row, rows: readonly Row[]): boolean {
  return row.imports.every((entry) => {
    if (PURE_PACKAGES.has(entry)) return true;
    const target = rows.find(({ path }) => path === entry) ?? rowOf(entry, rows);
    return target !== undefined && target !== row && isPure(target, rows);
  });
}

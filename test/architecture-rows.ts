/**
 * # Which folder may import what: the table
 *
 * One row per folder, or per file where one file is purer (or less pure) than its folder; the longest matching row counts.
 * architecture.ts says how it is read, docs/architecture.md is printed from it. A row is changed in the commit that needs it.
 */

import { BURROW_ROWS } from "./architecture-burrow.ts";
import { CLI_ROWS } from "./architecture-cli.ts";
import { DASHBOARD_ROWS } from "./architecture-dashboards.ts";
import { DEPLOY_ROWS } from "./architecture-deploy.ts";
import { FAILURE_ROWS } from "./architecture-failures.ts";
import { RUNTIME_ROWS } from "./architecture-runtime.ts";
import { SECURITY_ROWS } from "./architecture-security.ts";
import { SHIPPER_ROWS } from "./architecture-shipper.ts";
import { STORE_ROWS } from "./architecture-stores.ts";

export interface Row {
  /** A folder with everything in it that has no row of its own, or one file. */
  readonly path: string;
  readonly purpose: string;
  readonly imports: readonly string[];
}

export const codecs = ["@node-rs/crc32", "lz4-napi", "node:zlib", "snappy"] as const;
const contract = "collector/model";

export const ROWS: readonly Row[] = [
  { path: "collector/model", purpose: "contract: evaluations, fields, statuses, observations", imports: ["zod"] },
  { path: "collector/protocol", purpose: "codecs of Kafka's wire and of the offsets topic", imports: [...codecs] },
  {
    path: "collector/ingest",
    purpose: "records of the offsets topic, or polls, to observations",
    imports: [contract, "collector/protocol"],
  },
  { path: "collector/window", purpose: "bounded rings of commits and watermarks", imports: [contract] },
  { path: "collector/evaluate", purpose: "the rules and their verdicts", imports: [contract, "collector/window"] },
  { path: "collector/feed", purpose: "the newest ticks behind a cursor", imports: [contract, "node:zlib"] },
  {
    path: "collector/trace",
    purpose: "traces: what a collector saw, as a file, read and judged",
    imports: [contract, "collector/evaluate", "collector/protocol", "collector/window", "zod"],
  },
  {
    path: "collector/trace/record-file.ts",
    purpose: "the file that a recording goes to",
    imports: [contract, "collector/trace", "collector/window", "node:fs/promises", "node:path", "runtime"],
  },
  {
    path: "collector/saved",
    purpose: "windows kept over a restart",
    imports: ["collector/window", "node:fs/promises", "node:path", "node:util", "node:zlib", "runtime", "zod"],
  },
  { path: "collector/deploys", purpose: "deploys that are kept", imports: [contract] },
  {
    path: "collector/deploys/deploy-file.ts",
    purpose: "the file that deploys are kept in",
    imports: [contract, "collector/deploys", "node:fs", "node:fs/promises", "node:path", "runtime", "zod"],
  },
  ...SECURITY_ROWS,
  ...BURROW_ROWS,
  {
    path: "collector/http",
    purpose: "/v3, /v4, /metrics and health",
    imports: [
      contract,
      "collector/deploys",
      "collector/evaluate",
      "collector/window",
      "node:crypto",
      "node:os",
      "node:timers/promises",
      "runtime",
      "zod",
    ],
  },
  {
    path: "collector/http/v4-answers.ts",
    purpose: "what /v4 answers, as schemas",
    imports: [contract, "zod"],
  },
  {
    path: "collector/config.ts",
    purpose: "the collector's part of the configuration",
    imports: ["collector/security/security-config.ts", "runtime", "zod"],
  },
  ...SHIPPER_ROWS,
  ...DASHBOARD_ROWS,
  ...STORE_ROWS,
  ...RUNTIME_ROWS,
  { path: "simulator/cluster", purpose: "what the brokers of a simulated cluster hold", imports: ["@node-rs/crc32"] },
  { path: "simulator/trace/line.ts", purpose: "the lines of a trace", imports: [] },
  {
    path: "simulator/trace",
    purpose: "what a collector could have seen of a world, as a file",
    imports: ["simulator/cluster", "simulator/trace/line.ts", "simulator/world"],
  },
  {
    path: "simulator/world",
    purpose: "topics, groups and faults that use the cluster, from a seed",
    imports: ["simulator/cluster", "simulator/trace/line.ts"],
  },
  {
    path: "simulator/wire",
    purpose: "brokers on loopback that speak the wire protocol",
    imports: ["node:crypto", "node:events", "node:net", "node:timers/promises", "node:tls", "simulator/cluster"],
  },
  {
    path: "simulator/scenario",
    purpose: "worlds as data, and as files",
    imports: ["runtime/config", "simulator/wire/faults.ts", "simulator/world", "zod"],
  },
  {
    path: "simulator/write-trace.ts",
    purpose: "prints a world as a trace",
    imports: ["node:events", "node:fs", "node:util", "simulator"],
  },
  ...CLI_ROWS,
  ...DEPLOY_ROWS,
  {
    path: "docs",
    purpose: "documents, and the generator of some",
    imports: [
      "cli/config.ts",
      "cli/exit-codes.ts",
      "cli/version.ts",
      "collector/http/openapi.ts",
      "collector/model",
      "dashboards/alerts",
      "node:fs",
      "shipper/schema",
      "test/architecture-rows.ts",
      "test/architecture.ts",
      "test/claims/claims.ts",
      "test/failures/failures.ts",
      "test/source-tree.ts",
      "zod",
    ],
  },
  { path: "test/architecture-burrow.ts", purpose: "the part of Burrow in this table", imports: [] },
  { path: "test/architecture-cli.ts", purpose: "the commands' part of this table", imports: [] },
  { path: "test/architecture-deploy.ts", purpose: "the part of image and stack in this table", imports: [] },
  { path: "test/architecture-failures.ts", purpose: "the failures' part of this table", imports: [] },
  { path: "test/architecture-runtime.ts", purpose: "the part of processes and page in this table", imports: [] },
  { path: "test/architecture-security.ts", purpose: "the part of connections in this table", imports: [] },
  { path: "test/architecture-shipper.ts", purpose: "the shipper's part of this table", imports: [] },
  { path: "test/architecture-stores.ts", purpose: "the part of stores in tests", imports: [] },
  {
    path: "test/architecture-rows.ts",
    purpose: "this table",
    imports: [
      "test/architecture-burrow.ts",
      "test/architecture-cli.ts",
      "test/architecture-dashboards.ts",
      "test/architecture-deploy.ts",
      "test/architecture-failures.ts",
      "test/architecture-security.ts",
      "test/architecture-runtime.ts",
      "test/architecture-shipper.ts",
      "test/architecture-stores.ts",
    ],
  },
  {
    path: "test/architecture.ts",
    purpose: "the checks of this table",
    imports: ["test/architecture-rows.ts", "typescript"],
  },
  {
    path: "test/tidy.ts",
    purpose: "what every file must keep",
    imports: ["test/architecture-rows.ts", "test/architecture.ts", "typescript"],
  },
  { path: "test/source-tree.ts", purpose: "the repository's files as texts", imports: ["node:fs"] },
  {
    path: "test/cases",
    purpose: "runs case files against the product",
    imports: ["collector", "node:assert/strict", "node:fs/promises", "node:process", "zod"],
  },
  {
    path: "test/simulated",
    purpose: "the product against the simulator",
    imports: ["cli", "collector", "kafkajs", "runtime", "simulator", "test/real/until.ts"],
  },
  ...FAILURE_ROWS,
  { path: "test/claims/counts.ts", purpose: "how often each claim is tried", imports: ["node:process"] },
  {
    path: "test/claims/claims.ts",
    purpose: "what is claimed of the whole, and what came of it",
    imports: ["test/claims/counts.ts", "test/claims/discards.ts"],
  },
  {
    path: "test/claims",
    purpose: "claims that concern more than one folder",
    imports: ["runtime", "shipper", "simulator", "test/architecture.ts", "test/simulated", "test/stores", "web"],
  },
  { path: "test/soak", purpose: "hours of a large cluster, and what is held after each", imports: ["collector"] },
  {
    path: "test/real/differential",
    purpose: "the same script on a real broker and on the simulated one",
    imports: [
      "collector/kafka",
      "collector/protocol",
      "collector/security",
      "kafkajs",
      "runtime",
      "simulator",
      "test/real",
    ],
  },
  { path: "test/seeded", purpose: "bugs that others had, and the tests that see them", imports: [] },
  {
    path: "test/real",
    purpose: "real servers, and the groups made on them",
    imports: [
      "axe-core",
      "collector/kafka",
      "collector/model",
      "kafkajs",
      "node:child_process",
      "node:crypto",
      "node:events",
      "node:fs",
      "node:fs/promises",
      "node:http",
      "node:net",
      "node:path",
      "node:readline",
      "node:sqlite",
      "node:timers/promises",
      "node:util",
      "playwright-core",
      "runtime",
      "test/notices.ts",
      "zod",
    ],
  },
  {
    path: "test",
    purpose: "the tiers, and the gates of the whole tree",
    imports: [
      "node:child_process",
      "node:fs/promises",
      "node:path",
      "node:sqlite",
      "node:zlib",
      "test/claims/counts.ts",
    ],
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

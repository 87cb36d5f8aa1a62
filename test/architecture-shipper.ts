/** # Which folder may import what: the rows of the shipper */

/** As in architecture-rows.ts, which these are a part of. */
export const SHIPPER_ROWS: readonly {
  readonly path: string;
  readonly purpose: string;
  readonly imports: readonly string[];
}[] = [
  { path: "shipper/schema", purpose: "contract: kinds, points, and the port to history", imports: ["collector/model"] },
  { path: "shipper/encode", purpose: "evaluations to points to rows", imports: ["collector/model", "shipper/schema"] },
  { path: "shipper/encode/sha256.ts", purpose: "a hash", imports: ["node:crypto"] },
  { path: "shipper/source", purpose: "ticks from a collector", imports: ["collector/model", "runtime", "zod"] },
  {
    path: "shipper/sqlite",
    purpose: "a database in a worker thread: opening, failing, setting aside",
    imports: ["node:fs", "node:path", "node:worker_threads", "runtime"],
  },
  {
    path: "shipper/spool",
    purpose: "the durable queue, one cursor per sink",
    imports: [
      "node:fs",
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
  { path: "shipper/deliver/selection.ts", purpose: "which points a sink is to get", imports: ["shipper/schema"] },
  {
    path: "shipper/deliver",
    purpose: "the loops that tie feed, spool and sinks",
    imports: [
      "collector/model",
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
    path: "shipper/sink/http/answer-class.ts",
    purpose: "what an HTTP status of a store means",
    imports: [],
  },
  {
    path: "shipper/sink/http/compressed.ts",
    purpose: "a body as gzip, at its quickest",
    imports: ["node:util", "node:zlib"],
  },
  { path: "shipper/sink/http/retry-after.ts", purpose: "how long a store asks us to wait", imports: [] },
  {
    path: "shipper/sink/elasticsearch",
    purpose: "writes to Elasticsearch and OpenSearch",
    imports: [
      "@elastic/elasticsearch",
      "node:fs",
      "runtime",
      "shipper/encode",
      "shipper/schema",
      "shipper/sink/http",
      "shipper/sink/sink.ts",
      "zod",
    ],
  },
  {
    path: "shipper/sink/elasticsearch/template.ts",
    purpose: "what a day's index is made from",
    imports: ["shipper/encode", "shipper/schema", "shipper/sink/elasticsearch/telegraf-properties.ts"],
  },
  {
    path: "shipper/sink/elasticsearch/telegraf-properties.ts",
    purpose: "the mapping of Telegraf's documents",
    imports: [],
  },
  {
    path: "shipper/sink/elasticsearch/bulk-answer.ts",
    purpose: "a bulk answer, item by item",
    imports: ["shipper/sink/http/answer-class.ts", "shipper/sink/sink.ts"],
  },
  {
    path: "shipper/sink/influxdb",
    purpose: "writes to InfluxDB",
    imports: [
      "@influxdata/influxdb-client",
      "node:fs",
      "node:http",
      "node:https",
      "runtime",
      "shipper/encode",
      "shipper/schema",
      "shipper/sink/http",
      "shipper/sink/sink.ts",
    ],
  },
  {
    path: "shipper/sink/stdout",
    purpose: "lines to standard output",
    imports: ["node:stream", "shipper/encode", "shipper/schema", "shipper/sink/sink.ts"],
  },
  {
    path: "shipper/provision",
    purpose: "what a store must have before a point is written",
    imports: [
      "@elastic/elasticsearch",
      "runtime",
      "shipper/config.ts",
      "shipper/encode",
      "shipper/open-sink.ts",
      "shipper/schema",
      "shipper/sink",
      "zod",
    ],
  },
  {
    path: "shipper/provision/elasticsearch-plan.ts",
    purpose: "whether the template that is there is ours",
    imports: ["shipper/encode", "shipper/sink/elasticsearch/template.ts"],
  },
  {
    path: "shipper/sink",
    purpose: "writers of history behind one port",
    imports: [
      "collector/model",
      "node:fs/promises",
      "node:path",
      "node:sqlite",
      "runtime",
      "shipper/encode",
      "shipper/schema",
      "shipper/sqlite",
    ],
  },
  {
    path: "shipper/config.ts",
    purpose: "the shipper's part of the configuration",
    imports: ["runtime", "shipper/schema", "zod"],
  },
  { path: "shipper/open-sink.ts", purpose: "a sink from its configuration", imports: ["runtime", "shipper"] },
  {
    path: "shipper/roads.ts",
    purpose: "one road per sink, changed while they run",
    imports: ["node:util", "runtime", "shipper"],
  },
  {
    path: "shipper/shipper.ts",
    purpose: "wires source, spool and sinks",
    imports: ["collector/model", "runtime", "shipper"],
  },
  {
    path: "shipper/faults",
    purpose: "a shipper that is killed, and a disk that is full",
    imports: ["collector/model", "node:fs", "runtime", "shipper"],
  },
];

/** # Which folder may import what: the rows of stores in tests, stood in for and real */

/** As in architecture-rows.ts, which these are a part of. */
export const STORE_ROWS: readonly {
  readonly path: string;
  readonly purpose: string;
  readonly imports: readonly string[];
}[] = [
  {
    path: "test/stores",
    purpose: "stores on loopback that do as they are told",
    imports: ["node:crypto", "node:http", "node:https", "node:net", "node:zlib"],
  },
  {
    path: "test/real/elasticsearch",
    purpose: "a real Elasticsearch, the sink on it, and the fake beside it",
    imports: [
      "collector/model",
      "node:child_process",
      "node:crypto",
      "node:fs",
      "node:fs/promises",
      "node:https",
      "node:os",
      "node:path",
      "node:util",
      "runtime",
      "shipper",
      "test/notices.ts",
      "test/real",
      "test/stores",
    ],
  },
  {
    path: "test/real/influxdb",
    purpose: "a real InfluxDB, the sink on it, and the fake beside it",
    imports: [
      "node:assert/strict",
      "node:child_process",
      "node:fs",
      "node:fs/promises",
      "node:path",
      "node:util",
      "shipper",
      "test/real",
    ],
  },
];

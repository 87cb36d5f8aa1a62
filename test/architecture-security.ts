/** # Which folder may import what: the rows of connections and credentials */

/** As in architecture-rows.ts, which these are a part of. */
export const SECURITY_ROWS: readonly {
  readonly path: string;
  readonly purpose: string;
  readonly imports: readonly string[];
}[] = [
  {
    path: "collector/kafka",
    purpose: "the connections to a cluster; owns kafkajs",
    imports: [
      "collector/model",
      "collector/config.ts",
      "collector/ingest",
      "collector/protocol",
      "collector/security",
      "kafkajs",
      "node:net",
      "node:tls",
      "runtime",
    ],
  },
  {
    path: "collector/kafka/commit-source.suite.ts",
    purpose: "what every source of commits has to pass",
    imports: ["collector/model", "collector/burrow", "collector/config.ts", "collector/kafka", "collector/window"],
  },
  {
    path: "collector/security",
    purpose: "who we are to a cluster: certificates, passwords, tokens",
    imports: ["node:crypto", "node:fs", "node:http", "node:https", "node:tls", "runtime", "zod"],
  },
  {
    path: "collector/security/security-config.ts",
    purpose: "TLS and SASL in the configuration",
    imports: ["runtime/http/listen.ts", "zod"],
  },
];

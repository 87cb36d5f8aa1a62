/** # Which folder may import what: the rows of the image and the stack */

/** As in architecture-rows.ts, which these are a part of. */
export const DEPLOY_ROWS: readonly {
  readonly path: string;
  readonly purpose: string;
  readonly imports: readonly string[];
}[] = [
  { path: "deploy/healthcheck.ts", purpose: "whether a container is well", imports: ["node:fs"] },
  {
    path: "deploy/provision",
    purpose: "accounts, templates and Grafana's files, before the stack runs",
    imports: [
      "cli/config.ts",
      "cli/run-provision.ts",
      "deploy/lint/stack.ts",
      "node:fs",
      "node:path",
      "runtime",
      "yaml",
      "zod",
    ],
  },
  {
    path: "deploy/load",
    purpose: "producers and consumers in scripted trouble, on a real broker",
    imports: ["kafkajs", "node:fs", "node:os", "node:path", "runtime"],
  },
  {
    path: "deploy/lint",
    purpose: "what the image and the stack must keep",
    imports: ["cli/config.ts", "deploy/provision/grafana-files.ts", "yaml", "zod"],
  },
  {
    path: "test/real/stack",
    purpose: "the accounts of the stack on real stores",
    imports: ["deploy/provision", "test/real/influxdb"],
  },
  {
    path: "test/smoke",
    purpose: "the whole stack, on a machine with Docker",
    imports: [
      "node:child_process",
      "node:fs",
      "node:http",
      "node:path",
      "node:stream/consumers",
      "test/real/until.ts",
      "zod",
    ],
  },
];

/** # Which folder may import what: the rows of the commands */

/** As in architecture-rows.ts, which these are a part of. */
export const CLI_ROWS: readonly {
  readonly path: string;
  readonly purpose: string;
  readonly imports: readonly string[];
}[] = [
  {
    path: "cli",
    purpose: "the commands, and the wiring of each process",
    imports: [
      "collector",
      "node:crypto",
      "node:events",
      "node:fs",
      "node:fs/promises",
      "node:os",
      "node:path",
      "node:stream",
      "node:timers/promises",
      "node:util",
      "prom-client",
      "runtime",
      "shipper",
      "web",
      "zod",
    ],
  },
  { path: "cli/flags.ts", purpose: "the flags of all commands", imports: ["node:util"] },
  {
    path: "cli/migrate",
    purpose: "another tool's configuration as ours",
    imports: ["cli/config.ts", "node:fs", "runtime", "smol-toml", "yaml"],
  },
  {
    path: "cli/deploys",
    purpose: "commands that ask a running collector where a group was",
    imports: [
      "cli/config.ts",
      "collector",
      "node:http",
      "node:https",
      "node:stream/consumers",
      "runtime",
      "shipper",
      "zod",
    ],
  },
  { path: "cli/exit-codes.ts", purpose: "with which code a command ends, and when", imports: [] },
  {
    path: "cli/check",
    purpose: "what stands between a configuration and a run",
    imports: ["cli/config.ts", "collector", "node:crypto", "node:fs/promises", "node:path", "runtime", "shipper"],
  },
  {
    path: "cli/demo",
    purpose: "a simulated cluster, and all of Tidemark beside it",
    imports: [
      "cli",
      "collector",
      "node:fs/promises",
      "node:os",
      "node:path",
      "node:timers/promises",
      "runtime",
      "shipper",
      "simulator",
      "web",
    ],
  },
];

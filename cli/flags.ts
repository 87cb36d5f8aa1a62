/**
 * # The flags of all commands
 *
 * A name means the same wherever it is taken; which command takes which is in main.ts.
 */

import { parseArgs } from "node:util";

export type Flag = keyof typeof FLAGS;
export type Values = ReturnType<typeof parsed>["values"];

const FLAGS = {
  cluster: { type: "string" },
  config: { type: "string" },
  deploy: { type: "string" },
  "dry-run": { type: "boolean", default: false },
  "every-tick": { type: "boolean", default: false },
  force: { type: "boolean", default: false },
  from: { type: "string" },
  group: { type: "string" },
  help: { type: "boolean", default: false },
  json: { type: "boolean", default: false },
  lenient: { type: "boolean", default: false },
  name: { type: "string" },
  once: { type: "boolean", default: false },
  port: { type: "string", default: "8000" },
  reason: { type: "string" },
  release: { type: "string" },
  scenario: { type: "string" },
  seconds: { type: "string" },
  seed: { type: "string", default: "1" },
  since: { type: "string" },
  sink: { type: "string" },
  test: { type: "boolean", default: false },
  "token-file": { type: "string" },
  trace: { type: "string" },
  until: { type: "string" },
  url: { type: "string" },
  version: { type: "boolean", default: false },
  wait: { type: "string", default: "60s" },
} as const;

export function parsed(args: readonly string[]) {
  return parseArgs({ args: [...args], allowPositionals: true, tokens: true, options: FLAGS });
}

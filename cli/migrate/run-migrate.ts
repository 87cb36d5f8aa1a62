/**
 * # tidemark migrate: another tool's configuration as ours
 *
 * YAML on standard output, headed by what has no place in it and by what is still to be done. No secret is repeated.
 */

import { readFileSync } from "node:fs";
import { parse } from "smol-toml";
import { stringify } from "yaml";
import { ConfigError, loadConfig } from "../../runtime/config/load.ts";
import { asError } from "../../runtime/error.ts";
import { Config } from "../config.ts";
import { migrateBurrow } from "./burrow-config.ts";

export const MIGRATE_VERBS = ["burrow"] as const;

/** Throws ConfigError where the file cannot be read, or has no cluster. */
export function migratedBurrow(file: string): string {
  const { config, remarks } = migrateBurrow(tomlOf(file));
  if (Object.keys(config["clusters"] ?? {}).length === 0) throw new ConfigError(file, ["there is no [cluster.NAME]"]);
  const text = stringify(config);
  const head = ["Made of the configuration of a Burrow by `tidemark migrate`.", ...remarks, ...problemsOf(text)];
  return `${head.map((line) => `# ${line}\n`).join("")}${text}`;
}

function tomlOf(file: string): Readonly<Record<string, unknown>> {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (caught) {
    const cause = asError(caught);
    const [line = ""] = cause.message.split("\n");
    throw new ConfigError(file, [`the file cannot be read: ${line}`], { cause });
  }
}

/** What a start would refuse, such as a broker without its port. */
function problemsOf(text: string): readonly string[] {
  try {
    loadConfig(Config, { source: "what is below", text, environment: {} });
    return [];
  } catch (caught) {
    if (!(caught instanceof ConfigError)) throw caught;
    return caught.message.split("\n");
  }
}

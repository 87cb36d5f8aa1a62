/**
 * # tidemark provision: what each store must have before a shipper writes to it
 *
 * One line per thing. Done, or as it has to be, for every sink: true.
 */

import type { ProvisionMode } from "../shipper/provision/line.ts";
import { isReady } from "../shipper/provision/line.ts";
import { provisionSink } from "../shipper/provision/provision.ts";
import type { Config } from "./config.ts";

export async function runProvision(
  { sinks }: Pick<Config, "sinks">,
  { say, ...mode }: ProvisionMode & { readonly say: (line: string) => void },
): Promise<boolean> {
  let ready = true;
  for (const [name, config] of Object.entries(sinks)) {
    const lines = await provisionSink(config, mode);
    ready &&= isReady(lines);
    if (lines.length === 0) say(`${name}: nothing to make\n`);
    for (const { kind, what, detail } of lines) say(`${name}: ${mode.dryRun ? DRY[kind] : kind} ${what}: ${detail}\n`);
  }
  return ready;
}

const DRY = { made: "to make", changed: "to change", kept: "kept", left: "left", failed: "failed" } as const;

/**
 * # tidemark deploy: remember where a group is, now
 */

import type { CollectorAsked } from "./collector-client.ts";
import { connectCollector } from "./collector-client.ts";

export interface DeployCommand extends CollectorAsked {
  readonly name: string;
  readonly version: string | undefined;
  readonly say: (text: string) => void;
}

export async function runDeploy({ name, version, say, ...asked }: DeployCommand, signal: AbortSignal): Promise<void> {
  const collector = await connectCollector(asked, signal);
  const { id, offsets, unknown } = await collector.record({ name, version });
  const left = unknown.length === 0 ? "" : `; of ${unknown.length} more none was known`;
  say(`deploy ${id} of ${asked.group}: committed offsets of ${offsets.length} partitions are kept${left}\n`);
}

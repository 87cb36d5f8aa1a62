/**
 * # tidemark offsets: a deploy's offsets for Kafka's own tool, and what they would mean
 *
 *     export   topic,partition,offset      a line each: what `kafka-consumer-groups.sh --reset-offsets --from-file` takes
 *     diff     a line for each partition that would move, and their sum
 *
 * A deploy is its id, its name (the newest that has it), or not given: the newest. Nothing here changes an offset.
 */

import type { DeployAnswer } from "../../collector/http/v4-answers.ts";
import type { CollectorAsked, CollectorClient } from "./collector-client.ts";
import { CollectorError, connectCollector } from "./collector-client.ts";
import type { Rollback, RollbackOfPartition } from "./rollback.ts";
import { rollbackTo } from "./rollback.ts";

export const OFFSETS_VERBS = ["diff", "export"] as const;

export interface OffsetsCommand extends CollectorAsked {
  readonly verb: (typeof OFFSETS_VERBS)[number];
  readonly deploy: string | undefined;
  readonly asJson: boolean;
  readonly say: (text: string) => void;
  readonly complain: (text: string) => void;
}

export async function runOffsets(command: OffsetsCommand, signal: AbortSignal): Promise<void> {
  const collector = await connectCollector(command, signal);
  const deploy = await chosen(collector, command);
  switch (command.verb) {
    case "export":
      return exportOf(deploy, command);
    case "diff": {
      const rollback = rollbackTo(deploy, await collector.group());
      return command.asJson ? command.say(`${JSON.stringify(rollback)}\n`) : sayDiff(deploy, rollback, command.say);
    }
  }
}

async function chosen(collector: CollectorClient, { deploy, group }: OffsetsCommand): Promise<DeployAnswer> {
  const all = await collector.deploys();
  const found =
    deploy === undefined ? all[0] : (all.find(({ id }) => id === deploy) ?? all.find(({ name }) => name === deploy));
  if (found !== undefined) return collector.deploy(found.id);
  const known = all
    .slice(0, NAMED_MAX)
    .map(({ id, name, version }) => `${id} (${name}${version === undefined ? "" : ` ${version}`})`);
  const which = deploy === undefined ? "deploy" : `deploy "${deploy}"`;
  throw new CollectorError(`no ${which} of "${group}" is kept; there are: ${known.join(", ") || "none"}`);
}

const NAMED_MAX = 5;

function exportOf({ offsets, unknown, name, id }: DeployAnswer, { say, complain }: OffsetsCommand): void {
  if (unknown.length > 0) {
    const named = unknown.slice(0, NAMED_MAX).map(({ topic, partition }) => `${topic}/${partition}`);
    const text = `${unknown.length} partitions had no known offset at the deploy, and are left out: ${named.join(", ")}`;
    complain(`tidemark: ${name} (${id}): ${text}\n`);
  }
  for (const { topic, partition, committed_offset } of offsets) say(`${topic},${partition},${committed_offset}\n`);
}

function sayDiff({ id, name, version, at }: DeployAnswer, rollback: Rollback, say: OffsetsCommand["say"]): void {
  const { partitions, untouched } = rollback;
  const which = version === undefined ? name : `${name} ${version}`;
  say(`back to ${which} of ${new Date(at).toISOString()} (${id})\n`);
  for (const one of partitions) if (one.then !== one.now) say(`${lineOf(one)}\n`);
  say(`in all: ${sumOf(partitions, "again")} read again, of them ${sumOf(partitions, "taken")} deleted by retention; `);
  say(`${sumOf(partitions, "skipped")} never read\n`);
  if (untouched.length > 0) say(`${untouched.length} partitions that the deploy does not have stay as they are\n`);
}

function lineOf({ topic, partition, then, now, again, taken, skipped, isBeyondEnd }: RollbackOfPartition): string {
  const move = `${topic} ${partition}: ${now ?? "unknown"} -> ${then}`;
  const said = [
    ...(again === undefined ? ["how many would be read again is not known"] : []),
    ...(again === undefined || again === 0 ? [] : [`${again} read again`]),
    ...(again === undefined || again === 0 ? [] : [takenOf(taken)]),
    ...(skipped === undefined || skipped === 0 ? [] : [`${skipped} never read`]),
    ...(isBeyondEnd ? ["beyond the end of the log: the topic was cut or made again"] : []),
  ];
  return `${move}, ${said.join(", ")}`;
}

function takenOf(taken: number | undefined): string {
  if (taken === undefined) return "how many of them retention deleted is not known";
  return taken === 0 ? "all of them still there" : `of them ${taken} deleted by retention`;
}

/** Of what is known; a word where something is not. */
function sumOf(partitions: readonly RollbackOfPartition[], what: "again" | "skipped" | "taken"): string {
  const unknown = partitions.filter((one) => one[what] === undefined).length;
  const sum = partitions.reduce((all, one) => all + (one[what] ?? 0), 0);
  return unknown === 0 ? String(sum) : `${sum} (${unknown} partitions not known)`;
}

/**
 * # What stands between us and a Burrow
 *
 * Asked once, by somebody who waits for it: does it answer, does it know the cluster, are its windows as long as ours, and is there a
 * group that its router does not reach.
 */

import type { z } from "zod";
import type { Finding } from "../../runtime/finding.ts";
import { fail, ok, warn } from "../../runtime/finding.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { ClusterConfig } from "../config.ts";
import { createCertificates } from "../security/certificates.ts";
import { ClustersAnswer, ConsumersAnswer, DetailAnswer, TopicsAnswer } from "./answers.ts";
import type { BurrowAnswer, BurrowClient } from "./burrow-client.ts";
import { createBurrowClient, segment } from "./burrow-client.ts";

export interface ExamineBurrowOptions {
  readonly cluster: string;
  readonly config: ClusterConfig;
  /** Commits of a window, as evaluated. */
  readonly intervals: number;
  readonly timeoutMs: number;
  readonly logger: Logger;
}

const NEVER = new AbortController().signal;

export async function examineBurrow(options: ExamineBurrowOptions): Promise<readonly Finding[]> {
  const { config, timeoutMs, logger } = options;
  const { burrow, tls } = config;
  if (burrow === undefined) return [];
  const certificates = tls === undefined ? undefined : createCertificates(tls, logger);
  await using client = createBurrowClient({ url: burrow.url, certificates, timeoutMs, atOnce: 1 });
  const clusters = read(await client.ask("/v3/kafka", NEVER), ClustersAnswer);
  if (typeof clusters === "string")
    return [fail("burrow", `${burrow.url} ${clusters}`, "`burrow.url` is the address of Burrow's httpserver")];
  const name = burrow.cluster ?? options.cluster.toLowerCase();
  if (!clusters.clusters.includes(name)) {
    const known = clusters.clusters.join(", ");
    return [fail("burrow", `it knows no cluster ${name}; it knows: ${known}`, "set `burrow.cluster` to one of these")];
  }
  return await ofCluster(client, { name, intervals: options.intervals });
}

async function ofCluster(
  client: BurrowClient,
  { name, intervals }: { readonly name: string; readonly intervals: number },
): Promise<readonly Finding[]> {
  const root = `/v3/kafka/${segment(name)}`;
  const topics = read(await client.ask(`${root}/topic`, NEVER), TopicsAnswer);
  const groups = read(await client.ask(`${root}/consumer`, NEVER), ConsumersAnswer);
  if (typeof topics === "string") return [fail("burrow", `its list of topics: ${topics}`, "look at Burrow's log")];
  if (typeof groups === "string") return [fail("burrow", `its list of groups: ${groups}`, "look at Burrow's log")];
  const { consumers } = groups;
  const findings = [ok("burrow", `cluster ${name}: ${consumers.length} groups, ${topics.topics.length} topics`)];
  const hidden = consumers.filter((group) => group.includes("/") || group === "." || group === "..");
  if (hidden.length > 0) {
    const what = `no route of Burrow leads to ${hidden.length} groups, such as ${JSON.stringify(hidden[0])}`;
    findings.push(warn("names", what, "nothing: they cannot be shown by this source"));
  }
  const cells = await cellsOf(client, { root, groups: consumers.filter((group) => !hidden.includes(group)) });
  if (cells !== undefined && cells !== intervals) {
    const what = `Burrow keeps ${cells} commits, evaluate.window is ${intervals}: verdicts will differ from its own`;
    findings.push(warn("window", what, `set evaluate.window to ${cells}`));
  }
  return findings;
}

/** Some group has a window that tells how long they are. */
const GROUPS_TRIED_MAX = 5;

async function cellsOf(
  client: BurrowClient,
  { root, groups }: { readonly root: string; readonly groups: readonly string[] },
): Promise<number | undefined> {
  for (const group of groups.slice(0, GROUPS_TRIED_MAX)) {
    const told = read(await client.ask(`${root}/consumer/${segment(group)}`, NEVER), DetailAnswer);
    if (typeof told === "string") continue;
    const cells = Math.max(0, ...[...told.topics.values()].flat().map((partition) => partition.cells));
    if (cells > 0) return cells;
  }
  return undefined;
}

/** What it says, or in words why that is nothing. */
function read<Schema extends z.ZodType>(answer: BurrowAnswer, schema: Schema): z.output<Schema> | string {
  switch (answer.kind) {
    case "answered": {
      const { success, data } = schema.safeParse(answer.body);
      return success ? data : "answers something else than a Burrow";
    }
    case "not-found":
    case "no-route":
      return "has no such route: it is no Burrow";
    case "refused":
    case "busy":
      return `answers ${answer.status}`;
    case "failed":
    case "unreachable":
      return `does not answer: ${answer.cause.message}`;
  }
}

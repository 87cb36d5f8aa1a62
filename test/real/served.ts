/**
 * # What the product serves, parsed
 *
 * `/v4` goes through the schemas of the contract, so an answer that breaks it fails here with the path of what is wrong.
 */

import { z } from "zod";
import { GroupEvaluation, GroupSummary } from "../../collector/model/evaluation.ts";
import { type Answer, CLUSTER, type Product } from "./product.ts";

const GroupsPage = z.object({
  at: z.int().optional(),
  groups: z.array(GroupSummary),
  next: z.string().nullish(),
});
const PAGES_MAX = 100;

/** A segment of a path: a name is percent-encoded once, dots that would be a step up included. */
export function segment(name: string): string {
  return /^\.+$/.test(name) ? name.replaceAll(".", "%2E") : encodeURIComponent(name);
}

export function json(answer: Answer): unknown {
  if (!answer.contentType.startsWith("application/json")) throw new Error(`not JSON: ${answer.contentType}`);
  return JSON.parse(answer.text);
}

/** All groups; undefined while the product does not answer 200. */
export async function servedSummaries(product: Product): Promise<readonly GroupSummary[] | undefined> {
  const groups: GroupSummary[] = [];
  let cursor: string | undefined;
  for (let page = 0; page < PAGES_MAX; page++) {
    const query = cursor === undefined ? "" : `?cursor=${encodeURIComponent(cursor)}`;
    const answer = await product.get(`/v4/clusters/${CLUSTER}/groups${query}`);
    if (answer.status !== 200) return undefined;
    const parsed = GroupsPage.parse(json(answer));
    groups.push(...parsed.groups);
    cursor = parsed.next ?? undefined;
    if (cursor === undefined) return groups;
  }
  throw new Error(`/v4 groups did not end within ${PAGES_MAX} pages`);
}

/** One group with its rows; undefined where the product does not answer 200. */
export async function servedGroup(product: Product, group: string): Promise<GroupEvaluation | undefined> {
  const answer = await product.get(`/v4/clusters/${CLUSTER}/groups/${segment(group)}`);
  return answer.status === 200 ? GroupEvaluation.parse(json(answer)) : undefined;
}

/** Every group of the list, with its rows. */
export async function servedGroups(product: Product): Promise<readonly GroupEvaluation[] | undefined> {
  const summaries = await servedSummaries(product);
  if (summaries === undefined) return undefined;
  const groups: GroupEvaluation[] = [];
  for (const { group } of summaries) {
    const one = await servedGroup(product, group);
    if (one !== undefined) groups.push(one);
  }
  return groups;
}

export interface FeedPage {
  readonly evaluations: readonly GroupEvaluation[];
  readonly cursor: string;
}

const FeedEnd = z.object({ cursor: z.string() });

/** Ticks after a cursor; the empty cursor means the oldest there is. */
export async function servedFeed(product: Product, cursor: string): Promise<FeedPage> {
  const answer = await product.get(`/v4/evaluations?after=${encodeURIComponent(cursor)}&wait=2`);
  if (answer.status !== 200) throw new Error(`the feed answers ${answer.status}: ${answer.text}`);
  const lines = answer.text.trimEnd().split("\n");
  const last: unknown = JSON.parse(lines.at(-1) ?? "");
  const evaluations = lines.slice(0, -1).map((line) => GroupEvaluation.parse(JSON.parse(line)));
  return { evaluations, cursor: FeedEnd.parse(last).cursor };
}

/**
 * # Groups by id: for names that no URL carries
 *
 *     id := the first 16 hex digits of the SHA-256 of the name in UTF-8
 *
 * A path that names a group takes `?id=` instead of its segment, whose text then says nothing: "/groups/-?id=…". Needed by an empty
 * name, by "." and ".." (URL parsers fold them away, percent-encoded, too), and by names that are longer than a URL may be.
 * Whoever knows the name can compute it: `printf %s NAME | sha256sum | cut -c1-16`.
 */

import { hash } from "node:crypto";
import { setImmediate as others } from "node:timers/promises";
import type { ClusterView } from "./cluster-view.ts";

const HEX_DIGITS = 16;
/** Names between two chances for others: a few milliseconds of work. */
const NAMES_PER_TURN = 2_000;

export function groupIdOf(group: string): string {
  return hash("sha256", group, "hex").slice(0, HEX_DIGITS);
}

export async function groupOfId(groups: readonly string[], id: string): Promise<string | undefined> {
  for (let first = 0; first < groups.length; first += NAMES_PER_TURN) {
    const found = groups.slice(first, first + NAMES_PER_TURN).find((group) => groupIdOf(group) === id);
    if (found !== undefined) return found;
    await others();
  }
  return undefined;
}

/** The group of a path, or the one whose id the query has instead; undefined where that is nobody's. */
export async function groupAsked(
  view: ClusterView,
  query: URLSearchParams,
  named: string,
): Promise<string | undefined> {
  const id = query.get("id");
  if (id === null) return named;
  return listedGroupOfId(view, id);
}

export async function listedGroupOfId(view: ClusterView, id: string): Promise<string | undefined> {
  const groups = (await view.summaries()).map(({ group }) => group);
  return groupOfId(groups, id);
}

/**
 * # Committed offsets of many groups, from their coordinator
 *
 * Many groups a request (KIP-709) where the broker can, else one; some requests at a time, and no more.
 */

import { ERROR_CODE } from "../protocol/errors.ts";
import type { FetchedGroup } from "../protocol/offset-fetch.ts";
import { MANY_GROUPS_SINCE_VERSION, offsetFetchApi } from "../protocol/offset-fetch.ts";
import type { CallOutcome, KafkaLink } from "./link.ts";

const GROUPS_PER_REQUEST = 100;
const REQUESTS_AT_ONCE = 2;

export interface GroupsAsked {
  readonly nodeId: number;
  readonly groups: readonly string[];
}

/** What the coordinator says of one group, an error or its offsets. */
export type TakeGroup = (group: string, fetched: FetchedGroup, sentAtMs: number) => void;

type NoAnswer = Exclude<CallOutcome<never>, { readonly kind: "answered" }>;

/** Resolves with what brought no answer: its groups, and the last of the reasons. */
export async function fetchOffsets(
  link: KafkaLink,
  { nodeId, groups }: GroupsAsked,
  take: TakeGroup,
): Promise<{ readonly unanswered: readonly string[]; readonly outcome: NoAnswer | undefined }> {
  const unanswered: string[] = [];
  let last: NoAnswer | undefined;
  const queue = chunksOf(groups, (await takesManyGroups(link, nodeId)) ? GROUPS_PER_REQUEST : 1).values();
  const worker = async (): Promise<void> => {
    for (const chunk of queue) {
      const outcome = await link.call(nodeId, offsetFetchApi, { groups: chunk });
      if (outcome.kind === "answered") takeChunk(chunk, outcome, take);
      else {
        unanswered.push(...chunk);
        last = outcome;
      }
    }
  };
  await Promise.all(Array.from({ length: REQUESTS_AT_ONCE }, worker));
  return { unanswered, outcome: last };
}

function takeChunk(
  chunk: readonly string[],
  { response, sentAtMs }: Extract<CallOutcome<{ readonly groups: readonly FetchedGroup[] }>, { kind: "answered" }>,
  take: TakeGroup,
): void {
  const asked = new Set(chunk);
  for (const fetched of response.groups) {
    const group = fetched.group ?? chunk[0] ?? "";
    // Each of those that were asked for, once.
    if (asked.delete(group)) take(group, fetched, sentAtMs);
  }
}

/** So does one that is not connected yet: what it speaks is seen then. */
export async function takesManyGroups(link: KafkaLink, nodeId: number): Promise<boolean> {
  const version = await link.versionOf(nodeId, offsetFetchApi);
  return version === undefined || version >= MANY_GROUPS_SINCE_VERSION;
}

/** Those that were answered without an error; an offset that is out of range is NaN. */
export function offsetsOf(fetched: FetchedGroup) {
  return fetched.offsets.flatMap(({ topic, partition, committedOffset, error }) =>
    error === ERROR_CODE.NONE
      ? [{ topic, partition, committedOffset: typeof committedOffset === "number" ? committedOffset : Number.NaN }]
      : [],
  );
}

function chunksOf<T>(items: readonly T[], size: number): readonly (readonly T[])[] {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size));
}

/**
 * # The verdicts of a `/v3`, ours or Burrow's
 *
 * One request for the list, and two for each group: `/lag`, and the detail with the windows that the verdict is made from. They are
 * not of one moment, so that a commit may lie between the two.
 */

import { z } from "zod";
import { BurrowGroupStatus, BurrowPartitionStatus } from "../../../collector/model/status.ts";
import { segment } from "../served.ts";

const REQUEST_TIMEOUT_MS = 10_000;
const AT_ONCE = 4;

const Sample = z.object({ offset: z.number(), timestamp: z.number(), lag: z.number().nullable() });
type Sample = z.output<typeof Sample>;

const List = z.object({ consumers: z.array(z.string()) });
const Status = z.object({
  status: z.object({
    status: BurrowGroupStatus,
    partitions: z.array(
      z.object({
        topic: z.string(),
        partition: z.int(),
        status: BurrowPartitionStatus,
        current_lag: z.number(),
        complete: z.number(),
      }),
    ),
  }),
});
const Detail = z.object({ topics: z.record(z.string(), z.array(z.object({ offsets: z.array(Sample.nullable()) }))) });

export interface PartitionVerdict {
  readonly status: BurrowPartitionStatus;
  readonly currentLag: number;
  readonly complete: number;
  /** Oldest commit first, without empty cells. */
  readonly window: readonly Sample[];
}

export interface GroupVerdict {
  readonly status: BurrowGroupStatus;
  /** By `topic/partition`. */
  readonly partitions: ReadonlyMap<string, PartitionVerdict>;
}

/** Of every group that is listed and found; undefined where there is no answer, as while it begins. */
export async function verdictsOf(
  base: string,
  cluster: string,
): Promise<ReadonlyMap<string, GroupVerdict> | undefined> {
  const root = `${base}/v3/kafka/${cluster}/consumer`;
  const list = await ask(root);
  if (list === undefined) return undefined;
  const waiting = List.parse(list).consumers.toSorted();
  const found = new Map<string, GroupVerdict>();
  const work = async () => {
    for (let group = waiting.pop(); group !== undefined; group = waiting.pop()) {
      const [detail, lag] = [await ask(`${root}/${segment(group)}`), await ask(`${root}/${segment(group)}/lag`)];
      if (detail !== undefined && lag !== undefined) found.set(group, verdictOf(lag, detail));
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return found;
}

function verdictOf(lag: unknown, detail: unknown): GroupVerdict {
  const { status, partitions } = Status.parse(lag).status;
  const { topics } = Detail.parse(detail);
  const judged = partitions.map(({ topic, partition, status: is, current_lag: currentLag, complete }) => {
    const cells = topics[topic]?.[partition]?.offsets ?? [];
    const window = cells.flatMap((cell) => cell ?? []);
    return [`${topic}/${partition}`, { status: is, currentLag, complete, window }] as const;
  });
  return { status, partitions: new Map(judged) };
}

/** Undefined: not found, or not ready. */
async function ask(url: string): Promise<unknown> {
  const response = await fetch(url, { signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS) });
  if (response.status === 200) return response.json();
  await response.arrayBuffer();
  if (response.status === 404 || response.status === 503) return undefined;
  throw new Error(`${url} answers ${response.status}`);
}

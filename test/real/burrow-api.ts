/**
 * # `/v3`, read as a Burrow client reads it
 *
 * The shapes are those of core/protocol and core/internal/httpserver of linkedin/Burrow v1.9.5; strict objects, because its
 * clients decode field by field and one more or one less is a change to them.
 */

import { z } from "zod";
import { BurrowGroupStatus, BurrowPartitionStatus } from "../../collector/model/status.ts";
import type { DescribedPartition } from "./kafka/describe.ts";
import { CLUSTER, type Product } from "./product.ts";
import { json, segment } from "./served.ts";

const Request = z.strictObject({ url: z.string(), host: z.string() });
const Slot = z.strictObject({
  offset: z.int(),
  timestamp: z.int(),
  observedAt: z.int(),
  lag: z.int().nonnegative().nullable(),
});

const ConsumerList = z.strictObject({
  error: z.literal(false),
  message: z.literal("consumer list returned"),
  consumers: z.array(z.string()),
  request: Request,
});

const DetailPartitions = z.array(
  z.strictObject({
    offsets: z.array(Slot.nullable()),
    owner: z.string(),
    client_id: z.string(),
    "current-lag": z.int().nonnegative(),
  }),
);

const ConsumerDetail = z.strictObject({
  error: z.literal(false),
  message: z.literal("consumer detail returned"),
  // Not a record: zod leaves out a key `__proto__`, and that is a legal topic name.
  topics: z
    .custom<object>((value) => typeof value === "object" && value !== null)
    .transform((topics) => new Map(Object.entries(topics).map(([name, list]) => [name, DetailPartitions.parse(list)]))),
  request: Request,
});

const Partition = z.strictObject({
  topic: z.string(),
  partition: z.int().nonnegative(),
  owner: z.string(),
  client_id: z.string(),
  status: BurrowPartitionStatus,
  start: Slot.nullable(),
  end: Slot.nullable(),
  current_lag: z.int().nonnegative(),
  complete: z.number().min(0).max(1),
});

const ConsumerStatus = z.strictObject({
  error: z.literal(false),
  message: z.literal("consumer status returned"),
  status: z.strictObject({
    cluster: z.literal(CLUSTER),
    group: z.string(),
    status: BurrowGroupStatus,
    complete: z.number(),
    partitions: z.array(Partition),
    partition_count: z.int(),
    maxlag: Partition.nullable(),
    totallag: z.int().nonnegative(),
  }),
  request: Request,
});

export async function burrowConsumers(product: Product): Promise<readonly string[]> {
  return ConsumerList.parse(json(await product.get(`/v3/kafka/${CLUSTER}/consumer`))).consumers;
}

/** Lags and committed offsets of every group of the oracle, from the three routes of a group; empty means equal. */
export async function burrowDifferences(
  product: Product,
  rows: readonly DescribedPartition[],
): Promise<readonly string[]> {
  const found: string[] = [];
  for (const [group, own] of Map.groupBy(rows, (row) => row.group)) {
    found.push(...(await groupDifferences(product, group, own)).map((difference) => `${group}: ${difference}`));
  }
  return found;
}

async function groupDifferences(
  product: Product,
  group: string,
  rows: readonly DescribedPartition[],
): Promise<readonly string[]> {
  const path = `/v3/kafka/${CLUSTER}/consumer/${segment(group)}`;
  const lag = ConsumerStatus.parse(json(await product.get(`${path}/lag`))).status;
  const status = ConsumerStatus.parse(json(await product.get(`${path}/status`))).status;
  const { topics } = ConsumerDetail.parse(json(await product.get(path)));
  const total = rows.reduce((sum, row) => sum + (row.lag ?? 0), 0);
  return [
    ...differ("group", lag.group, group),
    ...differ("totallag", lag.totallag, total),
    ...differ("totallag of /status", status.totallag, total),
    ...differ("partition_count", lag.partition_count, lag.partitions.length),
    ...differ("status of both routes", status.status, lag.status),
    ...differ(
      "partitions of /status",
      status.partitions.length,
      lag.partitions.filter((p) => p.status !== "OK").length,
    ),
    ...rows.flatMap((row) => rowDifferences(row, { partitions: lag.partitions, topics })),
  ];
}

interface Group {
  readonly partitions: readonly z.output<typeof Partition>[];
  readonly topics: z.output<typeof ConsumerDetail>["topics"];
}

function rowDifferences(row: DescribedPartition, { partitions, topics }: Group): readonly string[] {
  const own = partitions.find(({ topic, partition }) => topic === row.topic && partition === row.partition);
  const detail = topics.get(row.topic)?.[row.partition];
  const place = `${row.topic}/${row.partition}`;
  return [
    ...differ(`${place} current_lag`, own?.current_lag, row.lag ?? 0),
    ...differ(`${place} current-lag`, detail?.["current-lag"], row.lag ?? 0),
    ...differ(`${place} newest offset`, detail?.offsets.at(-1)?.offset, row.currentOffset),
  ];
}

function differ(name: string, is: unknown, want: unknown): readonly string[] {
  return is === want ? [] : [`${name} is ${is}, not ${want}`];
}

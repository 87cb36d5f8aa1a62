/**
 * # A deploy: where a group was when somebody changed what reads
 *
 * The committed offset of each partition at one moment, under a name. It is what a rollback goes back to.
 */

import { z } from "zod";
import { PartitionStatus } from "./status.ts";

const TEXT_CHARS_MAX = 200;
const count = z.int().nonnegative();

/** What is told of a deploy. */
export const DeployName = z.strictObject({
  name: z.string().min(1).max(TEXT_CHARS_MAX),
  version: z.string().min(1).max(TEXT_CHARS_MAX).optional(),
});
export type DeployName = z.output<typeof DeployName>;

export const DeployOffset = z.object({ topic: z.string(), partition: count, committed_offset: count }).readonly();
export type DeployOffset = z.output<typeof DeployOffset>;

export const Deploy = z
  .object({
    cluster: z.string(),
    group: z.string(),
    ...DeployName.shape,
    /** Epoch ms; no two of a group have the same. */
    at: count,
    /** By topic, then partition. */
    offsets: z.array(DeployOffset).readonly(),
    /** Partitions of the group whose committed offset was not known, or that had none, with the status they had. */
    unknown: z.array(z.object({ topic: z.string(), partition: count, status: PartitionStatus }).readonly()).readonly(),
  })
  .readonly();
export type Deploy = z.output<typeof Deploy>;

/** What the feed tells of a deploy; its offsets stay with the collector. */
export const DeployTold = z
  .object({
    cluster: z.string(),
    group: z.string(),
    ...DeployName.shape,
    at: count,
    /** Partitions whose offset is kept. */
    partitions: count,
  })
  .readonly();
export type DeployTold = z.output<typeof DeployTold>;

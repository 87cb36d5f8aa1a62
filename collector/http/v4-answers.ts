/**
 * # What /v4 answers, as schemas
 *
 * The answers are of these shapes, docs/openapi.json is made from them, and clients of ours read by them.
 */

import { z } from "zod";
import { Deploy } from "../model/deploy.ts";
import { GroupEvaluation, GroupSummary } from "../model/evaluation.ts";

const epochMs = z.int().nonnegative();

export const Problem = z.object({ error: z.literal(true), message: z.string() });

export const ClusterAnswer = z.object({
  cluster: z.string(),
  /** What its numbers are worth right now. */
  condition: z.enum(["ok", "warming", "stale", "unreachable"]),
  /** Where it is warming: from 0 to 1. */
  progress: z.number().min(0).max(1).optional(),
  reason: z.string().optional(),
  /** Grid time of the last tick; absent before the first. */
  at: epochMs.optional(),
  /** Left out by the configuration, as of the newest listing; absent where none is. */
  groups_excluded: z.int().positive().optional(),
  topics_excluded: z.int().positive().optional(),
});
export const ClustersAnswer = z.object({ clusters: z.array(ClusterAnswer) });

export const GroupsAnswer = z.object({
  at: epochMs,
  groups: z.array(GroupSummary),
  /** The cursor of the next page; absent on the last. */
  next: z.string().optional(),
});

export const GroupAnswer = z.object({
  ...GroupEvaluation.unwrap().shape,
  /** The cursor of the next partitions; absent where these are the last. */
  next: z.string().optional(),
});

/** The last line of the feed. */
export const CursorLine = z.object({ cursor: z.string().max(4_096) });

/** The cursor is older than what is kept: go on from `oldest`. */
export const GoneAnswer = z.object({ oldest: z.string().max(4_096), ticks_gone: z.int().nonnegative() });

export const ListedDeploy = z.object({
  id: z.string(),
  name: z.string(),
  version: z.string().optional(),
  at: epochMs,
  /** Partitions whose offset is kept, and those of which none was known. */
  partitions: z.int().nonnegative(),
  unknown: z.int().nonnegative(),
});
export type ListedDeploy = z.output<typeof ListedDeploy>;
export const DeploysAnswer = z.object({ deploys: z.array(ListedDeploy) });

export const DeployAnswer = z.object({ id: z.string(), ...Deploy.unwrap().shape });
export type DeployAnswer = z.output<typeof DeployAnswer>;

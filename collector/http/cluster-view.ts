/**
 * # A cluster as the interfaces see it
 *
 * State and verdicts, snapshots of them, and a word on what they are worth right now.
 */

import { setImmediate as others } from "node:timers/promises";
import type { BurrowJudge } from "../evaluate/burrow.ts";
import type { Verdicts } from "../evaluate/judge.ts";
import type { ObjectiveMsOf } from "../evaluate/objectives.ts";
import { isLiveGroup, liveGroupNames, sliced, takeSnapshot } from "../evaluate/snapshot.ts";
import type { GroupSummary } from "../model/evaluation.ts";
import type { Replication } from "../model/replication.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { ClusterState } from "../window/cluster-state.ts";

/** Rows of one slice: some milliseconds of work. */
const SLICE_ROWS = 10_000;

/** What the source knows of its reach; the words are for people. */
export type Reach =
  | { readonly kind: "starting" }
  | { readonly kind: "reachable" }
  | { readonly kind: "unreachable" | "refused"; readonly reason: string; readonly sinceMs: number };

export type Condition =
  | { readonly kind: "ok" }
  /** Not all of the offsets topic that verdicts need is read; `progress` from 0 to 1. */
  | { readonly kind: "warming"; readonly progress: number; readonly reason: string }
  /** Some partitions of the offsets topic do not answer: their groups are stale. */
  | { readonly kind: "stale"; readonly reason: string }
  | { readonly kind: "unreachable"; readonly reason: string; readonly sinceMs: number };

export interface ClusterViewOptions {
  readonly state: ClusterState;
  readonly verdicts: Verdicts;
  readonly judge: BurrowJudge;
  readonly reach: () => Reach;
  readonly nowMs: () => number;
  /** How this cluster is described under /v3, as Burrow describes its configuration. */
  readonly servers: readonly string[];
  readonly offsetRefreshMs: number;
  readonly objectiveMsOf?: ObjectiveMsOf;
  /** Brokers and replicas, where the source keeps them. */
  readonly replication?: () => Replication | undefined;
  /** How many groups and topics the configuration leaves out, as of the newest lists. */
  readonly excluded?: () => { readonly groups: number; readonly topics: number };
}

export interface ClusterView extends ClusterViewOptions {
  readonly cluster: string;
  /** All groups at once: in a large cluster that holds up everybody else. */
  snapshot(): Snapshot;
  /** All groups in parts, so that others may run in between, and then newer numbers follow. */
  slices(): Iterable<Snapshot>;
  /** All groups without their rows, sorted by name; the same while nothing has changed. Others run in between. */
  summaries(): Promise<readonly GroupSummary[]>;
  /** One group; undefined where it is not known. */
  snapshotOf(group: string): Snapshot | undefined;
  condition(): Condition;
  /** The strict rules have read all that the offsets topic holds: what they do not know, does not exist. */
  isStrictComplete(): boolean;
}

export function createClusterView(options: ClusterViewOptions): ClusterView {
  const { state, verdicts, judge, nowMs } = options;
  const { allowedLag } = judge.rules;
  let listed: { readonly changes: number; readonly groups: Promise<readonly GroupSummary[]> } | undefined;
  const more = options.objectiveMsOf === undefined ? {} : { objectiveMsOf: options.objectiveMsOf };
  const take = (groups: readonly string[]): Snapshot =>
    takeSnapshot({ state, verdicts, nowMs: nowMs(), allowedLag, ...more }, groups);
  const slices = function* (): Generator<Snapshot> {
    for (const groups of sliced(state, liveGroupNames(state), SLICE_ROWS)) {
      // One that went away meanwhile would be shown without partitions.
      yield take(groups.filter((group) => isLiveGroup(state, group)));
    }
  };
  return {
    ...options,
    // They may change.
    get servers() {
      return options.servers;
    },
    cluster: state.cluster,
    snapshot: () => take(liveGroupNames(state)),
    slices,
    summaries: () => {
      if (listed?.changes !== state.changes()) listed = { changes: state.changes(), groups: summariesOf(slices()) };
      return listed.groups;
    },
    snapshotOf: (group) => {
      const isKnown = state.groups.get(group) !== undefined || state.table.groups.find(group) !== undefined;
      const snapshot = isKnown ? take([group]) : undefined;
      const isShown = (snapshot?.rows.count ?? 0) > 0 || (snapshot?.groups[0]?.members ?? 0) > 0;
      return isShown ? snapshot : undefined;
    },
    condition: () => conditionOf(options),
    isStrictComplete: () => options.reach().kind !== "starting" && state.logs.summary().backfilled,
  };
}

async function summariesOf(slices: Iterable<Snapshot>): Promise<readonly GroupSummary[]> {
  const groups: GroupSummary[] = [];
  for (const slice of slices) {
    groups.push(...slice.groups);
    await others();
  }
  return groups;
}

function conditionOf({ state, reach, verdicts }: ClusterViewOptions): Condition {
  const now = reach();
  const log = state.logs.summary();
  const of = state.logs.isPolled() ? "coordinators" : "partitions of the offsets topic";
  switch (now.kind) {
    case "starting":
      return { kind: "warming", progress: 0, reason: "not connected yet" };
    case "unreachable":
    case "refused":
      return { kind: "unreachable", reason: now.reason, sinceMs: now.sinceMs };
    case "reachable":
      if (log.refused > 0 && log.refused === log.unavailable && !state.logs.isPolled())
        return { kind: "stale", reason: "we may not read the offsets topic; `source: polling` does without it" };
      if (log.unavailable > 0)
        return { kind: "stale", reason: `${log.unavailable} of ${log.partitions} ${of} do not answer` };
      if (log.replayed < log.partitions) {
        return {
          kind: "warming",
          progress: log.progress,
          reason: `${log.replayed} of ${log.partitions} ${of} are ${state.logs.isPolled() ? "polled often enough" : "replayed"}`,
        };
      }
      return verdicts.at() === 0 ? { kind: "warming", progress: 1, reason: "the first tick is due" } : { kind: "ok" };
  }
}

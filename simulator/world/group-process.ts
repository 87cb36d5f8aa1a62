/**
 * # A group: members read what they are assigned, as fast as they can, and commit
 *
 * A member reads when it commits: what came since the last time, up to its capacity, shared over its partitions by what waits
 * in each. Below the log start it goes on from there; the records between are lost. Who commits in transactions reads only
 * what is stable.
 */

import type { Cluster, MemberSpec } from "../cluster/cluster.ts";
import type { WorldEvents } from "./events.ts";
import type { Random } from "./random.ts";
import { about } from "./random.ts";
import type { Schedule } from "./schedule.ts";
import type { GroupSpec } from "./specs.ts";

export interface Held {
  readonly topic: string;
  readonly partition: number;
  /** Next offset to read. */
  position: number;
  /** As committed last; undefined before the first commit. */
  committed: number | undefined;
  /** Its records cannot be processed: the position stays. */
  isStuck: boolean;
}

export interface GroupProcess {
  readonly spec: GroupSpec;
  /** Capacity is this many times what the spec says. */
  factor: number;
  /** Its members read on, but do not commit. */
  isSilent: boolean;
  /** It has no members, or does not run. */
  isStopped: boolean;
  readonly held: () => readonly Held[];
  /** Records read, and records that retention took before they were read. */
  readonly consumed: () => { readonly read: number; readonly lost: number };
  /** Members leave and join until they are as many as given; a generation passes. */
  rebalance(nowMs: number, members: number): void;
  /** Partitions as they are now. What a topic no longer has is given up. */
  reassign(nowMs: number): void;
  stop(nowMs: number): void;
  start(nowMs: number): void;
  /** Moves positions; the next commit says so. */
  seek(to: (held: Held) => number): void;
  /** When each member read last, it left nothing. */
  isCaughtUp(): boolean;
}

export interface GroupProcessOptions {
  readonly spec: GroupSpec;
  readonly cluster: Cluster;
  readonly schedule: Schedule;
  readonly random: Random;
  readonly events: WorldEvents;
  readonly startMs: number;
  readonly pace: () => number;
  /** Of its first member's transactions; the others count on from it. */
  readonly producerId: number;
}

const COMMIT_NOISE = 0.1;
const CAPACITY_NOISE = 0.15;
const REBALANCE_MS = 400;
/** A member that died is given up after this long. */
const SESSION_MS = 6_000;

/** What its members share. */
interface Membership {
  held: Held[];
  members: number;
  /** By member, also those that have left. */
  lastReadMs: number[];
  /** Members that left nothing when they read last. */
  readonly upToDate: Set<number>;
  /** Rebalances that have begun and not ended. */
  rebalancing: number;
}

export function createGroupProcess(options: GroupProcessOptions): GroupProcess {
  const { spec, cluster, schedule, random, startMs } = options;
  const state: Membership = { held: [], members: 0, lastReadMs: [], upToDate: new Set(), rebalancing: 0 };
  let [read, lost] = [0, 0];
  const begin = (nowMs: number): void => beginRebalance(options, { state, group, nowMs });
  const commit = (member: number, nowMs: number): void => {
    const elapsedMs = nowMs - (state.lastReadMs[member] ?? nowMs);
    state.lastReadMs[member] = nowMs;
    if (group.isStopped || member >= state.members || state.rebalancing > 0) return;
    const budget = about(spec.capacityPerSecond * group.factor, CAPACITY_NOISE, random) * (elapsedMs / 1_000);
    const mine = ofMember(state, member);
    const taken = take(options, { mine, budget, nowMs });
    read += taken.read;
    lost += taken.lost;
    if (taken.left > 0) state.upToDate.delete(member);
    else state.upToDate.add(member);
    if (group.isSilent || mine.length === 0) return;
    commitAll(options, { mine, producerId: options.producerId + member, nowMs });
  };
  const run = (member: number, nowMs: number): void => {
    state.lastReadMs[member] = nowMs;
    const everyMs = (): number => about(spec.commitEveryMs * options.pace(), COMMIT_NOISE, random);
    schedule.repeat(nowMs + random() * spec.commitEveryMs, everyMs, (dueMs) => commit(member, dueMs));
  };
  const group: GroupProcess = {
    spec,
    factor: 1,
    isSilent: false,
    isStopped: false,
    held: () => state.held,
    consumed: () => ({ read, lost }),
    rebalance: (nowMs, to) => {
      for (let member = state.lastReadMs.length; member < to; member += 1) run(member, nowMs);
      state.members = to;
      begin(nowMs);
    },
    reassign: (nowMs) => {
      state.held = heldNow(spec, cluster, state.held);
      if (!group.isStopped) begin(nowMs);
    },
    stop: (nowMs) => {
      group.isStopped = true;
      schedule.at(nowMs + SESSION_MS, (dueMs) => void (group.isStopped && begin(dueMs)));
    },
    start: (nowMs) => {
      group.isStopped = false;
      state.lastReadMs = state.lastReadMs.map(() => nowMs);
      begin(nowMs);
    },
    seek: (to) => {
      for (const one of state.held) one.position = to(one);
    },
    isCaughtUp: () => state.lastReadMs.every((_, member) => member >= state.members || state.upToDate.has(member)),
  };
  schedule.at(startMs, (nowMs) => {
    state.held = heldNow(spec, cluster, []);
    group.rebalance(nowMs, spec.members);
  });
  return group;
}

/** Round robin over all partitions. */
function ofMember({ held, members }: Membership, member: number): readonly Held[] {
  return held.filter((_, index) => index % members === member);
}

interface Rebalance {
  readonly state: Membership;
  readonly group: GroupProcess;
  readonly nowMs: number;
}

/** Nobody commits until it is complete; one that begins meanwhile makes it last longer. */
function beginRebalance(options: GroupProcessOptions, { state, group, nowMs }: Rebalance): void {
  const { spec, cluster, schedule, events } = options;
  state.rebalancing += 1;
  if (spec.kind !== "simple" && cluster.group(spec.group) !== undefined) cluster.rebalancing(spec.group);
  schedule.at(nowMs + REBALANCE_MS, (dueMs) => {
    state.rebalancing -= 1;
    if (state.rebalancing > 0 || spec.kind === "simple") return;
    const alive = group.isStopped ? 0 : state.members;
    // Deleted meanwhile: nobody is left who could bring it back.
    if (alive === 0 && cluster.group(spec.group) === undefined) return;
    const members = Array.from({ length: alive }, (_, member) => memberOf(spec, member, ofMember(state, member)));
    cluster.rebalanced(spec.group, { type: spec.kind, members }, dueMs);
    events.group(spec.group, dueMs);
  });
}

/** All partitions of its topics; those it had keep their position, a new one begins at the end. */
function heldNow({ topics }: GroupSpec, cluster: Cluster, before: readonly Held[]): Held[] {
  return topics.flatMap((topic) => {
    const partitions = cluster.topic(topic)?.partitions ?? 0;
    return Array.from({ length: partitions }, (_, partition): Held => {
      const known = before.find((one) => one.topic === topic && one.partition === partition);
      const position = cluster.partition(topic, partition)?.endOffset ?? 0;
      return known ?? { topic, partition, position, committed: undefined, isStuck: false };
    });
  });
}

function memberOf(spec: GroupSpec, member: number, held: readonly Held[]): MemberSpec {
  const name = `${spec.clientId}-${member + 1}`;
  const byTopic = Map.groupBy(held, ({ topic }) => topic);
  return {
    memberId: `${name}-${(0x1000 + member * 0x111).toString(16)}`,
    instanceId: spec.isStatic ? name : undefined,
    clientId: name,
    clientHost: `/10.1.${member >> 8}.${(member & 255) + 1}`,
    partitions: [...byTopic].map(([topic, rows]) => ({ topic, partitions: rows.map(({ partition }) => partition) })),
  };
}

/** End of what a member may read now. */
function readableEnd({ spec, cluster }: GroupProcessOptions, { topic, partition }: Held, nowMs: number): number {
  const view = cluster.partition(topic, partition);
  if (view === undefined) return 0;
  const end = spec.isTransactional ? view.lastStableOffset : view.endOffset;
  if (spec.delayMs === 0) return end;
  return Math.min(end, cluster.offsetForTime(topic, partition, nowMs - spec.delayMs)?.offset ?? end);
}

interface Taking {
  readonly mine: readonly Held[];
  readonly budget: number;
  readonly nowMs: number;
}

/** Moves positions; answers with what was read, what was gone before it could be, and what is left. */
function take(options: GroupProcessOptions, { mine, budget, nowMs }: Taking) {
  let [read, lost] = [0, 0];
  for (const one of mine) {
    const startOffset = options.cluster.partition(one.topic, one.partition)?.startOffset ?? 0;
    if (one.position >= startOffset) continue;
    lost += startOffset - one.position;
    one.position = startOffset;
  }
  const waiting = mine.map((one) => Math.max(0, readableEnd(options, one, nowMs) - one.position));
  const wanted = waiting.map((records, index) => (mine[index]?.isStuck ? 0 : records));
  const sum = wanted.reduce((total, records) => total + records, 0);
  const share = sum <= budget ? 1 : budget / sum;
  for (const [index, one] of mine.entries()) {
    const records = Math.floor((wanted[index] ?? 0) * share);
    one.position += records;
    read += records;
  }
  return { read, lost, left: waiting.reduce((total, records) => total + records, 0) - read };
}

/** How long a transaction that commits offsets stays open when all is well. */
const TRANSACTION_MS = 20;

interface Committing {
  readonly mine: readonly Held[];
  readonly producerId: number;
  readonly nowMs: number;
}

function commitAll(options: GroupProcessOptions, { mine, producerId, nowMs }: Committing): void {
  const { spec, cluster, schedule, events } = options;
  const offsets = mine.map(({ topic, partition, position }) => ({ topic, partition, committedOffset: position }));
  for (const one of mine) one.committed = one.position;
  const said = { group: spec.group, offsets, atMs: nowMs };
  if (!spec.isTransactional) {
    events.commit({ ...said, order: cluster.commit(said) }, nowMs);
    return;
  }
  const order = cluster.commit({ ...said, producerId });
  schedule.at(nowMs + TRANSACTION_MS, (dueMs) => {
    cluster.endOffsetsTransaction(producerId, "commit", dueMs);
    events.commit({ ...said, order }, dueMs);
  });
}

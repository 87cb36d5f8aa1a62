/**
 * # Faults: what can be done to a world
 *
 * Each begins, and says how it is undone; one that is undone at once has nothing to undo. `amount` and `name` mean what the
 * sentence says. A cause is given where a group is in a condition while the fault lasts.
 */

import type { Cause } from "../trace/line.ts";
import type { GroupProcess } from "./group-process.ts";
import type { FaultSpec, Retention } from "./specs.ts";
import { TOPIC_FAULTS } from "./topic-faults.ts";
import type { TopicProcess } from "./topic-process.ts";
import type { WorldParts } from "./world-parts.ts";

export interface Fault {
  readonly sentence: string;
  readonly needs: "group" | "topic";
  readonly cause: Cause | undefined;
  /** Answers with the way back. */
  begin(parts: WorldParts, spec: FaultSpec, nowMs: number): (nowMs: number) => void;
}

const nothing = (): void => {};

function onGroup(begin: (group: GroupProcess, amount: number, nowMs: number) => (nowMs: number) => void) {
  return (parts: WorldParts, spec: FaultSpec, nowMs: number) =>
    begin(parts.group(spec.group ?? ""), spec.amount ?? Number.NaN, nowMs);
}

function onTopic(begin: (topic: TopicProcess, amount: number) => () => void) {
  return (parts: WorldParts, spec: FaultSpec) => begin(parts.topic(spec.topic ?? ""), spec.amount ?? Number.NaN);
}

/** A value, unless it was not given. */
function or(value: number, otherwise: number): number {
  return Number.isNaN(value) ? otherwise : value;
}

export const WORLD_FAULTS: ReadonlyMap<string, Fault> = new Map<string, Fault>([
  [
    "producer-burst",
    {
      sentence: "A topic gets `amount` times as many records; the group that is named cannot follow.",
      needs: "topic",
      cause: "producer-surge",
      begin: onTopic((topic, amount) => {
        const before = topic.factor;
        topic.factor = before * or(amount, 5);
        return () => {
          topic.factor = before;
        };
      }),
    },
  ],
  ["slow-consumer", slowed("The group's members do `amount` of what they can.", "slow-consumer")],
  ["under-capacity", slowed("The same, because they are too few.", "under-capacity")],
  [
    "stop-group",
    {
      sentence: "All members of the group end.",
      needs: "group",
      cause: "stopped",
      begin: onGroup((group, _, nowMs) => {
        group.stop(nowMs);
        return (endMs) => group.start(endMs);
      }),
    },
  ],
  [
    "stop-committing",
    {
      sentence: "The group's members read on, and commit nothing.",
      needs: "group",
      cause: "not-committing",
      begin: onGroup((group) => {
        group.isSilent = true;
        return () => {
          group.isSilent = false;
        };
      }),
    },
  ],
  [
    "stuck-partition",
    {
      sentence: "One partition's records cannot be processed: its offset is committed again and again.",
      needs: "group",
      cause: "stuck-partition",
      begin: (parts, { group, topic, partition }) => {
        const held = parts.group(group ?? "").held();
        const isNamed = (one: (typeof held)[number]) => one.topic === topic && one.partition === partition;
        const stuck = held.filter((one, index) => (topic === undefined ? index === 0 : isNamed(one)));
        for (const one of stuck) one.isStuck = true;
        return () => {
          for (const one of stuck) one.isStuck = false;
        };
      },
    },
  ],
  [
    "rewind",
    {
      sentence: "Offsets are set back by `amount` records, as far as there are so many.",
      needs: "group",
      cause: "rewind",
      begin: (parts, spec) => {
        parts.group(spec.group ?? "").seek((one) => {
          const startOffset = parts.cluster.partition(one.topic, one.partition)?.startOffset ?? 0;
          return Math.max(startOffset, one.position - (spec.amount ?? 1_000));
        });
        return nothing;
      },
    },
  ],
  [
    "skip-ahead",
    {
      sentence: "Offsets are set to the end: what waited is never read.",
      needs: "group",
      cause: "skipped-ahead",
      begin: (parts, spec) => {
        parts
          .group(spec.group ?? "")
          .seek((one) => parts.cluster.partition(one.topic, one.partition)?.endOffset ?? one.position);
        return nothing;
      },
    },
  ],
  [
    "rebalance-storm",
    {
      sentence: "The group rebalances every `amount` ms.",
      needs: "group",
      cause: "rebalance-storm",
      begin: (parts, spec, nowMs) => {
        const group = parts.group(spec.group ?? "");
        let isOver = false;
        const again = (dueMs: number): void => {
          if (isOver) return;
          group.rebalance(dueMs, group.spec.members);
          parts.schedule.at(dueMs + (spec.amount ?? 4_000), again);
        };
        again(nowMs);
        return () => {
          isOver = true;
        };
      },
    },
  ],
  [
    "deploy",
    {
      sentence: "The group's members are replaced one after the other; `name` is the deploy's.",
      needs: "group",
      cause: "rolling-deploy",
      begin: (parts, spec, nowMs) => {
        const group = parts.group(spec.group ?? "");
        const { members } = group.spec;
        parts.events.deploy(group.spec.group, spec.name ?? "deploy", nowMs);
        for (let member = 0; member < members; member += 1) {
          const atMs = nowMs + member * 2 * DEPLOY_STEP_MS;
          parts.schedule.at(atMs, (dueMs) => group.rebalance(dueMs, Math.max(1, members - 1)));
          parts.schedule.at(atMs + DEPLOY_STEP_MS, (dueMs) => group.rebalance(dueMs, members));
        }
        return nothing;
      },
    },
  ],
  [
    "hanging-transaction",
    {
      sentence: "A producer that is gone leaves a transaction open, with an offset of the group in it.",
      needs: "group",
      cause: "hanging-transaction",
      begin: (parts, spec, nowMs) => {
        const [held] = parts.group(spec.group ?? "").held();
        if (held === undefined) return nothing;
        const { topic, partition, position: committedOffset } = held;
        const producerId = parts.producerId();
        const offsets = [{ topic, partition, committedOffset }];
        parts.cluster.commit({ group: spec.group ?? "", offsets, atMs: nowMs, producerId });
        return (endMs) => parts.cluster.endOffsetsTransaction(producerId, "abort", endMs);
      },
    },
  ],
  [
    "open-transaction",
    {
      sentence: "A producer that is gone leaves a transaction open on one partition of the topic.",
      needs: "topic",
      cause: "hanging-transaction",
      begin: (parts, { topic = "", partition = 0 }) => {
        const producerId = parts.producerId();
        const { cluster } = parts;
        const id = cluster.topic(topic)?.id;
        cluster.beginTransaction(topic, partition, producerId);
        return (endMs) => {
          // It ended with the topic, where that was made anew.
          if (cluster.topic(topic)?.id === id) cluster.endTransaction(topic, partition, producerId, "abort", endMs);
        };
      },
    },
  ],
  [
    "short-retention",
    {
      sentence: "The topic's retention.ms becomes `amount`: the log start comes near to those who are behind.",
      needs: "topic",
      cause: "data-loss-near",
      begin: (parts, { topic: name = "", amount = 60_000 }, nowMs) => {
        const topic = parts.topic(name);
        const before = topic.retention;
        setRetention(parts, topic, { ...before, retentionMs: amount });
        parts.events.topic(name, nowMs);
        return (endMs) => {
          setRetention(parts, topic, before);
          parts.events.topic(name, endMs);
        };
      },
    },
  ],
  ...TOPIC_FAULTS,
]);

const DEPLOY_STEP_MS = 1_500;

function slowed(sentence: string, cause: Cause): Fault {
  return {
    sentence,
    needs: "group",
    cause,
    begin: onGroup((group, amount) => {
      const before = group.factor;
      group.factor = before * or(amount, 0.3);
      return () => {
        group.factor = before;
      };
    }),
  };
}

function setRetention({ cluster }: WorldParts, topic: TopicProcess, retention: Retention): void {
  topic.retention = retention;
  if (topic.isDeleted) return;
  cluster.setConfig(topic.spec.topic, "retention.ms", retention.retentionMs?.toString() ?? "-1");
}

/** # Scripts of troubles for a simulated cluster: of its topics, and of its groups and their coordinators */

import type { PartitionEvaluation } from "../../collector/model/evaluation.ts";
import type { Cluster } from "../../simulator/cluster/cluster.ts";
import { commitAll, PARTITIONS, TOPIC } from "./collector.fixture.ts";

const LOG = "__consumer_offsets";

export interface Step {
  readonly what: string;
  /** Changes the cluster; each answer between two of its changes may be served. */
  readonly change: (cluster: Cluster, note: () => void) => void;
  /** What must be said of the partition of the group afterwards, beside the numbers. */
  readonly said?: readonly [group: string, partition: number, Partial<PartitionEvaluation>];
}

function moveAll(cluster: Cluster, topic: string, { partitions, to }: { partitions: number; to: number }): void {
  for (let partition = 0; partition < partitions; partition += 1) cluster.moveLeader(topic, partition, to);
}

function commitOne(cluster: Cluster, group: string, [partition, committedOffset]: readonly [number, number]): void {
  cluster.commit({ group, offsets: [{ topic: TOPIC, partition, committedOffset }], atMs: Date.now() });
}

export const topicSteps: readonly Step[] = [
  {
    what: "every leader moves, twice",
    change: (cluster) => {
      moveAll(cluster, TOPIC, { partitions: PARTITIONS, to: 2 });
      moveAll(cluster, TOPIC, { partitions: PARTITIONS, to: 1 });
      for (let partition = 0; partition < PARTITIONS; partition += 1) cluster.append(TOPIC, partition, 1, Date.now());
    },
    said: ["classic", 5, { end_offset: 106 }],
  },
  {
    what: "an unclean election truncates below the committed offset",
    change: (cluster) => cluster.truncate(TOPIC, 4, 30),
    said: ["classic", 4, { lag: 0, reason: "ahead", status: "OK" }],
  },
  {
    what: "the truncated log is written on, past the committed offset",
    change: (cluster) => cluster.append(TOPIC, 4, 100, Date.now()),
    said: ["classic", 4, { lag: 80, reason: undefined }],
  },
  {
    what: "a group commits beyond the end",
    change: (cluster) => commitOne(cluster, "simple", [2, 5_000]),
    said: ["simple", 2, { lag: 0, reason: "ahead", committed_offset: 5_000 }],
  },
  {
    what: "it is reset to where it was",
    change: (cluster) => commitOne(cluster, "simple", [2, 60]),
    said: ["simple", 2, { lag: 43, reason: undefined }],
  },
  {
    // Log starts are asked for each minute, and when leaders have moved.
    what: "retention overtakes the group",
    change: (cluster) => {
      cluster.advanceStart(TOPIC, 5, 80);
      moveAll(cluster, TOPIC, { partitions: PARTITIONS, to: 3 });
    },
    said: ["classic", 5, { lag: 26, lost_records: 30 }],
  },
  {
    what: "retention takes everything",
    change: (cluster) => {
      cluster.advanceStart(TOPIC, 5, 106);
      moveAll(cluster, TOPIC, { partitions: PARTITIONS, to: 2 });
    },
    said: ["classic", 5, { lag: 0, lost_records: 56 }],
  },
  {
    what: "the group goes on behind the new start",
    change: (cluster) => commitOne(cluster, "classic", [5, 106]),
    said: ["classic", 5, { lag: 0, lost_records: 0 }],
  },
  {
    what: "partitions are added, and one is read",
    change: (cluster, note) => {
      cluster.growTopic(TOPIC, PARTITIONS + 2);
      note();
      cluster.append(TOPIC, PARTITIONS + 1, 9, Date.now());
      note();
      commitOne(cluster, "classic", [PARTITIONS + 1, 4]);
    },
    said: ["classic", PARTITIONS + 1, { lag: 5 }],
  },
  {
    what: "the topic is deleted",
    change: (cluster) => cluster.deleteTopic(TOPIC, Date.now()),
  },
  {
    what: "it is made again, shorter, and read",
    change: (cluster, note) => {
      cluster.createTopic({ topic: TOPIC, partitions: PARTITIONS }, Date.now());
      note();
      for (let partition = 0; partition < PARTITIONS; partition += 1) cluster.append(TOPIC, partition, 70, Date.now());
      note();
      commitAll(cluster, "classic", 64);
      commitAll(cluster, "simple", 65);
    },
    said: ["classic", 0, { lag: 6 }],
  },
  {
    what: "it is deleted and made again at once, and longer than it was",
    change: (cluster, note) => {
      cluster.deleteTopic(TOPIC, Date.now());
      note();
      cluster.createTopic({ topic: TOPIC, partitions: PARTITIONS }, Date.now());
      note();
      cluster.append(TOPIC, 0, 200, Date.now());
      note();
      commitOne(cluster, "classic", [0, 7]);
    },
    said: ["classic", 0, { lag: 193 }],
  },
];

export const groupSteps: readonly Step[] = [
  {
    what: "every coordinator moves, twice",
    change: (cluster) => {
      moveAll(cluster, LOG, { partitions: cluster.offsetsPartitions, to: 3 });
      moveAll(cluster, LOG, { partitions: cluster.offsetsPartitions, to: 1 });
      for (const group of ["classic", "simple", "modern"]) commitAll(cluster, group, 51);
    },
  },
  {
    what: "a group commits while its coordinator moves",
    change: (cluster, note) => {
      commitAll(cluster, "classic", 60);
      note();
      moveAll(cluster, LOG, { partitions: cluster.offsetsPartitions, to: 2 });
      commitAll(cluster, "classic", 61);
      note();
      moveAll(cluster, LOG, { partitions: cluster.offsetsPartitions, to: 3 });
      commitAll(cluster, "classic", 62);
    },
    said: ["classic", 0, { committed_offset: 62, lag: 38 }],
  },
  {
    what: "offsets are reset to the start, then to the end",
    change: (cluster, note) => {
      commitAll(cluster, "simple", 0);
      note();
      commitAll(cluster, "simple", 100);
    },
    said: ["simple", 0, { committed_offset: 100, lag: 0 }],
  },
  {
    what: "a group commits -1",
    change: (cluster) => commitOne(cluster, "simple", [0, -1]),
    said: ["simple", 0, { committed_offset: undefined, lag: undefined, reason: "committed_negative" }],
  },
  {
    what: "a group commits -2",
    change: (cluster) => commitOne(cluster, "simple", [1, -2]),
    said: ["simple", 1, { committed_offset: undefined, lag: undefined, reason: "committed_negative" }],
  },
  {
    what: "then an offset again",
    change: (cluster, note) => {
      commitOne(cluster, "simple", [0, 90]);
      note();
      commitOne(cluster, "simple", [1, 91]);
    },
    said: ["simple", 0, { lag: 10, reason: undefined }],
  },
  {
    what: "a transaction commits offsets",
    change: (cluster, note) => {
      const offsets = [{ topic: TOPIC, partition: 3, committedOffset: 77 }];
      cluster.commit({ group: "simple", offsets, atMs: Date.now(), producerId: 1 });
      note();
      cluster.endOffsetsTransaction(1, "commit", Date.now());
    },
    said: ["simple", 3, { committed_offset: 77 }],
  },
  {
    what: "a transaction is aborted",
    change: (cluster, note) => {
      const offsets = [{ topic: TOPIC, partition: 3, committedOffset: 88 }];
      cluster.commit({ group: "simple", offsets, atMs: Date.now(), producerId: 2 });
      note();
      cluster.endOffsetsTransaction(2, "abort", Date.now());
      // What comes behind it is read: the abort is, too.
      commitOne(cluster, "simple", [0, 92]);
    },
    said: ["simple", 3, { committed_offset: 77 }],
  },
  {
    what: "a transaction hangs, and its group commits on",
    change: (cluster, note) => {
      const offsets = [{ topic: TOPIC, partition: 3, committedOffset: 89 }];
      cluster.commit({ group: "simple", offsets, atMs: Date.now(), producerId: 3 });
      note();
      commitOne(cluster, "simple", [0, 93]);
    },
    said: ["simple", 3, { committed_offset: 77 }],
  },
  {
    what: "coordinators move while it hangs",
    change: (cluster) => {
      moveAll(cluster, LOG, { partitions: cluster.offsetsPartitions, to: 1 });
      commitOne(cluster, "simple", [0, 94]);
    },
    said: ["simple", 3, { committed_offset: 77 }],
  },
  {
    what: "it ends after all",
    change: (cluster) => cluster.endOffsetsTransaction(3, "commit", Date.now()),
    said: ["simple", 3, { committed_offset: 89 }],
  },
  {
    what: "a producer writes in a transaction that stays open, and it is read",
    change: (cluster, note) => {
      cluster.beginTransaction(TOPIC, 2, 7);
      note();
      cluster.append(TOPIC, 2, 1, Date.now());
      note();
      commitOne(cluster, "classic", [2, 103]);
    },
  },
  {
    what: "a classic group that is behind becomes a consumer group",
    change: (cluster) => {
      const members = cluster.group("classic")?.members ?? [];
      cluster.rebalanced("classic", { type: "consumer", members }, Date.now());
    },
    said: ["classic", 0, { status: "warming", reason: "window_refilling", lag: 38 }],
  },
  {
    what: "it commits as one",
    change: (cluster) => commitAll(cluster, "classic", 70),
    said: ["classic", 0, { status: "warming", reason: "window_refilling", lag: 30 }],
  },
  {
    what: "and becomes a classic one again",
    change: (cluster) => {
      const members = cluster.group("classic")?.members ?? [];
      cluster.rebalanced("classic", { type: "classic", members }, Date.now());
    },
  },
  {
    what: "offsets expire",
    change: (cluster) => cluster.deleteOffsets("simple", [{ topic: TOPIC, partition: 4 }], Date.now()),
  },
  { what: "a group is deleted", change: (cluster) => cluster.deleteGroup("simple", Date.now()) },
  {
    what: "it comes back",
    change: (cluster) => commitAll(cluster, "simple", 40),
    said: ["simple", 4, { committed_offset: 40 }],
  },
];

/**
 * # Commits without members
 *
 * What `assign()` and commit do: an OffsetCommit straight to the group's coordinator, with no member and no generation. One
 * request carries any number of partitions, so a window of ten commits is full within seconds and a load of thousands of groups
 * needs one process. kafkajs offers no public call for it; its own `Broker` does, and the pinned version keeps it there.
 */

import type { Kafka } from "kafkajs";
import { done, until } from "./until.ts";

export interface PartitionCommit {
  readonly topic: string;
  readonly partition: number;
  readonly committedOffset: number;
}

interface OffsetCommitRequest {
  readonly groupId: string;
  readonly groupGenerationId: number;
  readonly memberId: string;
  readonly topics: readonly {
    readonly topic: string;
    readonly partitions: readonly { readonly partition: number; readonly offset: string; readonly metadata: string }[];
  }[];
}

interface Coordinator {
  offsetCommit(request: OffsetCommitRequest): Promise<unknown>;
}

interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  findGroupCoordinator(query: { readonly groupId: string }): Promise<Coordinator>;
}

export interface SimpleConsumer extends AsyncDisposable {
  /** Resolves when the coordinator has acknowledged all of them; tries again while it loads or is away. */
  commit(group: string, commits: readonly PartitionCommit[]): Promise<void>;
}

const NO_GENERATION = -1;
const METADATA_MAX_AGE_MS = 300_000;
const COMMIT_TIMEOUT_MS = 30_000;

export async function connectSimpleConsumer(kafka: Kafka): Promise<SimpleConsumer> {
  const cluster = createCluster(kafka);
  await cluster.connect();
  const coordinators = new Map<string, Coordinator>();
  async function commitOnce(group: string, commits: readonly PartitionCommit[]) {
    const coordinator = coordinators.get(group) ?? (await cluster.findGroupCoordinator({ groupId: group }));
    coordinators.delete(group);
    await coordinator.offsetCommit(requestOf(group, commits));
    coordinators.set(group, coordinator);
    return done(undefined);
  }
  return {
    commit: (group, commits) =>
      until(`a commit of ${group}`, () => commitOnce(group, commits), { timeoutMs: COMMIT_TIMEOUT_MS, everyMs: 100 }),
    [Symbol.asyncDispose]: () => cluster.disconnect(),
  };
}

function createCluster(kafka: Kafka): Cluster {
  const name = Object.getOwnPropertySymbols(kafka).find((symbol) => String(symbol).includes("createCluster"));
  if (name === undefined) throw new Error("kafkajs has no createCluster: it is pinned to 2.2.4 for this");
  const create: (options: object) => Cluster = Reflect.get(kafka, name);
  return create({ metadataMaxAge: METADATA_MAX_AGE_MS, allowAutoTopicCreation: false, maxInFlightRequests: 100 });
}

function requestOf(group: string, commits: readonly PartitionCommit[]): OffsetCommitRequest {
  const topics = Map.groupBy(commits, ({ topic }) => topic);
  return {
    groupId: group,
    groupGenerationId: NO_GENERATION,
    memberId: "",
    topics: Array.from(topics, ([topic, rows]) => ({
      topic,
      partitions: rows.map(({ partition, committedOffset }) => ({
        partition,
        offset: String(committedOffset),
        metadata: "",
      })),
    })),
  };
}

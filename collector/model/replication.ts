/**
 * # Replication: brokers, leaders and replicas
 *
 * What metadata says of a cluster beside its topics. No verdict rests on it; it is shown under the names of other exporters.
 */

export interface Replication {
  readonly brokers: readonly { readonly nodeId: number; readonly address: string }[];
  /** By topic, internal ones included. */
  readonly topics: ReadonlyMap<string, TopicReplication>;
}

/** By column: entry i of each array is one partition. */
export interface TopicReplication {
  readonly partitions: Int32Array;
  /** -1: none at present. */
  readonly leaders: Int32Array;
  /** How many there are, and how many of them are in sync. */
  readonly replicas: Int32Array;
  readonly inSync: Int32Array;
  /** The broker that should lead, the first of the replicas; -1: there are none. */
  readonly preferred: Int32Array;
}

/**
 * # What is saved of a cluster, so that a restart is not a beginning
 *
 * The strict store: its windows and owners, its samples of high watermarks, the topics it knows; and how far each partition of
 * the offsets topic was read, so that reading goes on where it ended. What is true now (committed offsets, members, states) is
 * asked of the brokers at every start and is not saved.
 *
 * Saving takes a while and the state goes on meanwhile, so it is saved piece by piece, each piece as of its own moment. What a
 * group was told until then is in its piece: `offered` says how far its log was read. The log is read again from `resume`,
 * which is as of the beginning, and what was offered already is passed over (known-orders.ts). So nothing is missing and
 * nothing counts twice, as if it had been one moment.
 */

export interface SavedHead {
  readonly cluster: string;
  /** Epoch ms. */
  readonly savedAtMs: number;
  /** Windows of another length, or merged otherwise, would not be what this configuration makes. */
  readonly intervals: number;
  readonly minDistanceMs: number;
  /** Undefined where brokers have no ids. */
  readonly logTopicId: string | undefined;
  /** From where commits were told, and of which names; absent: from the offsets topic, and of all. */
  readonly told?: SavedTold;
  readonly logs: readonly SavedLog[];
}

/** What was told of is not all that there is: of other names nothing is known, however far the log was read. */
export interface SavedTold {
  readonly source: string;
  /** Rules, as in the configuration. */
  readonly groups: readonly string[];
  readonly topics: readonly string[];
}

/** One partition of the offsets topic. */
export interface SavedLog {
  readonly logPartition: number;
  /** Everything from here on was offered; 0 where the log was read from its start. */
  readonly from: number;
  /** How far it was read when saving began. */
  readonly position: number;
  /** From where it must be read again; before `position` where a transaction is open. */
  readonly resume: number;
}

/** A list by column; entry i of each array is one of them. */
export interface SavedGroups {
  readonly groups: readonly SavedGroup[];
  /** Names that `listTopic` points to. */
  readonly topics: readonly string[];
  /** Owners and client ids that rows point to. */
  readonly texts: readonly string[];
  /** Topics of groups: index into `groups`, index into `topics`, how many partitions are in every answer. */
  readonly listGroup: Int32Array;
  readonly listTopic: Int32Array;
  readonly listLength: Int32Array;
  /** Partitions with a window: index of the list, partition, index into `texts` or -1, commits in the window. */
  readonly rowList: Int32Array;
  readonly rowPartition: Int32Array;
  readonly rowOwner: Int32Array;
  readonly rowClientId: Int32Array;
  readonly rowCommits: Int32Array;
  /** Commits of all rows, one row after the other, oldest first. */
  readonly offsets: Float64Array;
  readonly orders: Float64Array;
  readonly timestampsMs: Float64Array;
  readonly observedAtS: Float64Array;
  /** NaN: came late. */
  readonly lags: Float64Array;
}

export interface SavedGroup {
  readonly group: string;
  /** -1: not known. */
  readonly logPartition: number;
  /** Orders of its log below this were offered. */
  readonly offered: number;
  readonly lastCommitMs: number;
  readonly generation?: number;
}

export interface SavedTopics {
  readonly topics: readonly SavedTopic[];
  /** Topic partitions with samples: index into `topics`, partition, samples. */
  readonly sampledTopic: Int32Array;
  readonly sampledPartition: Int32Array;
  readonly sampleCount: Int32Array;
  /** Of all of them, one after the other, oldest first. */
  readonly samples: Float64Array;
}

export interface SavedTopic {
  readonly topic: string;
  readonly topicId?: string;
  /** As the cluster says. */
  readonly partitions: number;
  /** As the strict store knows: it never shrinks. */
  readonly known: number;
}

/** In this order. */
export type SavedPiece =
  | { readonly kind: "head"; readonly head: SavedHead }
  | { readonly kind: "groups"; readonly groups: SavedGroups }
  | { readonly kind: "topics"; readonly topics: SavedTopics };

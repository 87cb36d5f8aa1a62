/**
 * # Offsets committed in transactions that are still open
 *
 * A commit in a transaction is the group's only once the COMMIT marker is there; until then it is pending under its producer's
 * id. On COMMIT a producer's commits come out in the order of their records, one a key, the newest; on ABORT they are dropped; a
 * tombstone takes the key out of all transactions. The rule is that of `OffsetMetadataManager.replay` and
 * `replayEndTransactionMarker` of apache/kafka.
 *
 * A transaction that hangs (KAFKA-12671) is never ended, so there is a limit: when it is reached, the oldest transaction is given
 * up whole, and its commits are counted.
 */

export interface PendingCommit {
  readonly handle: number;
  /** The key after its type: a copy, from which the handle is found again when handles change. */
  readonly key: Buffer;
  readonly committedOffset: number;
  readonly committedAtMs: number;
  /** Offset of the record. */
  readonly order: number;
}

export interface PendingTransaction {
  readonly producerId: bigint;
  /** Of its first commit, by the coordinator's clock. */
  readonly sinceMs: number;
  readonly firstOrder: number;
  readonly commits: number;
}

/** One that was open where a reader of older records ended. */
export interface OlderTransaction {
  readonly producerId: bigint;
  readonly sinceMs: number;
  readonly firstOrder: number;
  /** In the order of their records. */
  readonly commits: readonly PendingCommit[];
}

export interface PendingTransactions {
  /** Gives how many commits were given up to make room, and how many this one replaced. */
  add(producerId: bigint, commit: PendingCommit): { readonly givenUp: number; readonly replaced: number };
  /** Ends the producer's transaction: its commits by order, empty where there is none. */
  take(producerId: bigint): readonly PendingCommit[];
  /** Takes all of them out, oldest first. */
  drain(): readonly OlderTransaction[];
  /** Puts one back that is older than all that are here: what its producer did here is its newer part. */
  adopt(older: OlderTransaction): { readonly givenUp: number; readonly replaced: number };
  /** Takes a key out of all transactions; gives how many commits that were. */
  forget(handle: number): number;
  /** Finds all handles anew; gives how many commits have none any more. */
  rehandle(handleOf: (key: Buffer) => number): number;
  /** The transaction that has been open longest. */
  oldest(): PendingTransaction | undefined;
  /** Start of the oldest transaction that holds it, by handle; epoch ms of the coordinator's clock. */
  sinceMsByHandle(): ReadonlyMap<number, number>;
  /** Rises with every change. */
  readonly changes: number;
  readonly commits: number;
}

interface Transaction {
  readonly sinceMs: number;
  readonly firstOrder: number;
  /** By handle, in the order of records. */
  readonly commits: Map<number, PendingCommit>;
}

/** Maps keep the order of insertion, so the first transaction is the oldest. */
type Transactions = Map<bigint, Transaction>;

export function createPendingTransactions(commitsMax: number): PendingTransactions {
  const transactions: Transactions = new Map();
  let commits = 0;
  let changes = 0;

  function end(producerId: bigint): readonly PendingCommit[] {
    const ended = [...(transactions.get(producerId)?.commits.values() ?? [])];
    transactions.delete(producerId);
    commits -= ended.length;
    if (ended.length > 0) changes++;
    return ended;
  }

  return {
    add(producerId, commit) {
      const [oldest] = transactions.keys();
      const givenUp = commits >= commitsMax && oldest !== undefined ? end(oldest).length : 0;
      const replaced = addTo(transactions, producerId, commit) ? 1 : 0;
      commits += 1 - replaced;
      changes++;
      return { givenUp, replaced };
    },
    take: end,
    drain() {
      const all = [...transactions].map(olderOf);
      transactions.clear();
      if (commits > 0) changes++;
      commits = 0;
      return all;
    },
    adopt(older) {
      const all = older.commits.length;
      if (commits + all > commitsMax) return { givenUp: all, replaced: 0 };
      const kept = adoptInto(transactions, older);
      commits += kept;
      changes++;
      return { givenUp: 0, replaced: all - kept };
    },
    forget(handle) {
      let forgotten = 0;
      for (const [producerId, transaction] of transactions) {
        if (transaction.commits.delete(handle)) forgotten++;
        if (transaction.commits.size === 0) transactions.delete(producerId);
      }
      commits -= forgotten;
      if (forgotten > 0) changes++;
      return forgotten;
    },
    rehandle(handleOf) {
      const before = commits;
      commits = 0;
      for (const transaction of transactions.values()) commits += rehandleOne(transaction, handleOf);
      changes++;
      return before - commits;
    },
    oldest() {
      for (const [producerId, { sinceMs, firstOrder, commits: own }] of transactions) {
        return { producerId, sinceMs, firstOrder, commits: own.size };
      }
      return undefined;
    },
    sinceMsByHandle() {
      const since = new Map<number, number>();
      for (const { sinceMs, commits: own } of transactions.values()) {
        for (const handle of own.keys()) since.set(handle, Math.min(sinceMs, since.get(handle) ?? sinceMs));
      }
      return since;
    },
    get changes() {
      return changes;
    },
    get commits() {
      return commits;
    },
  };
}

/** True where the commit takes the place of an earlier one of its key. */
function addTo(transactions: Transactions, producerId: bigint, commit: PendingCommit): boolean {
  let transaction = transactions.get(producerId);
  if (transaction === undefined) {
    transaction = { sinceMs: commit.committedAtMs, firstOrder: commit.order, commits: new Map() };
    transactions.set(producerId, transaction);
  }
  const replaces = transaction.commits.delete(commit.handle);
  transaction.commits.set(commit.handle, commit);
  return replaces;
}

/** Gives how many are left: those for which there is no room any more share a handle. */
function rehandleOne(transaction: Transaction, handleOf: (key: Buffer) => number): number {
  const old = [...transaction.commits.values()];
  transaction.commits.clear();
  for (const commit of old) {
    const handle = handleOf(commit.key);
    if (handle >= 0) transaction.commits.set(handle, { ...commit, handle });
  }
  return transaction.commits.size;
}

function olderOf([producerId, { commits, ...since }]: readonly [bigint, Transaction]): OlderTransaction {
  return { producerId, ...since, commits: [...commits.values()] };
}

/** Puts it first, with what its producer did since; gives how many of its commits are the newest of their keys. */
function adoptInto(transactions: Transactions, { producerId, commits, ...since }: OlderTransaction): number {
  const newer = transactions.get(producerId)?.commits ?? new Map<number, PendingCommit>();
  const kept = commits.filter(({ handle }) => !newer.has(handle));
  const whole = new Map([...kept.map((commit) => [commit.handle, commit] as const), ...newer]);
  const others = [...transactions].filter(([id]) => id !== producerId);
  transactions.clear();
  transactions.set(producerId, { ...since, commits: whole });
  for (const [id, other] of others) transactions.set(id, other);
  return kept.length;
}

/**
 * # What may fail around collector, shipper and interfaces, and what they do then: the table
 *
 * One row a failure; each is proven by exactly one test whose name begins with the row's id. docs/reliability.md is printed from
 * it, with the names of the tests.
 */

import { API_FAILURES } from "./api-failures.ts";
import { STORE_FAILURES } from "./store-failures.ts";

export interface Failure {
  readonly id: string;
  readonly fault: string;
  readonly promise: string;
}

export interface Proof {
  readonly path: string;
  /** The test's name behind its id. */
  readonly name: string;
}

const COLLECTOR_FAILURES: readonly Failure[] = [
  {
    id: "C1",
    fault: "Brokers are down at the start",
    promise: "They are asked again, at times that differ; `/healthz` is 200, `/readyz` 503; no exit",
  },
  {
    id: "C2",
    fault: "A broker dies",
    promise: "What it leads is stale with its last numbers, never lag 0; the others' partitions stay fresh",
  },
  {
    id: "C3",
    fault: "A leader moves, or there is none",
    promise: "Metadata is asked for at once; a partition without a leader is stale and in its place, its group not OK",
  },
  {
    id: "C4",
    fault: "A coordinator moves or is loading",
    promise: "It is asked again; nothing is told of its groups before it answers",
  },
  {
    id: "C5",
    fault: "A consumer group of our own rebalances",
    promise: "There is none: only reads that no coordinator assigns. Several collectors do not notice each other",
  },
  {
    id: "C6",
    fault: "Connections are half open, or cut in an answer",
    promise: "They are cut and made anew after the request's time; other brokers are not affected, nothing ends",
  },
  {
    id: "C7",
    fault: "A topic is deleted, and made again",
    promise: "Its rows end, its windows begin anew; no negative lag, no verdict from what was before",
  },
  {
    id: "C8",
    fault: "Tombstones, compaction and retention of the offsets topic",
    promise: "What was deleted is gone and stays so, in whatever pieces the log is read",
  },
  {
    id: "C9",
    fault: "Records that are cut off, of false lengths, of unknown versions and types",
    promise: "Stepped over and counted by reason; the next record is read, nothing is allocated by a length unseen",
  },
  {
    id: "C10",
    fault: "Transactions, aborted ones too, compression, damaged batches",
    promise: "What is committed counts from its end; a batch with a wrong CRC costs itself alone, and is counted",
  },
  {
    id: "C11",
    fault: "More series than are kept",
    promise: "The first stay, the others are counted; memory stays as it is",
  },
  {
    id: "C12",
    fault: "Names of any characters, of no length and of 32 KB",
    promise: "They leave by every way exactly as they came; two are never one",
  },
  {
    id: "C13",
    fault: "Names that are no UTF-8",
    promise: "Their bytes are escaped, so that different names stay different; counted",
  },
  {
    id: "C14",
    fault: "Topics that differ in a dot and an underscore",
    promise: "They are two, everywhere",
  },
  {
    id: "C15",
    fault: "Offsets beyond 2^53",
    promise: "Exact, or refused, counted and flagged on the partition; never rounded",
  },
  {
    id: "C16",
    fault: "Commits beyond the end, of -1 and -2; watermarks that are none",
    promise: "Lag is never negative; `ahead` is said; -1 is no commit; no NaN and no infinity leaves the process",
  },
  {
    id: "C17",
    fault: "A coordinator's clock is an hour off, or ours jumps",
    promise: "Our verdicts and ages stay right; grid times never go back and are never ahead of the clock",
  },
  {
    id: "C18",
    fault: "A tick takes longer than the interval",
    promise: "Ticks never overlap; those left out are counted; the event loop's lag is a metric",
  },
  {
    id: "C19",
    fault: "A wrong or rotated password; topics and groups that are denied",
    promise:
      "Refusal is said, the secret is read anew from its file; unauthorised, and the rest unaffected; no secret in the log",
  },
  {
    id: "C20",
    fault: "Groups of the new protocol",
    promise: "Shown with type, state, members and offsets; never missing, empty or dead because an old request says so",
  },
  {
    id: "C21",
    fault: "A restart",
    promise: "Warming, neither OK nor ERR, until the log is read; then windows are as full as before",
  },
  {
    id: "C22",
    fault: "An error that nobody has caught",
    promise: "Said once; exit code 70, for a supervisor to start it again; the spool opens whole",
  },
];

export const FAILURES: readonly Failure[] = [...COLLECTOR_FAILURES, ...STORE_FAILURES, ...API_FAILURES];

/** Of each id, all tests that are named after it. */
export function proofsOf(tree: ReadonlyMap<string, string>): ReadonlyMap<string, readonly Proof[]> {
  const found = [...tree].flatMap(([path, text]) => {
    if (!path.endsWith(".test.ts")) return [];
    const named = text.matchAll(/\btest\(\s*["`]([A-Z]\d+): ([^"`]+)["`]/g);
    return [...named].map(([, id = "", name = ""]) => ({ id, path, name }));
  });
  return Map.groupBy(found, ({ id }) => id);
}

/** Sentences, one per row without its one test, and per test without a row. */
export function unproven(failures: readonly Failure[], tree: ReadonlyMap<string, string>): readonly string[] {
  const proofs = proofsOf(tree);
  const known = new Set(failures.map(({ id }) => id));
  const rows = failures.flatMap(({ id }) => {
    const paths = (proofs.get(id) ?? []).map(({ path }) => path);
    return paths.length === 1 ? [] : [`${id} has ${paths.length} tests of its name, not one: ${paths.join(", ")}`];
  });
  const strangers = [...proofs].flatMap(([id, [first]]) =>
    known.has(id) ? [] : [`${first?.path} proves ${id}, which is no failure of the table`],
  );
  return [...rows, ...strangers];
}

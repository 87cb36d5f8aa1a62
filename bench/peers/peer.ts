/**
 * # What the bench of the collector asks of a program
 *
 * Ours and its peers stand behind the same few questions, so that they are measured alike.
 */

import type { Child } from "../../test/real/child.ts";
import type { PartitionCommit } from "../../test/real/simple-consumer.ts";

/** What a program says of one partition of one group; undefined where it says nothing. */
export interface Shown {
  readonly committedOffset: number | undefined;
  readonly lag: number | undefined;
}

export interface Peer extends AsyncDisposable {
  readonly name: string;
  readonly pid: number;
  /** Of what Prometheus scrapes. */
  readonly metricsUrl: string;
  /** Lag of every group it shows; undefined while it gives no answer, or says itself that it is not ready. */
  lags(): Promise<ReadonlyMap<string, number> | undefined>;
  shown(group: string, partition: PartitionCommit): Promise<Shown>;
  logTail(): Promise<string>;
}

export type StartPeer = (bootstrap: string) => Promise<Peer>;

const TIMEOUT_MS = 60_000;

/** The body of a 200; undefined for any other answer and for none. */
export async function textOf(url: string): Promise<string | undefined> {
  try {
    const response = await fetch(url, { signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await response.text();
    return response.status === 200 ? text : undefined;
  } catch {
    return undefined;
  }
}

/** The parts of a peer that are those of its process. */
export function processOf(child: Child): Pick<Peer, "pid" | "logTail" | typeof Symbol.asyncDispose> {
  return { pid: child.pid, logTail: child.logTail, [Symbol.asyncDispose]: () => child.stop() };
}

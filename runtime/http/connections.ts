/**
 * # Which connections are kept
 *
 * At most `connectionsMax`. A newcomer takes the place of a connection without a request: of the address that has most, the one that
 * has been so for longest. Whoever opens many and says nothing, or says it slowly, loses them first, and whoever asks is answered,
 * from another address in any case. Where all have a request, it takes the place of the
 * request that is oldest and has been so for `busyMsMin`, such as one whose answer is not read; where there is none, it is refused.
 */

import type { Socket } from "node:net";
import { hostOf } from "./host-of.ts";

export interface ConnectionLimits {
  readonly connectionsMax: number;
  readonly busyMsMin: number;
}

export interface ConnectionCounts {
  /** Closed for a newcomer. */
  evicted: number;
  /** Newcomers for whom there was no place. */
  refused: number;
}

/** TLS has a socket of its own around the one that was accepted; both have the same peer. */
type Peer = Pick<Socket, "remoteAddress" | "remotePort">;

export interface Connections {
  add(socket: Socket): void;
  /** A request of it came; as often, one of them is `ended`. A client may send the next before it has its answer. */
  began(peer: Peer): void;
  ended(peer: Peer): void;
}

interface Kept {
  readonly socket: Socket;
  readonly host: string;
  /** That came and have no answer yet. */
  readonly requests: number;
  /** Since when the oldest of them is the oldest, or there is none. */
  readonly sinceMs: number;
}

export function createConnections(
  { connectionsMax, busyMsMin }: ConnectionLimits,
  { counts, monotonicMs }: { readonly counts: ConnectionCounts; readonly monotonicMs: () => number },
): Connections {
  // Whoever changed last is last.
  const kept = new Map<string, Kept>();
  const putLast = (key: string, one: Kept): void => {
    kept.delete(key);
    kept.set(key, { ...one, sinceMs: monotonicMs() });
  };
  const makeRoom = (): boolean => {
    const longest =
      idlestOf(kept) ?? [...kept].find(([, one]) => one.requests > 0 && monotonicMs() - one.sinceMs > busyMsMin);
    if (longest === undefined) return false;
    const [key, { socket }] = longest;
    kept.delete(key);
    counts.evicted += 1;
    socket.destroy();
    return true;
  };
  return {
    add: (socket) => {
      if (kept.size >= connectionsMax && !makeRoom()) {
        counts.refused += 1;
        socket.destroy();
        return;
      }
      const key = keyOf(socket);
      const mine: Kept = { socket, host: hostOf(socket.remoteAddress ?? ""), requests: 0, sinceMs: monotonicMs() };
      kept.set(key, mine);
      socket.once("close", () => {
        if (kept.get(key)?.socket === socket) kept.delete(key);
      });
    },
    began: (peer) => {
      const key = keyOf(peer);
      const one = kept.get(key);
      if (one === undefined) return;
      // Whoever asks more before it has read its answer is not younger for it.
      if (one.requests > 0) kept.set(key, { ...one, requests: one.requests + 1 });
      else putLast(key, { ...one, requests: 1 });
    },
    ended: (peer) => {
      const key = keyOf(peer);
      const one = kept.get(key);
      if (one !== undefined) putLast(key, { ...one, requests: one.requests - 1 });
    },
  };
}

/** Of those without a request, and of the address with most connections, the first. */
function idlestOf(kept: ReadonlyMap<string, Kept>): readonly [string, Kept] | undefined {
  const counts = new Map<string, number>();
  for (const { host } of kept.values()) counts.set(host, (counts.get(host) ?? 0) + 1);
  let found: readonly [string, Kept] | undefined;
  let most = 0;
  for (const [key, one] of kept) {
    const count = counts.get(one.host) ?? 0;
    if (one.requests > 0 || count <= most) continue;
    [found, most] = [[key, one], count];
  }
  return found;
}

function keyOf({ remoteAddress, remotePort }: Peer): string {
  return `${remoteAddress} ${remotePort}`;
}

/**
 * # Which connections are kept
 *
 * At most `connectionsMax`. A newcomer takes the place of the one that has been without a request for longest: whoever opens many and
 * says nothing, or says it slowly, loses them first, and whoever asks is answered. Where all have one, it takes the place of the
 * request that is oldest and has been so for `busyMsMin`, such as one whose answer is not read; where there is none, it is refused.
 */

import type { Socket } from "node:net";

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
  /** Its request is being answered from now on, or no longer. */
  setBusy(peer: Peer, isBusy: boolean): void;
}

interface Kept {
  readonly socket: Socket;
  readonly isBusy: boolean;
  readonly sinceMs: number;
}

export function createConnections(
  { connectionsMax, busyMsMin }: ConnectionLimits,
  { counts, monotonicMs }: { readonly counts: ConnectionCounts; readonly monotonicMs: () => number },
): Connections {
  // Whoever changed last is last.
  const kept = new Map<string, Kept>();
  const makeRoom = (): boolean => {
    const all = [...kept];
    const longest =
      all.find(([, { isBusy }]) => !isBusy) ?? all.find(([, one]) => monotonicMs() - one.sinceMs > busyMsMin);
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
      const mine: Kept = { socket, isBusy: false, sinceMs: monotonicMs() };
      kept.set(key, mine);
      socket.once("close", () => {
        if (kept.get(key)?.socket === socket) kept.delete(key);
      });
    },
    setBusy: (peer, isBusy) => {
      const key = keyOf(peer);
      const one = kept.get(key);
      if (one === undefined) return;
      kept.delete(key);
      kept.set(key, { socket: one.socket, isBusy, sinceMs: monotonicMs() });
    },
  };
}

function keyOf({ remoteAddress, remotePort }: Peer): string {
  return `${remoteAddress} ${remotePort}`;
}

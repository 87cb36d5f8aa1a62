/** Who keeps a place, with a clock to turn. */

import assert from "node:assert/strict";
import { EventEmitter } from "node:events";
import type { Socket } from "node:net";
import { test } from "node:test";
import { createConnections } from "./connections.ts";

const LIMITS = { connectionsMax: 3, busyMsMin: 1_000 };

function places() {
  const clock = { nowMs: 0 };
  const counts = { evicted: 0, refused: 0 };
  const closed: number[] = [];
  const connections = createConnections(LIMITS, { counts, monotonicMs: () => clock.nowMs });
  const sockets = Array.from({ length: 9 }, (_, remotePort) => {
    const socket = Object.assign(new EventEmitter(), {
      remoteAddress: remotePort < 7 ? "10.0.0.1" : "10.0.0.2",
      remotePort,
      destroy: () => {
        closed.push(remotePort);
        socket.emit("close");
      },
    });
    return socket as unknown as Socket & { emit(event: "close"): void };
  });
  const socketOf = (at: number) => sockets[at] ?? assert.fail();
  return {
    clock,
    counts,
    closed,
    add: (...ports: readonly number[]) => ports.forEach((at) => void connections.add(socketOf(at))),
    began: (at: number) => connections.began(socketOf(at)),
    ended: (at: number) => connections.ended(socketOf(at)),
    close: (at: number) => socketOf(at).emit("close"),
  };
}

test("a newcomer takes the place of whoever has been without a request for longest", () => {
  const { add, began, ended, closed, counts } = places();
  add(0, 1, 2);
  began(0);
  ended(0);
  began(1);
  add(3, 4);
  assert.deepEqual([closed, counts], [[2, 0], { evicted: 2, refused: 0 }]);
});

test("where all have a request the newcomer is refused, until one has been so for long", () => {
  const { add, began, clock, closed, counts } = places();
  add(0, 1, 2);
  for (const at of [2, 0, 1]) began(at);
  clock.nowMs = 1_000;
  add(3);
  assert.deepEqual([closed, counts], [[3], { evicted: 0, refused: 1 }]);
  clock.nowMs = 1_001;
  add(4);
  assert.deepEqual([closed, counts], [[3, 2], { evicted: 1, refused: 1 }]);
});

test("whoever sends a request before the one before is answered keeps its place, and is not younger for it", () => {
  const { add, began, ended, clock, closed } = places();
  add(0, 1, 2);
  for (const at of [0, 0, 1, 2]) began(at);
  ended(0);
  add(3);
  assert.deepEqual(closed, [3]);
  clock.nowMs = 500;
  began(1);
  clock.nowMs = 1_001;
  add(4);
  assert.deepEqual(closed, [3, 1]);
  began(4);
  ended(0);
  add(5);
  assert.deepEqual(closed, [3, 1, 0]);
});

test("whoever closes leaves its place, and what closes late takes no other's", () => {
  const { add, close, closed } = places();
  add(0, 1, 2);
  close(1);
  add(3);
  assert.deepEqual(closed, []);
  add(4);
  close(0);
  add(5);
  assert.deepEqual(closed, [0, 2]);
});

test("the address with most connections loses one first, though another's has waited for longer", () => {
  const { add, closed } = places();
  add(7, 0, 1);
  add(2);
  assert.deepEqual(closed, [0]);
  add(8);
  assert.deepEqual(closed, [0, 1]);
  add(3);
  assert.deepEqual(closed, [0, 1, 7]);
});

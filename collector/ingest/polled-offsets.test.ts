/** Polls of a group: what is told of each answer, and what is not. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Observation } from "../model/observation.ts";
import { NO_ROOM } from "../model/observation.ts";
import type { PolledGroup, PolledOffset } from "./polled-offsets.ts";
import { createPolledOffsets } from "./polled-offsets.ts";

const at = (partition: number, committedOffset: number): PolledOffset => ({ topic: "t", partition, committedOffset });

/** Answers of one group, a second each; what is told comes as one line each. */
function polled({ partitionsMax = 100, handle = (partition: number) => partition } = {}) {
  const lines: string[] = [];
  let order = 0;
  const answer = (offsets: readonly PolledOffset[], logPartition = 0): PolledGroup => {
    order += 1;
    const [askedAtMs, answeredAtMs] = [order * 1_000, order * 1_000 + 10];
    return { group: "g", logPartition, askedAtMs, answeredAtMs, order, offsets };
  };
  const offsets = createPolledOffsets({
    partitionsMax,
    observer: {
      handlesEpoch: 0,
      handleOf: (_, __, partition) => handle(partition),
      findHandle: (_, __, partition) => partition,
      commit: (of, offset, atMs) => void lines.push(`commit ${of} ${offset} by ${atMs}`),
      observe: (one) => void lines.push(lineOf(one)),
    },
  });
  return {
    offsets,
    /** Told of this answer. */
    take: (some: readonly PolledOffset[], logPartition?: number) => {
      offsets.take(answer(some, logPartition));
      return lines.splice(0);
    },
    told: () => lines.splice(0),
  };
}

function lineOf(one: Observation): string {
  switch (one.kind) {
    case "baseline":
      return `baseline${one.isLate === true ? " late" : ""} of ${one.logPartition}: ${one.offsets.map(({ partition, committedOffset }) => `${partition} ${committedOffset}`).join(", ")}`;
    case "commit-bounds":
      return `bounds ${one.handles.join(" ")} after ${one.afterMs}`;
    case "offset-tombstone":
    case "offset-refused":
      return `${one.kind} ${one.handle}`;
    default:
      return one.kind;
  }
}

test("the first answer is the present; what is the same a poll later is nothing", () => {
  const { take } = polled();
  assert.deepEqual(take([at(0, 5), at(1, 6), at(2, -1)]), ["baseline of 0: 0 5, 1 6"]);
  assert.deepEqual(take([at(0, 5), at(1, 6), at(2, -1)]), []);
});

test("another offset is a commit between the two polls, whichever way it went", () => {
  const { take } = polled();
  take([at(0, 5), at(1, 6)]);
  assert.deepEqual(take([at(0, 9), at(1, 6)]), ["commit 0 9 by 2010", "bounds 0 after 1000"]);
  assert.deepEqual(take([at(0, 3), at(1, 7)]), ["commit 0 3 by 3010", "commit 1 7 by 3010", "bounds 0 1 after 2000"]);
});

test("an offset that was not there is a commit, one that is there no more was taken back", () => {
  const { take } = polled();
  take([at(0, 5)]);
  assert.deepEqual(take([at(0, 5), at(1, 0)]), ["commit 1 0 by 2010", "bounds 1 after 1000"]);
  assert.deepEqual(take([at(1, 0)]), ["offset-tombstone 0"]);
  assert.deepEqual(take([at(0, -1), at(1, 0)]), [], "none, said as -1, is none");
  assert.deepEqual(take([]), ["offset-tombstone 1"]);
});

test("a number beyond 2^53 is refused once, and what comes after it is a commit", () => {
  const { take, offsets } = polled();
  take([at(0, 5)]);
  assert.deepEqual(take([at(0, Number.NaN)]), ["offset-refused 0", "bounds 0 after 1000"]);
  assert.deepEqual(take([at(0, Number.NaN)]), []);
  assert.deepEqual(take([at(0, 8)]), ["commit 0 8 by 4010", "bounds 0 after 3000"]);
  assert.equal(offsets.counts.offset_out_of_range, 1);
});

test("a coordinator that is another one, or silent for a while, tells a late baseline behind the commits", () => {
  const { take, offsets } = polled();
  take([at(0, 5)]);
  assert.deepEqual(take([at(0, 6)], 3), ["commit 0 6 by 2010", "bounds 0 after 1000", "baseline late of 3: 0 6"]);
  assert.deepEqual(take([at(0, 6)], 3), []);
  offsets.silence("g");
  assert.deepEqual(take([at(0, 6)], 3), ["baseline late of 3: 0 6"]);
});

test("a group that ends takes everything back, and is a new one when it comes again", () => {
  const { take, offsets, told } = polled();
  take([at(0, 5), at(1, 6)]);
  offsets.end("g", 9);
  assert.deepEqual(told(), ["offset-tombstone 0", "offset-tombstone 1", "group-tombstone"]);
  assert.equal(offsets.has("g"), false);
  assert.deepEqual(take([at(0, 1)]), ["baseline of 0: 0 1"]);
});

test("what cannot be remembered, or is not kept, is counted and never told: it would look new at each poll", () => {
  const { take, offsets } = polled({ partitionsMax: 2 });
  assert.deepEqual(take([at(0, 5), at(1, 6), at(2, 7)]), ["baseline of 0: 0 5, 1 6"]);
  assert.deepEqual(take([at(0, 5), at(1, 6), at(2, 8)]), []);
  assert.equal(offsets.counts.no_room, 1);
  const kept = polled({ handle: (partition) => (partition === 1 ? NO_ROOM : partition) });
  kept.take([at(0, 5)]);
  assert.deepEqual(kept.take([at(0, 5), at(1, 6)]), []);
  assert.equal(kept.offsets.counts.no_room, 1);
});

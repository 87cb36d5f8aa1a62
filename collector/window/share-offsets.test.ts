/** Share groups: where they start and their lags, as their coordinator tells them. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Observation } from "../model/observation.ts";
import { baseline, groups, LOG, member, members, shown, stateWithTopic } from "./cluster-state.fixture.ts";
import type { ClusterState } from "./cluster-state.ts";
import { liveSlotsOf } from "./live-slots.ts";

type Offsets = Extract<Observation, { kind: "share-offsets" }>["offsets"];

const UNKNOWN = Number.NaN;
const NOBODY = undefined;

function shareOffsets(
  ...rows: readonly (readonly [partition: number, start: number | undefined, lag?: number])[]
): Observation {
  const offsets: Offsets = rows.map(([partition, startOffset, lag]) => ({ topic: "t", partition, startOffset, lag }));
  return { kind: "share-offsets", group: "g", logPartition: LOG, offsets };
}

function lags(state: ClusterState): readonly (number | undefined)[] {
  return liveSlotsOf(state.table, "g").map((slot) => state.offsets.shareLags.get(slot));
}

test("a share group shows where it starts, and a lag where there is one", () => {
  const state = stateWithTopic();
  state.observe(shareOffsets([0, 40, 3], [1, 50]));
  assert.deepEqual(shown(state), [
    [0, 40, UNKNOWN, NOBODY],
    [1, 50, UNKNOWN, NOBODY],
  ]);
  assert.deepEqual(lags(state), [3, undefined]);
});

test("an answer replaces the one before: what it does not name, or knows no more, is gone", () => {
  const state = stateWithTopic();
  state.observe(shareOffsets([0, 40, 3], [1, 50, 9]));
  state.observe(shareOffsets([0, 41]));
  assert.deepEqual(shown(state), [[0, 41, UNKNOWN, NOBODY]]);
  assert.deepEqual(lags(state), [undefined]);
});

test("a partition that was never read is there only where a member has it", () => {
  const state = stateWithTopic();
  const share = { type: "share", protocolType: "share" };
  state.observe(members({ ...share, members: [member("a", [1])] }));
  state.observe(shareOffsets([0, undefined], [1, undefined]));
  assert.deepEqual(shown(state), [[1, UNKNOWN, UNKNOWN, "a"]]);
});

test("a baseline says nothing of a share group: it has no offsets that could be gone", () => {
  const state = stateWithTopic();
  state.observe({ kind: "groups", groups: [{ group: "g", protocolType: "share", state: "Stable", type: "share" }] });
  state.observe(shareOffsets([0, 40]));
  state.observe(baseline([]));
  assert.equal(shown(state).length, 1);
});

test("a share group that is listed no more is gone", () => {
  const state = stateWithTopic();
  state.observe(groups("g"));
  state.observe(shareOffsets([0, 40, 3]));
  state.observe(groups());
  state.observe(groups());
  assert.deepEqual(shown(state), []);
});

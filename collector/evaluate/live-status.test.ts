/** Our status of a partition: what is not known first, then the verdict, then the lag alone; and the roll-up of a group. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Reason } from "../model/reason.ts";
import { PARTITION_STATUSES } from "../model/snapshot.ts";
import type { GroupStatus, PartitionStatus } from "../model/status.ts";
import type { LogState } from "../window/log-states.ts";
import type { KnownOfPartition } from "./live-status.ts";
import { codeOf, groupStatus, judgedPartition } from "./live-status.ts";

const LOG: LogState = {
  baselineOrder: 0,
  replayed: true,
  backfilled: true,
  progress: 1,
  unavailable: undefined,
  isPolled: false,
  isBurrow: false,
  sinceMs: Number.NaN,
  clockDifferenceMs: 0,
};
const WELL: KnownOfPartition = {
  log: LOG,
  group: undefined,
  leader: undefined,
  isUnreadable: false,
  isRefilling: false,
  commitAgeMs: Number.NaN,
  verdict: "OK",
  lag: 5,
  hasCommit: true,
  allowedLag: 0,
};

const rows: readonly {
  readonly name: string;
  readonly known: Partial<KnownOfPartition>;
  readonly want: PartitionStatus | readonly [PartitionStatus, Reason];
}[] = [
  { name: "a verdict is the status", known: { verdict: "STALL" }, want: "STALL" },
  { name: "a verdict counts whatever the lag now is", known: { verdict: "WARN", lag: 0 }, want: "WARN" },
  { name: "an OK verdict with lag is OK", known: {}, want: "OK" },
  {
    name: "an offset that was taken back is not judged any more, though its window is",
    known: { verdict: "STOP", hasCommit: false, lag: Number.NaN },
    want: "OK",
  },
  {
    name: "before the replay ends nothing is judged",
    known: { log: { ...LOG, replayed: false } },
    want: ["warming", "replay"],
  },
  {
    name: "before the replay ends not even no lag is OK",
    known: { log: { ...LOG, replayed: false }, verdict: undefined, lag: 0 },
    want: ["warming", "replay"],
  },
  {
    name: "a log that does not answer is stale",
    known: { log: { ...LOG, unavailable: "no-leader" } },
    want: ["stale", "coordinator_missing"],
  },
  {
    name: "a log that does not answer is stale before it is warming",
    known: { log: { ...LOG, replayed: false, unavailable: "broker-unreachable" } },
    want: ["stale", "coordinator_unreachable"],
  },
  {
    name: "an old end offset is stale, whatever the verdict",
    known: { leader: "old", verdict: "STOP" },
    want: ["stale", "end_offset_old"],
  },
  {
    name: "an end offset that is refused is unauthorised",
    known: { leader: "unauthorised" },
    want: ["unauthorised", "topic_denied"],
  },
  {
    name: "a log that is refused is unauthorised",
    known: { log: { ...LOG, unavailable: "unauthorised" } },
    want: ["unauthorised", "offsets_topic_denied"],
  },
  {
    name: "refused on one side and stale on the other is unauthorised",
    known: { log: { ...LOG, unavailable: "error" }, leader: "unauthorised" },
    want: ["unauthorised", "topic_denied"],
  },
  {
    name: "a Burrow that does not answer is stale, and no coordinator is blamed",
    known: { log: { ...LOG, isBurrow: true, unavailable: "broker-unreachable" } },
    want: ["stale", "burrow_silent"],
  },
  {
    name: "a Burrow that refuses us is unauthorised",
    known: { log: { ...LOG, isBurrow: true, unavailable: "unauthorised" } },
    want: ["unauthorised", "burrow_silent"],
  },
  {
    name: "a group that a Burrow does not answer for is stale",
    known: { log: { ...LOG, isBurrow: true }, group: "error" },
    want: ["stale", "burrow_silent"],
  },
  {
    name: "without window and commit there is nothing to be wrong",
    known: { verdict: undefined, hasCommit: false, lag: Number.NaN },
    want: "OK",
  },
  {
    name: "without window, a lag that is not known is stale",
    known: { verdict: undefined, lag: Number.NaN },
    want: ["stale", "end_offset_unknown"],
  },
  { name: "without window, no lag is OK", known: { verdict: undefined, lag: 0 }, want: "OK" },
  { name: "without window, the allowed lag is OK", known: { verdict: undefined, lag: 7, allowedLag: 7 }, want: "OK" },
  {
    name: "without window, one more than the allowed lag with all read is STOP",
    known: { verdict: undefined, lag: 8, allowedLag: 7 },
    want: "STOP",
  },
  {
    name: "without window, a lag with older records unread is warming",
    known: { verdict: undefined, log: { ...LOG, backfilled: false } },
    want: ["warming", "replay"],
  },
  { name: "a window that no tick has judged, without lag, is OK", known: { verdict: "due", lag: 0 }, want: "OK" },
  {
    name: "a window that no tick has judged, with lag, is warming and never STOP",
    known: { verdict: "due" },
    want: ["warming", "first_verdict"],
  },
  {
    name: "a window that no tick has judged, with a lag not known, is stale",
    known: { verdict: "due", lag: Number.NaN },
    want: ["stale", "end_offset_unknown"],
  },
  {
    name: "without window, a lag after a commit of nearly ten minutes ago is warming: the window was lost",
    known: { verdict: undefined, commitAgeMs: 599_999 },
    want: ["warming", "window_refilling"],
  },
  {
    name: "without window, a lag after a commit of ten minutes ago is STOP",
    known: { verdict: undefined, commitAgeMs: 600_000 },
    want: "STOP",
  },
  {
    name: "a window that was lost and holds one commit or two makes no STOP of a pause",
    known: { verdict: "STOP", isRefilling: true },
    want: ["warming", "window_refilling"],
  },
  { name: "it makes a REWIND", known: { verdict: "REWIND", isRefilling: true }, want: "REWIND" },
  { name: "without lag it is OK", known: { verdict: "STOP", isRefilling: true, lag: 0 }, want: "OK" },
  {
    name: "without window it is warming, however long ago the last commit was",
    known: { verdict: undefined, isRefilling: true, commitAgeMs: 1e9 },
    want: ["warming", "window_refilling"],
  },
  {
    name: "a group that is refused is unauthorised",
    known: { group: "unauthorised" },
    want: ["unauthorised", "group_denied"],
  },
  {
    name: "a group of which its coordinator does not tell is stale",
    known: { group: "error", verdict: "OK" },
    want: ["stale", "coordinator_error"],
  },
  {
    name: "a leader that does not answer is stale",
    known: { leader: "broker-unreachable" },
    want: ["stale", "leader_unreachable"],
  },
  {
    name: "a commit that cannot be read is stale, whatever the one before it was",
    known: { isUnreadable: true, verdict: "OK" },
    want: ["stale", "offset_unreadable"],
  },
];
for (const { name, known, want } of rows) {
  test(name, () => {
    const [status, reason] = typeof want === "string" ? [want, undefined] : want;
    assert.deepEqual(judgedPartition({ ...WELL, ...known }), { status, reason });
  });
}

const groups: readonly (readonly [partitions: readonly PartitionStatus[], want: GroupStatus])[] = [
  [[], "unknown"],
  [["OK"], "OK"],
  [["OK", "WARN"], "WARN"],
  [["WARN", "STOP"], "ERR"],
  [["STALL", "OK"], "ERR"],
  [["REWIND", "stale", "unauthorised"], "ERR"],
  [["WARN", "stale", "warming"], "WARN"],
  [["stale", "unauthorised", "OK"], "unauthorised"],
  [["stale", "warming", "OK"], "stale"],
  [["warming", "unknown", "OK"], "warming"],
  [["unknown", "OK"], "unknown"],
];
for (const [partitions, want] of groups) {
  test(`a group of ${partitions.join(", ") || "no partitions"} is ${want}, in any order`, () => {
    assert.equal(groupStatus(new Set(partitions)), want);
    assert.equal(groupStatus(new Set(partitions.toReversed())), want);
  });
}

test("each status has its own number, and it is found again by it", () => {
  assert.deepEqual(PARTITION_STATUSES.map(codeOf), [0, 1, 2, 3, 4, 5, 6, 7, 8]);
});

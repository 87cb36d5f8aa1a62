/** The comparison with the oracle can fail: each kind of difference is named, and equality is silent. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { GroupEvaluation, PartitionEvaluation } from "../../collector/model/evaluation.ts";
import { differences, type Oracle, wrongNumbers } from "./compare.ts";

const row = { group: "g", topic: "t", partition: 0, currentOffset: 10, logEndOffset: 100, lag: 90 };
const nobody = { consumerId: undefined, host: undefined, clientId: undefined };
const oracle: Oracle = { rows: [{ ...row, ...nobody }], states: [{ group: "g", state: "Empty", members: 0 }] };
const own = { topic: "t", partition: 0, status: "OK", committed_offset: 10, end_offset: 100, lag: 90 } as const;

function served(partition: PartitionEvaluation, over: Partial<GroupEvaluation> = {}): readonly GroupEvaluation[] {
  const counts = { partitions_bad: 0, partitions_stale: 0, partitions_without_commit: 0, complete: 1 };
  const group = { cluster: "c", group: "g", at: 0, status: "OK", state: "Empty", members: 0, ...counts } as const;
  return [{ ...group, partitions: [partition], ...over }];
}

const rows: readonly { name: string; groups: readonly GroupEvaluation[]; want: RegExp | undefined }[] = [
  { name: "equal", groups: served(own), want: undefined },
  {
    name: "below the log start lag and lost records add up",
    groups: served({ ...own, lag: 60, lost_records: 30 }),
    want: undefined,
  },
  {
    name: "a partition without a commit is in no row",
    groups: served(own).concat(served({ topic: "t", partition: 1, status: "OK" })),
    want: undefined,
  },
  { name: "another lag", groups: served({ ...own, lag: 89 }), want: /lag is 89/ },
  { name: "an absent lag", groups: served({ ...own, lag: undefined }), want: /lag is undefined/ },
  { name: "another end", groups: served({ ...own, end_offset: 99 }), want: /end_offset is 99/ },
  { name: "an owner that is none", groups: served({ ...own, owner: "/1.2.3.4" }), want: /owner/ },
  { name: "another state", groups: served(own, { state: "Stable" }), want: /state is Stable/ },
  { name: "a member too many", groups: served(own, { members: 1 }), want: /members is 1/ },
  { name: "nothing served", groups: [], want: /not served/ },
  { name: "a group too many", groups: served(own, { group: "h" }), want: /h.*no such row/ },
];

for (const { name, groups, want } of rows) {
  test(`differences: ${name}`, () => {
    const found = differences(groups, oracle).join("; ");
    if (want === undefined) assert.equal(found, "");
    else assert.match(found, want);
  });
}

test("an absent number is never wrong, a false one always", () => {
  assert.deepEqual(wrongNumbers(served({ topic: "t", partition: 0, status: "stale" }), oracle.rows), []);
  assert.match(wrongNumbers(served({ ...own, lag: 0 }), oracle.rows).join(), /lag 0 was served; true is 90/);
});

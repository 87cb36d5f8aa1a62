/** Group metadata records: members, tombstones, touched groups; what cannot be read is counted. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { encodeAssignment, encodeGroupKey, encodeGroupMetadata } from "../protocol/record-batch.fixture.ts";

import { AT_MS, assertConserved, bench, plain } from "./offsets-log.fixture.ts";

const member = { memberId: "m", clientId: "c", clientHost: "/10.0.0.1" };
const assignment = encodeAssignment([{ topic: "t", partitions: [0, 1] }]);

const groups = [
  {
    name: "members of a consumer group with what they own",
    value: encodeGroupMetadata({ protocolType: "consumer", generation: 3, members: [{ ...member, assignment }] }),
    want: {
      protocolType: "consumer",
      state: "Stable",
      generation: 3,
      members: [{ ...member, partitions: [{ topic: "t", partitions: [0, 1] }] }],
    },
  },
  {
    name: "members of a Connect cluster without looking into their bytes",
    value: encodeGroupMetadata({ protocolType: "connect", generation: 3, members: [{ ...member, assignment }] }),
    want: { protocolType: "connect", state: "Stable", generation: 3, members: [{ ...member, partitions: [] }] },
  },
  {
    name: "a member whose assignment is damaged without partitions",
    value: encodeGroupMetadata({
      protocolType: "consumer",
      generation: 3,
      members: [{ ...member, assignment: Buffer.from([0]) }],
    }),
    want: { protocolType: "consumer", state: "Stable", generation: 3, members: [{ ...member, partitions: [] }] },
  },
  {
    name: "a group whose last member left as Empty",
    value: encodeGroupMetadata({ protocolType: "consumer", generation: 4, members: [] }),
    want: { protocolType: "consumer", state: "Empty", generation: 4, members: [] },
  },
];

for (const { name, value, want } of groups) {
  test(`the log tells ${name}`, () => {
    const one = bench();
    const { log, observations, ingest } = one;
    log.apply(plain(5, { key: encodeGroupKey(2, "g"), value }), 0);
    assert.equal(ingest.counts.group_metadata, 1);
    assertConserved(one);
    assert.deepEqual(observations, [
      { kind: "members", group: "g", type: "classic", order: 5, logPartition: 26, atMs: AT_MS, ...want },
    ]);
  });
}

test("the tombstone of a classic group is told as such, and says nothing of its offsets", () => {
  const { log, observations, ingest } = bench();
  log.apply(plain(5, { key: encodeGroupKey(2, "g"), value: undefined }), 0);
  assert.equal(ingest.counts.group_tombstones, 1);
  assert.deepEqual(observations, [{ kind: "group-tombstone", group: "g", logPartition: 26, order: 5 }]);
});

const VALUE = Buffer.alloc(2);

test("touched groups are listed once, up to the limit", () => {
  const { log, ingest } = bench({ touchedGroupsMax: 2 });
  const touch = (type: number, group: string, memberId?: string) => ({
    key: encodeGroupKey(type, group, memberId),
    value: VALUE,
  });
  log.apply(plain(0, touch(3, "a"), touch(8, "a", "m"), touch(11, "b"), touch(17, "c")), 0);
  assert.deepEqual(
    [...ingest.drainTouchedGroups()],
    [
      ["a", "consumer"],
      ["b", "share"],
    ],
  );
  assert.equal(ingest.drainTouchedGroups().size, 0);
  assert.equal(ingest.counts.group_state, 4);
  assert.equal(ingest.counts.touched_group_dropped, 1);
});

const conversions = [
  {
    name: "an upgrade",
    types: [
      [2, false],
      [3, true],
      [5, true],
      [6, true],
      [7, true],
      [8, true],
    ],
    want: "consumer",
  },
  {
    name: "an upgrade whose removal comes last",
    types: [
      [3, true],
      [8, true],
      [2, false],
    ],
    want: "consumer",
  },
  {
    name: "a downgrade",
    types: [
      [8, false],
      [7, false],
      [6, false],
      [5, false],
      [3, false],
      [2, true],
    ],
    want: "classic",
  },
  {
    name: "a deletion",
    types: [
      [8, false],
      [3, false],
      [2, false],
    ],
    want: undefined,
  },
] as const;

for (const { name, types, want } of conversions) {
  test(`what a group is to be asked as after ${name}: ${want ?? "nothing"}`, () => {
    const { log, ingest } = bench();
    const metadata = encodeGroupMetadata({ protocolType: "consumer", generation: 3, members: [] });
    const records = types.map(([type, hasValue]) => ({
      key: encodeGroupKey(type, "g", type === 3 || type === 2 || type === 6 ? undefined : "m"),
      value: hasValue ? (type === 2 ? metadata : VALUE) : undefined,
    }));
    log.apply(plain(0, ...records), 0);
    assert.equal(ingest.drainTouchedGroups().get("g"), want);
  });
}

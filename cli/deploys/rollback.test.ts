/** What going back means, by table, and as a law over any three numbers. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Deploy } from "../../collector/model/deploy.ts";
import type { GroupEvaluation, PartitionEvaluation } from "../../collector/model/evaluation.ts";
import { rollbackTo } from "./rollback.ts";

type Row = Partial<Pick<PartitionEvaluation, "committed_offset" | "end_offset" | "start_offset">>;

function moveOf(then: number, row: Row | undefined) {
  const deploy = {
    cluster: "c",
    group: "g",
    name: "n",
    at: 1,
    offsets: [{ topic: "t", partition: 0, committed_offset: then }],
  };
  const rows: readonly PartitionEvaluation[] =
    row === undefined ? [] : [{ topic: "t", partition: 0, status: "OK", ...row }];
  const [move] = rollbackTo({ ...deploy, unknown: [] } satisfies Deploy, groupOf(rows)).partitions;
  assert.ok(move !== undefined);
  const { again, taken, skipped, isBeyondEnd } = move;
  return [again, taken, skipped, isBeyondEnd];
}

function groupOf(partitions: readonly PartitionEvaluation[]): GroupEvaluation {
  const counts = { partitions_bad: 0, partitions_stale: 0, partitions_without_commit: 0, complete: 1 };
  return { cluster: "c", group: "g", at: 1, status: "OK", ...counts, partitions };
}

const cases: readonly (readonly [name: string, then: number, row: Row | undefined, want: ReturnType<typeof moveOf>])[] =
  [
    ["nothing was read since", 50, { committed_offset: 50, start_offset: 0, end_offset: 90 }, [0, 0, 0, false]],
    ["ten were read, all are there", 50, { committed_offset: 60, start_offset: 50, end_offset: 90 }, [10, 0, 0, false]],
    ["ten were read, four are gone", 50, { committed_offset: 60, start_offset: 54, end_offset: 90 }, [10, 4, 0, false]],
    ["all that was read is gone", 50, { committed_offset: 60, start_offset: 80, end_offset: 90 }, [10, 10, 0, false]],
    ["it was reset to before", 50, { committed_offset: 20, start_offset: 0, end_offset: 90 }, [0, 0, 30, false]],
    [
      "it stands before what is gone",
      50,
      { committed_offset: 20, start_offset: 70, end_offset: 90 },
      [0, 0, 30, false],
    ],
    ["the topic was made again", 50, { committed_offset: 3, start_offset: 0, end_offset: 9 }, [0, 0, 47, true]],
    ["the start is not known", 50, { committed_offset: 60, end_offset: 90 }, [10, undefined, 0, false]],
    ["the end is not known", 50, { committed_offset: 60, start_offset: 0 }, [10, 0, 0, false]],
    ["nothing is committed", 50, { end_offset: 40 }, [undefined, undefined, undefined, true]],
    [
      "a commit that says nothing",
      50,
      { committed_offset: -1, end_offset: 90 },
      [undefined, undefined, undefined, false],
    ],
    ["the partition is gone", 50, undefined, [undefined, undefined, undefined, false]],
  ];
for (const [name, then, row, want] of cases) test(name, () => assert.deepEqual(moveOf(then, row), want));

test("partitions that came after the deploy stay as they are", () => {
  const deploy = { cluster: "c", group: "g", name: "n", at: 1, offsets: [], unknown: [] };
  const row = { topic: "t", partition: 7, status: "OK", committed_offset: 3 } as const;
  assert.deepEqual(rollbackTo(deploy, groupOf([row])), { partitions: [], untouched: [{ topic: "t", partition: 7 }] });
});

test("what is read again is counted record by record", () => {
  const offset = fc.nat(40);
  fc.assert(
    fc.property(offset, offset, offset, (then, now, start) => {
      const all = Array.from({ length: 41 }, (_, record) => record);
      const again = all.filter((record) => record >= then && record < now);
      const skipped = all.filter((record) => record >= now && record < then);
      assert.deepEqual(moveOf(then, { committed_offset: now, start_offset: start, end_offset: 41 }), [
        again.length,
        again.filter((record) => record < start).length,
        skipped.length,
        false,
      ]);
    }),
  );
});

/** Names to ask a coordinator with: one in each partition of the offsets topic. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { groupPartition } from "../protocol/group-partition.ts";
import { probeNames } from "./coordinator-probe.ts";

for (const logPartitions of [0, 1, 3, 50, 100]) {
  test(`each of ${logPartitions} partitions has a name of its own`, () => {
    const partitions = probeNames(logPartitions).map((name) => groupPartition(name, logPartitions));
    assert.deepEqual(
      partitions,
      Array.from({ length: logPartitions }, (_, index) => index),
    );
  });
}

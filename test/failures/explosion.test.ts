/** More groups than are kept. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createIngest } from "../../collector/ingest/ingest.ts";
import { encodeBatch, encodeCommitKey, encodeCommitValue } from "../../collector/protocol/record-batch.fixture.ts";
import { BURROW_STORE_DEFAULTS } from "../../collector/window/burrow-store.ts";
import { createClusterState } from "../../collector/window/cluster-state.ts";
import { heldBytes } from "../../runtime/held-bytes.fixture.ts";

const NOW_MS = 1_700_000_000_000;
const PARTITIONS = 5;
const SLOTS_MAX = 10_000;
const FLOOD = 20_000;
const GROWTH_BYTES_MAX = 2 ** 20;

function opened() {
  const nowS = () => NOW_MS / 1_000;
  const state = createClusterState({ cluster: "c", burrow: BURROW_STORE_DEFAULTS, slotsMax: SLOTS_MAX, nowS });
  state.observe({ kind: "topics", topics: [{ topic: "t", topicId: "id", partitions: PARTITIONS }] });
  const ingest = createIngest({ observer: state, keysMax: 2 * SLOTS_MAX });
  const log = ingest.openLog(0);
  let order = 0;
  const value = encodeCommitValue({ committedOffset: 5, committedAtMs: NOW_MS });
  return {
    state,
    ingest,
    /** One commit for each partition of each of these groups. */
    flood(first: number): void {
      for (let group = first; group < first + FLOOD; group++) {
        const records = Array.from({ length: PARTITIONS }, (_, partition) => {
          return { key: encodeCommitKey({ group: `group-${group}`, topic: "t", partition }), value };
        });
        order = log.apply(encodeBatch({ baseOffset: order, records }), order);
      }
    },
  };
}

test("C11: of 100,000 series where 10,000 are kept the first stay, the others are counted, and each further flood leaves memory as it is", async () => {
  const { state, ingest, flood } = opened();
  flood(0);
  assert.deepEqual([state.table.count(), state.refused()], [SLOTS_MAX, PARTITIONS * FLOOD - SLOTS_MAX]);
  assert.equal(ingest.counts.no_room, PARTITIONS * FLOOD - SLOTS_MAX);
  const kept = (group: number): boolean =>
    state.table.find({ group: `group-${group}`, topic: "t", partition: 4 }) !== undefined;
  assert.deepEqual([0, SLOTS_MAX / PARTITIONS - 1, SLOTS_MAX / PARTITIONS, FLOOD - 1].map(kept), [
    true,
    true,
    false,
    false,
  ]);
  flood(FLOOD);
  const before = await heldBytes();
  for (let round = 2; round < 5; round++) flood(round * FLOOD);
  const grown = (await heldBytes()) - before;
  assert.ok(grown < GROWTH_BYTES_MAX, `${grown} bytes more are held`);
  assert.deepEqual([state.table.count(), kept(0)], [SLOTS_MAX, true]);
});

/**
 * Markers of transactions take offsets that no consumer sees: over TCP, with the real times of the polls (last stable offsets are
 * asked for each 30 s), a group that has read all is caught up though its lag is one, and not when a record follows.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cluster } from "../../simulator/cluster/cluster.ts";
import { done, notYet } from "../real/until.ts";
import { onStage, TOPIC } from "./collector.fixture.ts";

const PRODUCER = 7;

/** Commits so that `left` offsets are left to read. */
function commitNearEnd(cluster: Cluster, left: number): void {
  const committedOffset = (cluster.partition(TOPIC, 0)?.endOffset ?? 0) - left;
  cluster.commit({ group: "classic", offsets: [{ topic: TOPIC, partition: 0, committedOffset }], atMs: Date.now() });
}

test("the marker behind a group that has read all is no lag to be judged, a record is", async () => {
  await onStage({ timeoutMs: 240_000 }, async ({ cluster, shown, until, untilRight, view }) => {
    const row = () => shown("classic")?.partitions.find(({ partition }) => partition === 0);
    await untilRight("all is shown");
    cluster.beginTransaction(TOPIC, 0, PRODUCER);
    cluster.append(TOPIC, 0, 10, Date.now());
    commitNearEnd(cluster, 0);
    const id = view.state.table.topicPartitions.find(TOPIC, 0) ?? -1;
    await until("the open transaction is seen", () => {
      const isSeen = view.state.watermarks.stable.hasMarkers.get(id) !== 0;
      return isSeen ? done(undefined) : notYet("not yet");
    });
    cluster.endTransaction(TOPIC, 0, PRODUCER, "commit", Date.now());
    commitNearEnd(cluster, 1);
    await until("what is left is the residue", () => {
      const { status, lag, reason } = row() ?? {};
      return reason === "transaction_residue" && status === "OK" && lag === 1 ? done(undefined) : notYet(`${reason}`);
    });
    cluster.append(TOPIC, 0, 1, Date.now());
    await until("a record is none", () => {
      const { lag, reason } = row() ?? {};
      return lag === 2 && reason === undefined ? done(undefined) : notYet(`${lag} ${reason}`);
    });
    assert.notEqual(row()?.status, "stale");
  });
});

/**
 * # Share groups: how far each has read
 *
 * A share group commits no offsets (KIP-932). Its coordinator tells where each partition starts, which stands here where other
 * groups have their committed offset, and maybe a lag, which no offset gives: the start trails behind what was read.
 */

import type { Observation } from "../model/observation.ts";
import { NO_ROOM } from "../model/observation.ts";
import type { ClusterState } from "./cluster-state.ts";
import { liveSlotsOf } from "./live-slots.ts";

const NO_OFFSET = -1;

export function takeShareOffsets(
  { slotOf, offsets, table, setLogPartition }: ClusterState,
  observed: Extract<Observation, { kind: "share-offsets" }>,
): boolean {
  const present = new Set<number>();
  for (const { topic, partition, startOffset = NO_OFFSET, lag } of observed.offsets) {
    const slot = slotOf(observed.group, topic, partition);
    if (slot === NO_ROOM) continue;
    offsets.setBaseline(slot, startOffset);
    if (lag === undefined) offsets.shareLags.delete(slot);
    else offsets.shareLags.set(slot, lag);
    present.add(slot);
  }
  setLogPartition(observed.group, observed.logPartition);
  for (const slot of liveSlotsOf(table, observed.group)) {
    if (!present.has(slot)) offsets.forget(slot);
    offsets.releaseIfEmpty(slot);
  }
  return true;
}

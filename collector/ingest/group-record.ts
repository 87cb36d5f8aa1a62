/**
 * # Records about groups: all key types but the commits
 *
 * Classic metadata (type 2) becomes members, or a tombstone that does not mean the end of the group: one that turns into a
 * consumer group leaves a tombstone too, and keeps its offsets. Members' bytes are read only for protocol type "consumer": others
 * write their own there. Types of other protocols say which group was touched; unknown types are counted.
 */

import type { MemberDescription, Observer } from "../model/observation.ts";
import { decodeAssignment } from "../protocol/offsets-topic/consumer-protocol.ts";
import { decodeGroupMetadata, type GroupMember } from "../protocol/offsets-topic/group-metadata.ts";
import { decodeKey } from "../protocol/offsets-topic/key.ts";
import type { BatchWalker } from "../protocol/record-batch.ts";
import type { IngestCounts } from "./ingest-counts.ts";
import type { TouchedGroups } from "./touched-groups.ts";

export interface GroupRecordSink {
  readonly logPartition: number;
  readonly observer: Observer;
  readonly counts: IngestCounts;
  readonly touched: TouchedGroups;
  readonly walker: BatchWalker;
}

/** Takes the record that the walker is at. */
export function applyGroupRecord(sink: GroupRecordSink): void {
  const { walker, counts } = sink;
  const key = decodeKey(walker.bytes, { start: walker.keyStart, end: walker.keyEnd });
  if (key.kind === "malformed") {
    counts.malformed_key++;
    return;
  }
  switch (key.value.kind) {
    case "group-metadata":
      applyGroupMetadata(sink, key.value.group);
      return;
    case "group-state":
      counts.group_state++;
      if (!sink.touched.add(key.value.group)) counts.touched_group_dropped++;
      return;
    case "offset-commit": // told apart before this is called
    case "unknown":
      counts.unknown_type++;
  }
}

function applyGroupMetadata(sink: GroupRecordSink, group: string): void {
  const { walker, counts, observer, logPartition } = sink;
  const order = walker.offset;
  if (!walker.hasValue) {
    counts.group_tombstones++;
    observer.observe({ kind: "group-tombstone", group, logPartition, order });
    return;
  }
  const metadata = decodeGroupMetadata(walker.bytes, { start: walker.valueStart, end: walker.valueEnd });
  if (metadata.kind === "malformed") {
    counts.malformed_value++;
    return;
  }
  counts.group_metadata++;
  const { protocolType, generation, members } = metadata.value;
  observer.observe({
    kind: "members",
    group,
    protocolType,
    // Written only when a generation is complete or the last member has left.
    state: members.length === 0 ? "Empty" : "Stable",
    type: "classic",
    generation,
    members: members.map((member) => describe(member, protocolType, counts)),
    order,
    logPartition,
  });
}

function describe(member: GroupMember, protocolType: string, counts: IngestCounts): MemberDescription {
  const { memberId, clientId, clientHost, assignment } = member;
  if (protocolType !== "consumer" || assignment === undefined)
    return { memberId, clientId, clientHost, partitions: [] };
  const read = decodeAssignment(assignment);
  if (read.kind === "malformed") {
    counts.malformed_assignment++;
    return { memberId, clientId, clientHost, partitions: [] };
  }
  return { memberId, clientId, clientHost, partitions: read.value.assignedPartitions };
}

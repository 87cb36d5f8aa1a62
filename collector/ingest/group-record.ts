/**
 * # Records about groups: all key types but the commits
 *
 * Classic metadata (type 2) becomes members, or a tombstone that does not mean the end of the group: one that turns into a
 * consumer group leaves a tombstone too, and keeps its offsets. Members' bytes are read only for protocol type "consumer": others
 * write their own there. Records of other types say which group was touched; unknown types are counted. A removal alone touches
 * nothing: with a member that leaves comes a record of the new epoch, and the end of a group is told by listings.
 */

import type { MemberDescription, Observer } from "../model/observation.ts";
import { decodeAssignment } from "../protocol/offsets-topic/consumer-protocol.ts";
import { decodeGroupMetadata, type GroupMember } from "../protocol/offsets-topic/group-metadata.ts";
import { decodeKey, groupTypeOf } from "../protocol/offsets-topic/key.ts";
import type { BatchWalker } from "../protocol/record-batch.ts";
import type { IngestCount, IngestCounts } from "./ingest-counts.ts";
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
  sink.counts[takeRecord(sink)]++;
}

/** What became of it. */
function takeRecord(sink: GroupRecordSink): IngestCount {
  const { walker } = sink;
  const key = decodeKey(walker.bytes, { start: walker.keyStart, end: walker.keyEnd });
  if (key.kind === "malformed") return "malformed_key";
  switch (key.value.kind) {
    case "group-metadata":
      touch(sink, key.value);
      return takeGroupMetadata(sink, key.value.group);
    case "group-state":
      touch(sink, key.value);
      return "group_state";
    case "offset-commit": // told apart before this is called
    case "unknown":
      return "unknown_type";
  }
}

function touch({ walker, counts, touched }: GroupRecordSink, key: { readonly group: string; readonly type: number }) {
  const type = groupTypeOf(key.type);
  if (walker.hasValue && type !== undefined && !touched.add(key.group, type)) counts.touched_group_dropped++;
}

function takeGroupMetadata(sink: GroupRecordSink, group: string): IngestCount {
  const { walker, counts, observer, logPartition } = sink;
  const order = walker.offset;
  if (!walker.hasValue) {
    observer.observe({ kind: "group-tombstone", group, logPartition, order });
    return "group_tombstones";
  }
  const metadata = decodeGroupMetadata(walker.bytes, { start: walker.valueStart, end: walker.valueEnd });
  if (metadata.kind === "malformed") return "malformed_value";
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
    atMs: walker.timestampMs,
  });
  return "group_metadata";
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

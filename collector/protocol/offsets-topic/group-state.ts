/**
 * # Values of key types 3 to 24
 *
 *   value := version:i16=0 fields
 * Which layouts belong to which type. Some previews wrote another form under the same version, so the first layout that takes
 * all bytes is the one. Types 9 and 18 were dropped before their release: they have none, and neither has a version above 0.
 */

import { type Decoded, DecodeError, decoded } from "../decode-error.ts";
import { bytesLeft, type Reader, readerOf, readInt16 } from "../reader.ts";
import {
  readConsumerGroupMember,
  readConsumerGroupMetadata,
  readConsumerGroupPartitionMetadata,
  readCurrentAssignment,
  readRegularExpression,
  readTargetAssignmentMember,
  readTargetAssignmentMetadata,
} from "./consumer-group.ts";
import { keyTypeName } from "./key.ts";
import {
  readShareCurrentAssignment,
  readShareGroupMember,
  readShareGroupMetadata,
  readShareStatePartitions,
  readShareStatePartitionsOf41,
} from "./share-group.ts";
import {
  readStreamsCurrentAssignment,
  readStreamsGroupMember,
  readStreamsGroupMetadata,
  readStreamsGroupMetadataOf40,
  readStreamsResolvedTopicIds,
  readStreamsTargetMember,
  readStreamsTopology,
} from "./streams-group.ts";

type Layout = (reader: Reader) => object;

const LAYOUTS: ReadonlyMap<number, readonly Layout[]> = new Map<number, readonly Layout[]>([
  [3, [readConsumerGroupMetadata]],
  [4, [readConsumerGroupPartitionMetadata]],
  [5, [readConsumerGroupMember]],
  [6, [readTargetAssignmentMetadata]],
  [7, [readTargetAssignmentMember]],
  [8, [readCurrentAssignment]],
  [10, [readShareGroupMember]],
  [11, [readShareGroupMetadata]],
  [12, [readTargetAssignmentMetadata]],
  [13, [readTargetAssignmentMember]],
  [14, [readShareCurrentAssignment]],
  [15, [readShareStatePartitions, readShareStatePartitionsOf41]],
  [16, [readRegularExpression]],
  [17, [readStreamsGroupMetadata, readStreamsGroupMetadataOf40]],
  [19, [readStreamsGroupMember]],
  [20, [readTargetAssignmentMetadata]],
  [21, [readStreamsTargetMember]],
  [22, [readStreamsCurrentAssignment]],
  [23, [readStreamsTopology]],
  [24, [readStreamsResolvedTopicIds]],
]);

/** The fields of the type's layout, by the names that stand above it. */
export function decodeGroupState(type: number, bytes: Buffer): Decoded<object> {
  const what = `${keyTypeName(type)} of __consumer_offsets`;
  let failed: Decoded<object> = { kind: "malformed", error: new DecodeError(what, 0, "the type has no layout here") };
  for (const layout of LAYOUTS.get(type) ?? []) {
    const state = decoded(() => readGroupState(readerOf(bytes, { what, flexible: true }), layout));
    if (state.kind === "decoded") return state;
    failed = state;
  }
  return failed;
}

function readGroupState(reader: Reader, layout: Layout): object {
  const version = readInt16(reader);
  if (version !== 0) throw new DecodeError(reader.what, 0, `version ${version} is not known`);
  const state = layout(reader);
  if (bytesLeft(reader) > 0) throw new DecodeError(reader.what, reader.at, `${bytesLeft(reader)} bytes left over`);
  return state;
}

/**
 * # Keys of `__consumer_offsets`
 *
 *   key   := type:i16 fields                                                          never flexible
 *     0, 1         := group:str topic:str partition:i32        (0 is the form of Kafka 0.8)
 *     2            := group:str
 *     3..24        := group:str [ memberId:str | regularExpression:str ]              see TYPES
 * Types that are not in the table are legal: an upgrade that was rolled back leaves them behind, and the broker skips them
 * too. They are known by number. Layouts: `group-coordinator/src/main/resources/common/message/*Key.json` of apache/kafka;
 * KIP-848 (3..8, 16), KIP-932 (10..15), KIP-1071 (17..24).
 */

import { type Decoded, DecodeError, decoded } from "../decode-error.ts";
import { bytesLeft, type Reader, readerOf, readInt16, readInt32, readText } from "../reader.ts";

export type Key =
  | {
      readonly kind: "offset-commit";
      readonly type: 0 | 1;
      readonly group: string;
      readonly topic: string;
      readonly partition: number;
    }
  | { readonly kind: "group-metadata"; readonly type: 2; readonly group: string }
  /** State of a group of another protocol than the classic one. */
  | {
      readonly kind: "group-state";
      readonly type: number;
      readonly group: string;
      readonly memberId: string | undefined;
      readonly regularExpression: string | undefined;
    }
  | { readonly kind: "unknown"; readonly type: number };

/** As ListGroups names them (KIP-848). */
export type GroupType = "classic" | "consumer" | "share" | "streams";

/** Which type of group a key's record belongs to; undefined of commits, which are common to all, and of unknown types. */
export function groupTypeOf(type: number): GroupType | undefined {
  if (type === 2) return "classic";
  if ((type >= 3 && type <= 8) || type === 16) return "consumer";
  if (type >= 9 && type <= 15) return "share";
  return type >= 17 && type <= 24 ? "streams" : undefined;
}

interface TypeOfKey {
  readonly name: string;
  readonly second: "memberId" | "regularExpression" | undefined;
}

function keyType(name: string, second?: TypeOfKey["second"]): TypeOfKey {
  return { name, second };
}

const TYPES: ReadonlyMap<number, TypeOfKey> = new Map([
  [0, keyType("LegacyOffsetCommit")],
  [1, keyType("OffsetCommit")],
  [2, keyType("GroupMetadata")],
  [3, keyType("ConsumerGroupMetadata")],
  [4, keyType("ConsumerGroupPartitionMetadata")],
  [5, keyType("ConsumerGroupMemberMetadata", "memberId")],
  [6, keyType("ConsumerGroupTargetAssignmentMetadata")],
  [7, keyType("ConsumerGroupTargetAssignmentMember", "memberId")],
  [8, keyType("ConsumerGroupCurrentMemberAssignment", "memberId")],
  [9, keyType("ShareGroupPartitionMetadata")],
  [10, keyType("ShareGroupMemberMetadata", "memberId")],
  [11, keyType("ShareGroupMetadata")],
  [12, keyType("ShareGroupTargetAssignmentMetadata")],
  [13, keyType("ShareGroupTargetAssignmentMember", "memberId")],
  [14, keyType("ShareGroupCurrentMemberAssignment", "memberId")],
  [15, keyType("ShareGroupStatePartitionMetadata")],
  [16, keyType("ConsumerGroupRegularExpression", "regularExpression")],
  [17, keyType("StreamsGroupMetadata")],
  [18, keyType("StreamsGroupPartitionMetadata")],
  [19, keyType("StreamsGroupMemberMetadata", "memberId")],
  [20, keyType("StreamsGroupTargetAssignmentMetadata")],
  [21, keyType("StreamsGroupTargetAssignmentMember", "memberId")],
  [22, keyType("StreamsGroupCurrentMemberAssignment", "memberId")],
  [23, keyType("StreamsGroupTopology")],
  [24, keyType("StreamsGroupTargetAssignmentResolvedTopicIds")],
]);

/** For people: the name in Kafka's schemas, else the number. */
export function keyTypeName(type: number): string {
  return TYPES.get(type)?.name ?? `type ${type}`;
}

/** A key with bytes left over is malformed: two keys never stand for one name. */
export function decodeKey(bytes: Buffer, range = { start: 0, end: bytes.length }): Decoded<Key> {
  return decoded(() => {
    const reader = readerOf(bytes, { what: "key of __consumer_offsets", ...range });
    const key = readKey(reader);
    if (key.kind !== "unknown" && bytesLeft(reader) > 0) {
      throw new DecodeError(reader.what, reader.at, `${bytesLeft(reader)} bytes left over`);
    }
    return key;
  });
}

function readKey(reader: Reader): Key {
  const type = readInt16(reader);
  switch (type) {
    case 0:
    case 1:
      return {
        kind: "offset-commit",
        type,
        group: readText(reader),
        topic: readText(reader),
        partition: readInt32(reader),
      };
    case 2:
      return { kind: "group-metadata", type, group: readText(reader) };
    default: {
      const known = TYPES.get(type);
      return known === undefined ? { kind: "unknown", type } : readGroupStateKey(reader, type, known.second);
    }
  }
}

function readGroupStateKey(reader: Reader, type: number, second: TypeOfKey["second"]): Key {
  const group = readText(reader);
  const memberId = second === "memberId" ? readText(reader) : undefined;
  const regularExpression = second === "regularExpression" ? readText(reader) : undefined;
  return { kind: "group-state", type, group, memberId, regularExpression };
}

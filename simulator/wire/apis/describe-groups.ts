/**
 * # DescribeGroups (15), versions 0 to 6
 *
 *     request   groups include_operations(3)
 *     answer    throttle(1) groups [error message(6) group state protocol_type protocol members operations(3)]
 *               members [member_id instance_id(4) client_id client_host metadata assignment]
 *
 * Members' bytes are there only while the group is Stable. A group that is not classic, or is not there, is Dead, without an
 * error before version 6.
 */

import type { GroupView, MemberSpec } from "../../cluster/cluster.ts";
import {
  writeArray,
  writeBytes,
  writeInt16,
  writeInt32,
  writeTags,
  writeText,
} from "../../cluster/offsets-log/byte-writer.ts";
import { encodeAssignment, encodeSubscription } from "../../cluster/offsets-log/consumer-protocol.ts";
import type { Api, Call } from "../api.ts";
import { coordinatorError } from "../api.ts";
import { ERROR } from "../errors.ts";
import { readArray, readBoolean, readString, skipTags } from "../request-reader.ts";

const UNKNOWN_OPERATIONS = -2_147_483_648;
const NO_BYTES = new Uint8Array();
const PROTOCOL_VERSION = 1;

export const describeGroupsApi: Api = {
  key: 15,
  name: "DescribeGroups",
  flexibleFrom: 5,
  handle: (call) => {
    const { version, request, answer, throttleMs } = call;
    const names = readArray(request, () => readString(request));
    if (version >= 3) readBoolean(request);
    skipTags(request);
    if (version >= 1) writeInt32(answer, throttleMs);
    writeArray(answer, names, (_, name) => writeGroup(call, name));
    writeTags(answer);
  },
};

function writeGroup({ version, answer, context }: Call, name: string): void {
  const refused = coordinatorError(context, "DescribeGroups", name);
  const found = context.view.group(name);
  const group = refused === ERROR.none && found?.type === "classic" ? found : undefined;
  const isMissing = refused === ERROR.none && group === undefined;
  writeInt16(answer, isMissing && version >= 6 ? ERROR.groupIdNotFound : refused);
  if (version >= 6) writeText(answer, isMissing ? `Group ${name} not found.` : undefined);
  writeText(answer, name);
  writeText(answer, isMissing ? "Dead" : (group?.state ?? ""));
  writeText(answer, group?.protocolType ?? "");
  writeText(answer, group !== undefined && group.members.length > 0 ? "range" : "");
  writeArray(answer, group?.members ?? [], (_, member) => {
    writeText(answer, member.memberId);
    if (version >= 4) writeText(answer, member.instanceId);
    writeText(answer, member.clientId);
    writeText(answer, member.clientHost);
    const { subscription, assignment } = bytesOf(group, member);
    writeBytes(answer, subscription);
    writeBytes(answer, assignment);
    writeTags(answer);
  });
  if (version >= 3) writeInt32(answer, UNKNOWN_OPERATIONS);
  writeTags(answer);
}

function bytesOf(group: GroupView | undefined, { partitions }: MemberSpec) {
  if (group?.state !== "Stable" || group.protocolType !== "consumer") {
    return { subscription: NO_BYTES, assignment: NO_BYTES };
  }
  const topics = partitions.map(({ topic }) => topic);
  const subscription = encodeSubscription({ topics, ownedPartitions: [], generation: -1 }, PROTOCOL_VERSION);
  return { subscription, assignment: encodeAssignment({ partitions }, PROTOCOL_VERSION) };
}

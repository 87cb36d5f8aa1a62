/**
 * # ConsumerGroupDescribe (69), versions 0 and 1 (KIP-848)
 *
 *     request   groups include_operations
 *     answer    throttle groups [error message group state epoch assignment_epoch assignor members operations]
 *               members [member_id instance_id rack_id epoch client_id client_host topics regex assignment target type(1)]
 *               assignment [topics [id name partitions]]
 */

import type { GroupView, MemberSpec } from "../../cluster/cluster.ts";
import {
  type ByteWriter,
  writeArray,
  writeInt8,
  writeInt16,
  writeInt32,
  writeRaw,
  writeTags,
  writeText,
} from "../../cluster/offsets-log/byte-writer.ts";
import type { Api, BrokerContext, Call } from "../api.ts";
import { coordinatorError } from "../api.ts";
import { ERROR } from "../errors.ts";
import { readArray, readBoolean, readString, skipTags } from "../request-reader.ts";

const UNKNOWN_OPERATIONS = -2_147_483_648;
const NO_ID = Buffer.alloc(16);
/** Of the new protocol; 0 is a classic member that is being upgraded. */
const CONSUMER_MEMBER = 1;

export const consumerGroupDescribeApi: Api = {
  key: 69,
  name: "ConsumerGroupDescribe",
  flexibleFrom: 0,
  handle: (call) => {
    const { request, answer, throttleMs } = call;
    const names = readArray(request, () => readString(request));
    readBoolean(request);
    skipTags(request);
    writeInt32(answer, throttleMs);
    writeArray(answer, names, (_, name) => writeGroup(call, name));
    writeTags(answer);
  },
};

function writeGroup({ version, answer, context }: Call, name: string): void {
  const refused = coordinatorError(context, "ConsumerGroupDescribe", name);
  const found = context.view.group(name);
  const group = refused === ERROR.none && found?.type === "consumer" ? found : undefined;
  const error = refused === ERROR.none && group === undefined ? ERROR.groupIdNotFound : refused;
  writeInt16(answer, error);
  writeText(answer, error === ERROR.groupIdNotFound ? `Group ${name} is not a consumer group.` : undefined);
  writeText(answer, name);
  writeText(answer, group?.state ?? "");
  writeInt32(answer, group?.generation ?? 0);
  writeInt32(answer, group?.generation ?? 0);
  writeText(answer, group === undefined ? "" : "uniform");
  writeArray(answer, group?.members ?? [], (_, member) => writeMember({ version, answer, context }, group, member));
  writeInt32(answer, UNKNOWN_OPERATIONS);
  writeTags(answer);
}

type Target = Pick<Call, "version" | "answer" | "context">;

function writeMember({ version, answer, context }: Target, group: GroupView | undefined, member: MemberSpec): void {
  writeText(answer, member.memberId);
  writeText(answer, member.instanceId);
  writeText(answer, undefined);
  writeInt32(answer, group?.generation ?? 0);
  writeText(answer, member.clientId);
  writeText(answer, member.clientHost);
  writeArray(answer, member.partitions, (_, { topic }) => writeText(answer, topic));
  writeText(answer, undefined);
  writeAssignment(answer, context, member);
  writeAssignment(answer, context, member);
  if (version >= 1) writeInt8(answer, CONSUMER_MEMBER);
  writeTags(answer);
}

function writeAssignment(answer: ByteWriter, { view }: BrokerContext, { partitions }: MemberSpec): void {
  writeArray(answer, partitions, (_, { topic, partitions: numbers }) => {
    writeRaw(answer, view.topic(topic)?.id ?? NO_ID);
    writeText(answer, topic);
    writeArray(answer, numbers, writeInt32);
    writeTags(answer);
  });
  writeTags(answer);
}

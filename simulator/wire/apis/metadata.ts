/**
 * # Metadata (3), versions 0 to 13
 *
 *     request   topics: null = all (an empty list in version 0); by id from 10, by name or id from 12
 *     answer    throttle(3) brokers [id host port rack(1)] cluster_id(2) controller_id(1)
 *               topics [error name(nullable 12) id(10) internal(1) partitions authorized_operations(8)]
 *               partitions [error id leader leader_epoch(7) replicas isr offline(5)]
 *               cluster_authorized_operations(8 to 10) error(13)
 *
 * A topic that the user may not describe is left out of all, and refused where it is asked for.
 */

import type { TopicView } from "../../cluster/cluster.ts";
import {
  writeArray,
  writeInt8,
  writeInt16,
  writeInt32,
  writeRaw,
  writeTags,
  writeText,
} from "../../cluster/offsets-log/byte-writer.ts";
import type { Api, BrokerContext, Call } from "../api.ts";
import { faultCode, isTopicDenied } from "../api.ts";
import { ERROR } from "../errors.ts";
import type { RequestReader } from "../request-reader.ts";
import { readBoolean, readNullableArray, readNullableString, readUuid, skipTags } from "../request-reader.ts";

/** What was asked for, and what there is of it. */
interface Found {
  readonly name: string | undefined;
  readonly id: Uint8Array;
  readonly error: number;
  readonly topic: TopicView | undefined;
}

const NO_ID = Buffer.alloc(16);
/** Operations that we do not tell. */
const UNKNOWN_OPERATIONS = -2_147_483_648;

export const metadataApi: Api = {
  key: 3,
  name: "Metadata",
  flexibleFrom: 9,
  handle: ({ version, request, answer, context, throttleMs }) => {
    const asked = readAsked(request, version);
    const { view } = context;
    if (version >= 3) writeInt32(answer, throttleMs);
    writeArray(answer, context.alive(), (_, id) => {
      const endpoint = context.endpoints.get(id);
      writeInt32(answer, id);
      writeText(answer, endpoint?.host ?? "");
      writeInt32(answer, endpoint?.port ?? 0);
      if (version >= 1) writeText(answer, undefined);
      writeTags(answer);
    });
    if (version >= 2) writeText(answer, view.clusterId);
    if (version >= 1) writeInt32(answer, context.alive()[0] ?? -1);
    const topics = asked === undefined ? allTopics(context) : asked.map((one) => find(context, one));
    writeArray(answer, topics, (_, found) => writeTopic({ answer, version, context }, found));
    if (version >= 8 && version <= 10) writeInt32(answer, UNKNOWN_OPERATIONS);
    if (version >= 13) writeInt16(answer, faultCode(context, "Metadata"));
    writeTags(answer);
  },
};

interface Asked {
  readonly id: Uint8Array;
  readonly name: string | undefined;
}

function readAsked(request: RequestReader, version: number): readonly Asked[] | undefined {
  const asked = readNullableArray(request, () => {
    const id = version >= 10 ? readUuid(request) : NO_ID;
    const name = readNullableString(request);
    skipTags(request);
    return { id, name };
  });
  if (version >= 4) readBoolean(request);
  if (version >= 8 && version <= 10) readBoolean(request);
  if (version >= 8) readBoolean(request);
  skipTags(request);
  return version === 0 && asked?.length === 0 ? undefined : asked;
}

function allTopics(context: BrokerContext): readonly Found[] {
  return [...context.view.topics()]
    .filter(({ name }) => !isTopicDenied(context, name))
    .map((topic) => ({ name: topic.name, id: topic.id, error: ERROR.none, topic }));
}

function find(context: BrokerContext, { id, name }: Asked): Found {
  const topic = name === undefined ? context.view.topicById(id) : context.view.topic(name);
  if (topic === undefined) {
    const error = name === undefined ? ERROR.unknownTopicId : ERROR.unknownTopicOrPartition;
    return { name, id, error, topic: undefined };
  }
  if (isTopicDenied(context, topic.name)) {
    return { name, id: NO_ID, error: ERROR.topicAuthorizationFailed, topic: undefined };
  }
  const error = faultCode(context, "Metadata", { topic: topic.name });
  return { name: topic.name, id: topic.id, error, topic };
}

type Target = Pick<Call, "answer" | "version" | "context">;

function writeTopic(target: Target, { name, id, error, topic }: Found): void {
  const { answer, version } = target;
  writeInt16(answer, error);
  writeText(answer, name ?? (version >= 12 ? undefined : ""));
  if (version >= 10) writeRaw(answer, id);
  if (version >= 1) writeInt8(answer, (topic?.isInternal ?? false) ? 1 : 0);
  const partitions = Array.from({ length: topic?.partitions ?? 0 }, (_, index) => index);
  writeArray(answer, partitions, (_, partition) => writePartition(target, topic?.name ?? "", partition));
  if (version >= 8) writeInt32(answer, UNKNOWN_OPERATIONS);
  writeTags(answer);
}

function writePartition({ answer, version, context }: Target, topic: string, partition: number): void {
  const view = context.view.partition(topic, partition);
  const isHidden = context.faults.find(
    "partial-metadata",
    (one) => one.topic === topic && (one.partition ?? partition) === partition,
  );
  const known = view?.leader ?? -1;
  const leader = isHidden === undefined && context.alive().includes(known) ? known : -1;
  writeInt16(answer, leader < 0 ? ERROR.leaderNotAvailable : ERROR.none);
  writeInt32(answer, partition);
  writeInt32(answer, leader);
  if (version >= 7) writeInt32(answer, view?.leaderEpoch ?? -1);
  const replicas = view?.replicas ?? [];
  const alive = context.alive();
  writeArray(answer, replicas, writeInt32);
  writeArray(
    answer,
    replicas.filter((one) => alive.includes(one)),
    writeInt32,
  );
  if (version >= 5) {
    const offline = replicas.filter((one) => !alive.includes(one));
    writeArray(answer, offline, writeInt32);
  }
  writeTags(answer);
}

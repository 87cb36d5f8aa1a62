/**
 * # DescribeConfigs (32), versions 1 to 4, of topics
 *
 *     request   resources [type name keys(null: all)] include_synonyms include_documentation(3)
 *     answer    throttle resources [error message type name configs]
 *               configs [name value read_only source is_sensitive synonyms [] type(3) documentation(3)]
 *
 * Of a topic what was set, and the few settings that a watcher of lag may ask for. Of a broker nothing.
 */

import {
  writeArray,
  writeInt8,
  writeInt16,
  writeInt32,
  writeTags,
  writeText,
} from "../../cluster/offsets-log/byte-writer.ts";
import type { Api, BrokerContext } from "../api.ts";
import { faultCode, isTopicDenied } from "../api.ts";
import { ERROR } from "../errors.ts";
import { readArray, readBoolean, readInt8, readNullableArray, readString, skipTags } from "../request-reader.ts";

const TOPIC = 2;
const DEFAULTS: ReadonlyMap<string, string> = new Map([
  ["cleanup.policy", "delete"],
  ["retention.ms", "604800000"],
  ["retention.bytes", "-1"],
  ["segment.bytes", "1073741824"],
  ["segment.ms", "604800000"],
  ["message.timestamp.type", "CreateTime"],
]);
const SOURCE = { topic: 1, default: 5 } as const;

interface Asked {
  readonly type: number;
  readonly name: string;
  readonly keys: readonly string[] | undefined;
}

export const describeConfigsApi: Api = {
  key: 32,
  name: "DescribeConfigs",
  flexibleFrom: 4,
  handle: ({ version, request, answer, context, throttleMs }) => {
    const resources = readArray(request, (): Asked => {
      const [type, name] = [readInt8(request), readString(request)];
      const keys = readNullableArray(request, () => readString(request));
      skipTags(request);
      return { type, name, keys };
    });
    readBoolean(request);
    if (version >= 3) readBoolean(request);
    skipTags(request);

    writeInt32(answer, throttleMs);
    writeArray(answer, resources, (_, { type, name, keys }) => {
      const error = errorOf(context, { type, name });
      writeInt16(answer, error);
      writeText(answer, undefined);
      writeInt8(answer, type);
      writeText(answer, name);
      const configs = error === ERROR.none ? configsOf(context, name, keys) : [];
      writeArray(answer, configs, (_writer, { key, value, source }) => {
        writeText(answer, key);
        writeText(answer, value);
        writeInt8(answer, 0);
        writeInt8(answer, source);
        writeInt8(answer, 0);
        writeArray(answer, [], () => {});
        if (version >= 3) {
          writeInt8(answer, 0);
          writeText(answer, undefined);
        }
        writeTags(answer);
      });
      writeTags(answer);
    });
    writeTags(answer);
  },
};

function errorOf(context: BrokerContext, { type, name }: Pick<Asked, "type" | "name">): number {
  if (type !== TOPIC) return ERROR.invalidRequest;
  if (isTopicDenied(context, name)) return ERROR.topicAuthorizationFailed;
  if (context.view.topic(name) === undefined) return ERROR.unknownTopicOrPartition;
  return faultCode(context, "DescribeConfigs", { topic: name });
}

function configsOf({ view }: BrokerContext, topic: string, keys: readonly string[] | undefined) {
  const set = view.topic(topic)?.configs ?? new Map<string, string>();
  const values = new Map([...DEFAULTS, ...set]);
  return [...values]
    .filter(([key]) => keys === undefined || keys.includes(key))
    .map(([key, value]) => ({ key, value, source: set.has(key) ? SOURCE.topic : SOURCE.default }));
}

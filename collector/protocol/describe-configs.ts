/**
 * # DescribeConfigs (api 32), versions 1 to 4, of topics; flexible since 4
 *
 *   request  := resources[ type:i8 name:str keys:n[str] ] synonyms:i8 (3+: documentation:i8)           keys null: all
 *   response := throttle:i32 resources[]
 *     resource := error:i16 message:nstr type:i8 name:str configs[]
 *     config   := name:str value:nstr readOnly:i8 source:i8 sensitive:i8 synonyms[ name:str value:nstr source:i8 ]
 *                 (3+: type:i8 documentation:nstr)
 * Tags after each struct in a flexible version. Any broker answers for any topic. A value is a text, with the cluster's default
 * where the topic sets none, and null where it is secret.
 */

import { apiOf } from "./api.ts";
import {
  type Reader,
  readArray,
  readInt8,
  readInt16,
  readInt32,
  readNullableText,
  readTags,
  readText,
} from "./reader.ts";
import { type Writer, writeArray, writeBoolean, writeInt8, writeTags, writeText } from "./writer.ts";

export interface DescribeConfigsRequest {
  readonly topics: readonly string[];
  /** Of each topic, such as `retention.ms`. */
  readonly keys: readonly string[];
}

export interface DescribedTopic {
  readonly topic: string;
  readonly error: number;
  /** By key; what the broker does not know is not in it. */
  readonly configs: ReadonlyMap<string, string>;
}

export interface DescribeConfigsResponse {
  readonly throttleMs: number;
  readonly topics: readonly DescribedTopic[];
}

const TOPIC = 2;

export const describeConfigsApi = apiOf<DescribeConfigsRequest, DescribeConfigsResponse>({
  apiKey: 32,
  name: "DescribeConfigs",
  versions: { min: 1, max: 4 },
  flexibleSince: 4,
  request: writeRequest,
  response: (reader, version) => ({
    throttleMs: readInt32(reader),
    topics: readArray(reader, 6, (from) => readTopic(from, version)),
  }),
});

function writeRequest(writer: Writer, version: number, { topics, keys }: DescribeConfigsRequest): void {
  writeArray(writer, topics, (to, topic) => {
    writeInt8(to, TOPIC);
    writeText(to, topic);
    writeArray(to, keys, writeText);
    writeTags(to);
  });
  writeBoolean(writer, false);
  if (version >= 3) writeBoolean(writer, false);
  writeTags(writer);
}

function readTopic(reader: Reader, version: number): DescribedTopic {
  const error = readInt16(reader);
  readNullableText(reader); // the error in words
  readInt8(reader); // what we asked for: a topic
  const topic = readText(reader);
  const pairs = readArray(reader, 6, (from) => readConfig(from, version));
  readTags(reader);
  return {
    topic,
    error,
    configs: new Map(pairs.flatMap(([key, value]) => (value === undefined ? [] : [[key, value]]))),
  };
}

function readConfig(reader: Reader, version: number): readonly [key: string, value: string | undefined] {
  const key = readText(reader);
  const value = readNullableText(reader);
  readInt8(reader); // read only
  readInt8(reader); // where it was set
  readInt8(reader); // sensitive
  readArray(reader, 3, skipSynonym); // not asked for
  if (version >= 3) {
    readInt8(reader); // its type
    readNullableText(reader); // its documentation, not asked for
  }
  readTags(reader);
  return [key, value];
}

function skipSynonym(reader: Reader): void {
  readText(reader);
  readNullableText(reader);
  readInt8(reader);
  readTags(reader);
}

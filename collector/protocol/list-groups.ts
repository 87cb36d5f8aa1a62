/**
 * # ListGroups (api 16), versions 0 to 5; flexible since 3; states since 4 (KIP-518), types since 5 (KIP-848)
 *
 *   request  := (4+: states[str]) (5+: types[str])                                                   empty: all
 *   response := (1+: throttle:i32) error:i16 groups[ group:str protocolType:str (4+: state:str) (5+: type:str) ]
 * A coordinator names only the groups that it coordinates: all brokers have to be asked.
 */

import { apiOf } from "./api.ts";
import { type Reader, readArray, readInt16, readInt32, readTags, readText } from "./reader.ts";
import { type Writer, writeCount, writeTags } from "./writer.ts";

export interface ListedGroup {
  readonly group: string;
  readonly protocolType: string;
  readonly state: string | undefined;
  readonly type: string | undefined;
}

export interface ListGroupsResponse {
  readonly throttleMs: number;
  readonly error: number;
  readonly groups: readonly ListedGroup[];
}

/** Asks for all groups: there is nothing to say. */
export type ListGroupsRequest = Readonly<Record<string, never>>;

export const listGroupsApi = apiOf<ListGroupsRequest, ListGroupsResponse>({
  apiKey: 16,
  name: "ListGroups",
  versions: { min: 0, max: 5 },
  flexibleSince: 3,
  request: writeRequest,
  response: readResponse,
});

function writeRequest(writer: Writer, version: number): void {
  if (version >= 4) writeCount(writer, 0);
  if (version >= 5) writeCount(writer, 0);
  writeTags(writer);
}

function readResponse(reader: Reader, version: number): ListGroupsResponse {
  const throttleMs = version >= 1 ? readInt32(reader) : 0;
  const error = readInt16(reader);
  const groups = readArray(reader, 3, (from) => readGroup(from, version));
  return { throttleMs, error, groups };
}

function readGroup(reader: Reader, version: number): ListedGroup {
  const group = readText(reader);
  const protocolType = readText(reader);
  const state = version >= 4 ? readText(reader) : undefined;
  const type = version >= 5 ? readText(reader) : undefined;
  readTags(reader);
  return { group, protocolType, state, type };
}

/**
 * # FindCoordinator (10), versions 0 to 6, of groups
 *
 *     0 to 3    request key key_type(1)            answer throttle(1) error message(1) node_id host port
 *     4 to 6    request key_type keys              answer throttle coordinators [key node_id host port error message]
 */

import { writeArray, writeInt16, writeInt32, writeTags, writeText } from "../../cluster/offsets-log/byte-writer.ts";
import type { Api, Call } from "../api.ts";
import { coordinatorOf, faultCode, isGroupDenied } from "../api.ts";
import { ERROR } from "../errors.ts";
import { readArray, readInt8, readString, skipTags } from "../request-reader.ts";

const COORDINATOR_NOT_AVAILABLE = 15;

export const findCoordinatorApi: Api = {
  key: 10,
  name: "FindCoordinator",
  flexibleFrom: 3,
  handle: (call) => {
    const { version, request, answer, throttleMs } = call;
    if (version >= 4) {
      readInt8(request);
      const keys = readArray(request, () => readString(request));
      skipTags(request);
      writeInt32(answer, throttleMs);
      writeArray(answer, keys, (_, key) => {
        const { node, host, port, error } = coordinator(call, key);
        writeText(answer, key);
        writeInt32(answer, node);
        writeText(answer, host);
        writeInt32(answer, port);
        writeInt16(answer, error);
        writeText(answer, undefined);
        writeTags(answer);
      });
    } else {
      const key = readString(request);
      if (version >= 1) readInt8(request);
      skipTags(request);
      const { node, host, port, error } = coordinator(call, key);
      if (version >= 1) writeInt32(answer, throttleMs);
      writeInt16(answer, error);
      if (version >= 1) writeText(answer, undefined);
      writeInt32(answer, node);
      writeText(answer, host);
      writeInt32(answer, port);
    }
    writeTags(answer);
  },
};

function coordinator({ context }: Call, group: string) {
  const nobody = (error: number) => ({ node: -1, host: "", port: -1, error });
  if (isGroupDenied(context, group)) return nobody(ERROR.groupAuthorizationFailed);
  const fault = faultCode(context, "FindCoordinator", { group });
  if (fault !== ERROR.none) return nobody(fault);
  const node = coordinatorOf(context.view, group);
  const endpoint = context.endpoints.get(node);
  if (endpoint === undefined || !context.alive().includes(node)) return nobody(COORDINATOR_NOT_AVAILABLE);
  return { node, ...endpoint, error: ERROR.none };
}

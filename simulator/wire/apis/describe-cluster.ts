/**
 * # DescribeCluster (60), versions 0 to 2
 *
 *     request   include_operations endpoint_type(1) include_fenced(2)
 *     answer    throttle error message endpoint_type(1) cluster_id controller_id
 *               brokers [id host port rack fenced(2)] operations
 */

import {
  writeArray,
  writeInt8,
  writeInt16,
  writeInt32,
  writeTags,
  writeText,
} from "../../cluster/offsets-log/byte-writer.ts";
import type { Api } from "../api.ts";
import { faultCode } from "../api.ts";
import { readBoolean, readInt8, skipTags } from "../request-reader.ts";

const UNKNOWN_OPERATIONS = -2_147_483_648;
const BROKERS = 1;

export const describeClusterApi: Api = {
  key: 60,
  name: "DescribeCluster",
  flexibleFrom: 0,
  handle: ({ version, request, answer, context, throttleMs }) => {
    readBoolean(request);
    if (version >= 1) readInt8(request);
    if (version >= 2) readBoolean(request);
    skipTags(request);
    writeInt32(answer, throttleMs);
    writeInt16(answer, faultCode(context, "DescribeCluster"));
    writeText(answer, undefined);
    if (version >= 1) writeInt8(answer, BROKERS);
    writeText(answer, context.view.clusterId);
    writeInt32(answer, context.alive()[0] ?? -1);
    writeArray(answer, context.alive(), (_, id) => {
      writeInt32(answer, id);
      writeText(answer, context.endpoints.get(id)?.host ?? "");
      writeInt32(answer, context.endpoints.get(id)?.port ?? 0);
      writeText(answer, undefined);
      if (version >= 2) writeInt8(answer, 0);
      writeTags(answer);
    });
    writeInt32(answer, UNKNOWN_OPERATIONS);
    writeTags(answer);
  },
};

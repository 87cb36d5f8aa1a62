/**
 * # All APIs that a simulated broker answers, and the one that says so
 *
 *     ApiVersions (18), versions 0 to 4
 *     answer    error apis [key min max] throttle(1)
 *
 * Its answer's header is never flexible, and to a version that the broker does not have it answers in version 0 with
 * UNSUPPORTED_VERSION, so that a newer client can ask again (KIP-511).
 */

import type { BrokerVersion } from "../cluster/cluster.ts";
import { writeArray, writeInt16, writeInt32, writeTags } from "../cluster/offsets-log/byte-writer.ts";
import type { Api } from "./api.ts";
import { consumerGroupDescribeApi } from "./apis/consumer-group-describe.ts";
import { describeClusterApi } from "./apis/describe-cluster.ts";
import { describeConfigsApi } from "./apis/describe-configs.ts";
import { describeGroupsApi } from "./apis/describe-groups.ts";
import { fetchApi } from "./apis/fetch.ts";
import { findCoordinatorApi } from "./apis/find-coordinator.ts";
import { listGroupsApi } from "./apis/list-groups.ts";
import { listOffsetsApi } from "./apis/list-offsets.ts";
import { metadataApi } from "./apis/metadata.ts";
import { offsetFetchApi } from "./apis/offset-fetch.ts";
import { ERROR } from "./errors.ts";
import { offered } from "./versions.ts";

const BODIES: readonly Api[] = [
  fetchApi,
  listOffsetsApi,
  metadataApi,
  offsetFetchApi,
  findCoordinatorApi,
  describeGroupsApi,
  listGroupsApi,
  describeConfigsApi,
  describeClusterApi,
  consumerGroupDescribeApi,
];

/** Answered by the connection itself: what follows depends on them. */
export const CONNECTION_APIS = [
  { key: 17, name: "SaslHandshake", flexibleFrom: 2 },
  { key: 18, name: "ApiVersions", flexibleFrom: 3 },
  { key: 36, name: "SaslAuthenticate", flexibleFrom: 2 },
] as const;

export const API_VERSIONS_KEY = 18;

const apiVersionsApi: Api = {
  key: API_VERSIONS_KEY,
  name: "ApiVersions",
  flexibleFrom: 3,
  // What a client says of its software changes nothing, so the request is not read.
  handle: ({ version, answer, context, throttleMs }) => {
    const isKnown = offered(context.view.version, "ApiVersions")?.max ?? 0;
    writeInt16(answer, version > isKnown ? ERROR.unsupportedVersion : ERROR.none);
    writeArray(answer, offeredApis(context.view.version), (_, { key, min, max }) => {
      writeInt16(answer, key);
      writeInt16(answer, min);
      writeInt16(answer, max);
      writeTags(answer);
    });
    if (version >= 1 && version <= isKnown) writeInt32(answer, throttleMs);
    writeTags(answer);
  },
};

export function offeredApis(version: BrokerVersion) {
  return [...BODIES, ...CONNECTION_APIS].flatMap(({ key, name }) => {
    const range = offered(version, name);
    return range === undefined ? [] : [{ key, ...range }];
  });
}

const BY_KEY: ReadonlyMap<number, Api> = new Map([...BODIES, apiVersionsApi].map((api) => [api.key, api]));

export function apiOf(key: number): Api | undefined {
  return BY_KEY.get(key);
}

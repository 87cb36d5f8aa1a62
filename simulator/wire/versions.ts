/**
 * # Which versions of which APIs a broker offers
 *
 * Of what we answer, as far as we go: a real broker of that version may offer higher ones. The lowest of 4.1 follow KIP-896.
 */

import type { BrokerVersion } from "../cluster/cluster.ts";

export interface VersionRange {
  readonly min: number;
  readonly max: number;
}

type Ranges = Readonly<Record<string, readonly [min: number, max: number]>>;

const V2_8: Ranges = {
  Fetch: [4, 12],
  ListOffsets: [0, 6],
  Metadata: [0, 11],
  OffsetFetch: [0, 7],
  FindCoordinator: [0, 3],
  DescribeGroups: [0, 5],
  ListGroups: [0, 4],
  // Version 0 goes on with bare tokens, which nobody sends any more.
  SaslHandshake: [1, 1],
  ApiVersions: [0, 3],
  DescribeConfigs: [0, 4],
  SaslAuthenticate: [0, 2],
  DescribeCluster: [0, 0],
};

const V3_9: Ranges = {
  ...V2_8,
  ListOffsets: [0, 9],
  Metadata: [0, 12],
  OffsetFetch: [0, 9],
  FindCoordinator: [0, 6],
  ListGroups: [0, 5],
  ApiVersions: [0, 4],
  DescribeCluster: [0, 1],
  ConsumerGroupDescribe: [0, 0],
};

const V4_1: Ranges = {
  ...V3_9,
  ListOffsets: [1, 10],
  Metadata: [0, 13],
  OffsetFetch: [1, 9],
  DescribeGroups: [0, 6],
  DescribeConfigs: [1, 4],
  DescribeCluster: [0, 2],
  ConsumerGroupDescribe: [0, 1],
};

const OFFERED: Readonly<Record<BrokerVersion, Ranges>> = { "2.8": V2_8, "3.9": V3_9, "4.1": V4_1 };

/** Undefined where this version does not have the API. */
export function offered(version: BrokerVersion, api: string): VersionRange | undefined {
  const range = OFFERED[version][api];
  return range === undefined ? undefined : { min: range[0], max: range[1] };
}

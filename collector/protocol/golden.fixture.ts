/**
 * # Responses of a real broker
 *
 * Each file says how they were taken.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { consumerGroupDescribeApi } from "./consumer-group-describe.ts";
import { describeConfigsApi } from "./describe-configs.ts";
import { describeGroupsApi } from "./describe-groups.ts";
import { describeShareGroupOffsetsApi } from "./describe-share-group-offsets.ts";
import { fetchApi } from "./fetch.ts";
import { listGroupsApi } from "./list-groups.ts";
import { listOffsetsApi } from "./list-offsets.ts";
import { metadataApi } from "./metadata.ts";
import { offsetFetchApi } from "./offset-fetch.ts";
import { shareGroupDescribeApi } from "./share-group-describe.ts";
import { streamsGroupDescribeApi } from "./streams-group-describe.ts";

const Golden = z.object({
  responses: z.array(z.object({ api: z.string(), version: z.int(), hex: z.string() })),
});

const FILES = ["golden/responses-4.1.2.json", "golden/responses-4.2.0.json", "golden/configs-4.1.2.json"];

export const GOLDEN_RESPONSES = FILES.flatMap((name) => {
  const text = readFileSync(fileURLToPath(new URL(name, import.meta.url)), "utf8");
  return Golden.parse(JSON.parse(text)).responses.map(({ api, version, hex }) => ({
    api,
    version,
    bytes: Buffer.from(hex, "hex"),
  }));
});

export const APIS = [
  metadataApi,
  listOffsetsApi,
  fetchApi,
  offsetFetchApi,
  listGroupsApi,
  describeGroupsApi,
  consumerGroupDescribeApi,
  shareGroupDescribeApi,
  describeShareGroupOffsetsApi,
  streamsGroupDescribeApi,
  describeConfigsApi,
] as const;

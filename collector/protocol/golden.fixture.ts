/**
 * # Responses of a real broker
 *
 * The file says how they were taken.
 */

import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { consumerGroupDescribeApi } from "./consumer-group-describe.ts";
import { describeGroupsApi } from "./describe-groups.ts";
import { fetchApi } from "./fetch.ts";
import { listGroupsApi } from "./list-groups.ts";
import { listOffsetsApi } from "./list-offsets.ts";
import { metadataApi } from "./metadata.ts";
import { offsetFetchApi } from "./offset-fetch.ts";

const Golden = z.object({
  responses: z.array(z.object({ api: z.string(), version: z.int(), hex: z.string() })),
});

const file = fileURLToPath(new URL("golden/responses-4.1.2.json", import.meta.url));

export const GOLDEN_RESPONSES = Golden.parse(JSON.parse(readFileSync(file, "utf8"))).responses.map(
  ({ api, version, hex }) => ({ api, version, bytes: Buffer.from(hex, "hex") }),
);

export const APIS = [
  metadataApi,
  listOffsetsApi,
  fetchApi,
  offsetFetchApi,
  listGroupsApi,
  describeGroupsApi,
  consumerGroupDescribeApi,
] as const;

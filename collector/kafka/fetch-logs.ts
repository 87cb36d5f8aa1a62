/** # One Fetch over partitions of the offsets topic that a broker leads */

import type { UnavailableReason } from "../model/observation.ts";
import { ERROR_CODE } from "../protocol/errors.ts";
import type { FetchPartition } from "../protocol/fetch.ts";
import { fetchApi } from "../protocol/fetch.ts";
import type { KafkaLink } from "./link.ts";
import { OFFSETS_TOPIC } from "./topology.ts";
import { reasonOfError, reasonOfOutcome } from "./unavailable.ts";

const RESPONSE_BYTES_MAX = 4_194_304;

export interface LogsAsked {
  readonly nodeId: number;
  readonly asked: readonly { partition: number; position: number; partitionBytesMax: number }[];
  readonly waitMs: number;
}

export type LogsFetched =
  | { readonly kind: "fetched"; readonly partitions: readonly FetchPartition[] }
  | { readonly kind: "failed"; readonly reason: UnavailableReason };

export async function fetchLogs(link: KafkaLink, ask: LogsAsked): Promise<LogsFetched> {
  const outcome = await link.call(ask.nodeId, fetchApi, {
    waitMsMax: ask.waitMs,
    responseBytesMin: 1,
    responseBytesMax: RESPONSE_BYTES_MAX,
    topics: [{ topic: OFFSETS_TOPIC, partitions: ask.asked }],
  });
  if (outcome.kind !== "answered") return { kind: "failed", reason: reasonOfOutcome(outcome) };
  const { error, partitions } = outcome.response;
  return error === ERROR_CODE.NONE ? { kind: "fetched", partitions } : { kind: "failed", reason: reasonOfError(error) };
}

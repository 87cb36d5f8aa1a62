/**
 * # Tidemark, the collector alone
 */

import { startProduct } from "../../test/real/product.ts";
import { servedGroup, servedSummaries } from "../../test/real/served.ts";
import type { StartPeer } from "./peer.ts";

const INTERVAL_MS = 10_000;

export const startTidemark: StartPeer = async (bootstrap) => {
  const product = await startProduct({ brokers: [bootstrap], command: "collector", intervalMs: INTERVAL_MS });
  return {
    name: "Tidemark",
    pid: product.pid,
    metricsUrl: `${product.url}/metrics`,
    lags: async () => {
      const groups = await servedSummaries(product).catch(() => undefined);
      const told = groups?.filter(({ status, lag }) => status !== "warming" && lag !== undefined);
      return told === undefined ? undefined : new Map(told.map(({ group, lag = 0 }) => [group, lag]));
    },
    shown: async (group, { topic, partition }) => {
      const evaluation = await servedGroup(product, group);
      const own = evaluation?.partitions.find((one) => one.topic === topic && one.partition === partition);
      return { committedOffset: own?.committed_offset, lag: own?.lag };
    },
    logTail: product.logTail,
    [Symbol.asyncDispose]: () => product[Symbol.asyncDispose](),
  };
};

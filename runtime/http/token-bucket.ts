/**
 * # How much an address may ask
 *
 * A bucket of tokens per address, refilled evenly up to `burst`. A request takes one, and what it was answered with one more per
 * 64 KiB before compression: what costs much counts much, and may leave a debt. What counts as one address says host-of.ts; those that
 * asked last are kept; who comes back after that begins with a full bucket. PURE.
 */

import { hostOf } from "./host-of.ts";

/** Telegraf asks for every group and topic of a large cluster at once, and again after ten seconds. */
export const REQUESTS_PER_SECOND_DEFAULT = 5_000;

const ADDRESSES_MAX = 4_096;
const BYTES_PER_TOKEN = 65_536;
const MS_PER_SECOND = 1_000;

export interface TokenBucketOptions {
  readonly perSecond: number;
  readonly burst: number;
}

export interface TokenBuckets {
  /** How long to wait before the next request; 0 where this one may be answered, which takes its token. */
  take(address: string, nowMs: number): number;
  /** For an answer of so many bytes. */
  charge(address: string, bytes: number, nowMs: number): void;
  /** Addresses that are kept. */
  size(): number;
}

interface Bucket {
  readonly tokens: number;
  readonly atMs: number;
}

export function createTokenBuckets({ perSecond, burst }: TokenBucketOptions): TokenBuckets {
  const buckets = new Map<string, Bucket>();
  const tokensAt = (key: string, nowMs: number): number => {
    const bucket = buckets.get(key);
    if (bucket === undefined) return burst;
    const refilled = (Math.max(0, nowMs - bucket.atMs) / MS_PER_SECOND) * perSecond;
    return Math.min(burst, bucket.tokens + refilled);
  };
  const keep = (key: string, bucket: Bucket): void => {
    buckets.delete(key);
    buckets.set(key, bucket);
    if (buckets.size <= ADDRESSES_MAX) return;
    const [oldest] = buckets.keys();
    if (oldest !== undefined) buckets.delete(oldest);
  };
  return {
    take: (address, nowMs) => {
      const key = hostOf(address);
      const tokens = tokensAt(key, nowMs);
      if (tokens < 1) return ((1 - tokens) / perSecond) * MS_PER_SECOND;
      keep(key, { tokens: tokens - 1, atMs: nowMs });
      return 0;
    },
    charge: (address, bytes, nowMs) => {
      const key = hostOf(address);
      const cost = Math.floor(bytes / BYTES_PER_TOKEN);
      if (cost > 0) keep(key, { tokens: tokensAt(key, nowMs) - cost, atMs: nowMs });
    },
    size: () => buckets.size,
  };
}

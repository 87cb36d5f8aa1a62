/**
 * # How many records a topic gets
 */

import type { Production } from "./specs.ts";

/** Records expected between two moments; a process that needs no clock but the one it is given. */
export function recordsBetween(production: Production, fromMs: number, toMs: number): number {
  const seconds = (toMs - fromMs) / 1_000;
  switch (production.kind) {
    case "constant":
      return production.perSecond * seconds;
    case "diurnal": {
      const { perSecond, swing, periodMs } = production;
      // The integral of 1 + swing * sin(2 pi t / period).
      const wave = (ms: number): number => -Math.cos((2 * Math.PI * (ms % periodMs)) / periodMs);
      const gained = ((wave(toMs) - wave(fromMs)) * swing * periodMs) / (2 * Math.PI * 1_000);
      return Math.max(0, perSecond * (seconds + gained));
    }
    case "bursty": {
      const inBursts = burstMsBefore(production, toMs) - burstMsBefore(production, fromMs);
      const { perSecond, burstPerSecond } = production;
      return perSecond * seconds + ((burstPerSecond - perSecond) * inBursts) / 1_000;
    }
    case "idle":
      return 0;
    case "batch": {
      const { records, everyMs } = production;
      return records * (Math.floor(toMs / everyMs) - Math.floor(fromMs / everyMs));
    }
  }
}

function burstMsBefore({ burstMs, everyMs }: Extract<Production, { kind: "bursty" }>, ms: number): number {
  return Math.floor(ms / everyMs) * burstMs + Math.min(burstMs, ms % everyMs);
}

/** Share of each partition; they sum to 1. */
export function sharesOf(partitions: number, skew: number): readonly number[] {
  const weights = Array.from({ length: partitions }, (_, index) => {
    const place = partitions === 1 ? 0 : (2 * index) / (partitions - 1) - 1;
    return 1 + skew * place;
  });
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

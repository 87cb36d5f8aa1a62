/**
 * # Lag divided by the rate of production of the last five minutes, as alerts on two counters do
 */

import type { AgeMethod, PollSample } from "./age-method.ts";

const SPAN_MS = 300_000;
const MS_PER_SECOND = 1_000;

export function createLagByRate(): AgeMethod {
  let samples: readonly PollSample[] = [];
  return {
    poll: (sample) => {
      samples = [...samples.filter(({ atMs }) => atMs >= sample.atMs - SPAN_MS), sample];
    },
    ageMs: (committedOffset) => {
      const [first, last] = [samples[0], samples.at(-1)];
      if (first === undefined || last === undefined) return undefined;
      const lag = last.endOffset - Math.max(committedOffset, last.startOffset);
      if (lag <= 0) return 0;
      const perSecond = ((last.endOffset - first.endOffset) / (last.atMs - first.atMs)) * MS_PER_SECOND;
      return perSecond > 0 ? (lag / perSecond) * MS_PER_SECOND : undefined;
    },
  };
}

/**
 * # A straight line over the log, from its oldest record to its newest, whose exact times it is given
 */

import type { AgeMethod, PollSample } from "./age-method.ts";

export function createLineOverLog(): AgeMethod {
  let last: PollSample | undefined;
  return {
    poll: (sample) => {
      last = sample;
    },
    ageMs: (committedOffset, nowMs) => {
      if (last === undefined) return undefined;
      const { startOffset, endOffset, oldestMs, newestMs } = last;
      if (committedOffset >= endOffset || startOffset >= endOffset) return 0;
      const records = Math.max(1, endOffset - 1 - startOffset);
      const share = Math.max(0, committedOffset - startOffset) / records;
      return nowMs - (oldestMs + (newestMs - oldestMs) * share);
    },
  };
}

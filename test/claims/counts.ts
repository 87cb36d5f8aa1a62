/**
 * # How often each claim is tried
 *
 *     every change   `npm test`: a quarter of the short count, or all of it where that is cheap
 *     short, full    `npm run test:long -- --short` and `npm run test:long`
 *
 * One place, so that the table in docs/reliability.md says what the tests do. Units stand in claims.ts.
 */

import { env } from "node:process";

export interface Counts {
  readonly everyChange: number;
  readonly short: number;
  readonly full: number;
}

export const COUNTS = {
  kills: { everyChange: 125, short: 500, full: 10_000 },
  damagedFiles: { everyChange: 200, short: 200, full: 5_000 },
  outageMinutes: { everyChange: 4, short: 60, full: 1_440 },
  commandSequences: { everyChange: 1_250, short: 5_000, full: 50_000 },
  answerScripts: { everyChange: 5_000, short: 20_000, full: 500_000 },
  hostileNames: { everyChange: 20_000, short: 20_000, full: 1_000_000 },
  attackRequests: { everyChange: 2_000, short: 20_000, full: 300_000 },
} as const satisfies Readonly<Record<string, Counts>>;

/** Names the long run's form in its environment; run.ts sets it. */
export const LONG_FORM_VARIABLE = "TEST_LONG_FORM";

/** What a `*.long.test.ts` is to do. */
export function longCount(of: keyof typeof COUNTS): number {
  return env[LONG_FORM_VARIABLE] === "short" ? COUNTS[of].short : COUNTS[of].full;
}

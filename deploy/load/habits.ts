/**
 * # What the demonstration does to a real broker
 *
 * | group | reads | and now and then |
 * |---|---|---|
 * | shop-billing (two members) | orders | nothing: it keeps up |
 * | shop-search | orders | is too slow, for 3 of 12 minutes: lag grows while it commits |
 * | shop-fraud | orders | has one stuck partition, for 4 of 12 minutes |
 * | shop-reports | orders | is away, for 4 of 14 minutes: no member, and lag |
 * | shop-audit | orders | goes back, for 1 of 15 minutes: somebody reads history again |
 * | shop-stock | stock | leaves and joins again, for 2 of 10 minutes: a rebalance storm |
 * | shop-mailer | mail | nothing: it is there to be stopped by hand, in a container of its own |
 *
 * Producers send ten times as many orders for 2 of 11 minutes. The periods have no common beat, so that troubles meet and part.
 */

export interface Schedule {
  readonly everyMs: number;
  readonly forMs: number;
}

export type Trouble =
  | { readonly kind: "none" }
  | (Schedule & { readonly kind: "slow"; readonly recordsPerTurn: number })
  | (Schedule & { readonly kind: "stuck"; readonly partition: number })
  | (Schedule & { readonly kind: "back"; readonly recordsPerTurn: number })
  | (Schedule & { readonly kind: "away" })
  | (Schedule & { readonly kind: "restless" });

export interface Habit {
  readonly group: string;
  readonly topic: string;
  readonly members: number;
  readonly trouble: Trouble;
}

const MINUTE_MS = 60_000;

function minutes(forMinutes: number, everyMinutes: number): Schedule {
  return { forMs: forMinutes * MINUTE_MS, everyMs: everyMinutes * MINUTE_MS };
}

export const TOPICS = [
  { topic: "shop-orders", partitions: 6, recordsPerTurn: 12 },
  { topic: "shop-stock", partitions: 3, recordsPerTurn: 6 },
  { topic: "shop-mail", partitions: 3, recordsPerTurn: 6 },
] as const;

/** Records at once are these times as many. */
export const SURGE = { topic: "shop-orders", times: 10, ...minutes(2, 11) } as const;

const orders = { topic: "shop-orders", members: 1 } as const;

export const SHOP: readonly Habit[] = [
  { group: "shop-billing", topic: "shop-orders", members: 2, trouble: { kind: "none" } },
  { group: "shop-search", ...orders, trouble: { kind: "slow", recordsPerTurn: 1, ...minutes(3, 12) } },
  { group: "shop-fraud", ...orders, trouble: { kind: "stuck", partition: 2, ...minutes(4, 12) } },
  { group: "shop-reports", ...orders, trouble: { kind: "away", ...minutes(4, 14) } },
  { group: "shop-audit", ...orders, trouble: { kind: "back", recordsPerTurn: 10, ...minutes(1, 15) } },
  { group: "shop-stock", topic: "shop-stock", members: 1, trouble: { kind: "restless", ...minutes(2, 10) } },
];

export const MAILER: readonly Habit[] = [
  { group: "shop-mailer", topic: "shop-mail", members: 1, trouble: { kind: "none" } },
];

/** The last part of each period is the bad one, so that a start begins well. */
export function isBadTime({ everyMs, forMs }: Schedule, sinceStartMs: number): boolean {
  return sinceStartMs % everyMs >= everyMs - forMs;
}

/** Trouble that is on at this time; none where it rests. */
export function troubleAt(trouble: Trouble, sinceStartMs: number): Trouble {
  return trouble.kind !== "none" && isBadTime(trouble, sinceStartMs) ? trouble : { kind: "none" };
}

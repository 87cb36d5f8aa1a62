/** # For whom each alert has to fire in the story, and between which minutes */

export interface ExpectedAlert {
  /** Values of its labels, in the order of their names. */
  readonly labels: string;
  readonly fromMinute: number;
  readonly toMinute: number;
}

const within = (fromMinute: number, toMinute: number, ...labels: readonly string[]): readonly ExpectedAlert[] =>
  labels.map((one) => ({ labels: one, fromMinute, toMinute }));

/** Whoever is not here must not fire, at any time. */
export const EXPECTED: ReadonlyMap<string, readonly ExpectedAlert[]> = new Map([
  ["GroupErr", within(25, 28, "prod stopper", "prod staller", "prod sticker", "prod loser")],
  ["GroupStalled", within(21, 24, "prod staller")],
  ["GroupStopped", within(21, 23, "prod stopper", "prod loser")],
  ["LagGrowing", within(24, 33, "prod slow")],
  ["TimeLagObjective", within(21, 28, "prod stopper", "prod staller", "prod sticker", "prod slow", "prod loser")],
  ["PartitionStuck", within(23, 26, "prod sticker clicks")],
  ["DataLossNear", within(25, 29, "prod loser")],
  ["DataLost", within(27, 30, "prod loser")],
  ["OffsetRewind", within(22, 24, "prod rewinder clicks")],
  ["GroupVanished", within(23, 25, "prod goner")],
  ["CollectorDown", within(21, 23, "one")],
  ["CollectorStale", within(24, 27, "far")],
  ["ShipperBacklog", within(21, 24, "one")],
  ["PointsRefused", within(19, 21, "one es")],
  ["PointsDropped", within(19, 21, "one es")],
  ["HeartbeatMissing", within(45, 47.5, "")],
]);

/** # Limits as the colours of a panel, from the constants that alerts share */

import { COLOURS } from "../status-colours.ts";
import { THRESHOLDS } from "../thresholds.ts";
import type { Step } from "./panel-spec.ts";

/** The less time is left, the worse. */
export const LOSS_STEPS: readonly Step[] = [
  { from: undefined, colour: COLOURS.err },
  { from: THRESHOLDS.lossSecondsErr, colour: COLOURS.warn },
  { from: THRESHOLDS.lossSecondsWarn, colour: COLOURS.ok },
];

export const REBALANCE_STEPS: readonly Step[] = [
  { from: undefined, colour: COLOURS.ok },
  { from: THRESHOLDS.recentRebalancesWarn, colour: COLOURS.warn },
];

/** A single one is to be looked at; none is nothing to be coloured. */
export const LATE_STEPS: readonly Step[] = [
  { from: undefined, colour: "transparent" },
  { from: 1, colour: COLOURS.warn },
];

/** Where a single one is too many. */
export const ANY_STEPS: readonly Step[] = [
  { from: undefined, colour: COLOURS.ok },
  { from: 1, colour: COLOURS.err },
];
export const SPOOL_AGE_STEPS: readonly Step[] = [
  { from: undefined, colour: COLOURS.ok },
  { from: THRESHOLDS.spoolOldestSecondsWarn, colour: COLOURS.warn },
  { from: THRESHOLDS.spoolOldestSecondsErr, colour: COLOURS.err },
];

export const LATENESS_STEPS: readonly Step[] = [
  { from: undefined, colour: COLOURS.ok },
  { from: THRESHOLDS.latenessSecondsWarn, colour: COLOURS.warn },
];

export const OBJECTIVE_STEPS: readonly Step[] = [
  { from: undefined, colour: COLOURS.err },
  { from: THRESHOLDS.objectiveMetRatio, colour: COLOURS.ok },
];

export const BURN_STEPS: readonly Step[] = [
  { from: undefined, colour: COLOURS.ok },
  { from: THRESHOLDS.burnRateWarn, colour: COLOURS.warn },
  { from: THRESHOLDS.burnRateErr, colour: COLOURS.err },
];

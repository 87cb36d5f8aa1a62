/**
 * # Limits that panels draw and alerts fire at
 *
 * One place, so that a line on a panel is where the alert is. What is too late in time is no constant: each group's own
 * objective says it, which is a field.
 */

const MINUTE_SECONDS = 60;
const HOUR_SECONDS = 3_600;

export const THRESHOLDS = {
  /** Records are deleted unread within this time if nothing changes. */
  lossSecondsWarn: 6 * HOUR_SECONDS,
  lossSecondsErr: HOUR_SECONDS,
  /** A cluster of which nothing new was written for so long is not watched. */
  newestPointSecondsErr: 2 * MINUTE_SECONDS,
  /** As the collector's own finding of a storm: completed rebalances within five minutes. */
  recentRebalancesWarn: 3,
  /** The oldest point that waits for a store. */
  spoolOldestSecondsWarn: 5 * MINUTE_SECONDS,
  spoolOldestSecondsErr: HOUR_SECONDS,
  latenessSecondsWarn: MINUTE_SECONDS,
  /** A group of which no commit came for so long does not commit, however seldom it did. */
  commitAgeSecondsErr: MINUTE_SECONDS,
  /** A group that is less behind in time is not late, whatever its lag does. */
  lagSecondsWarn: MINUTE_SECONDS,
  /** The oldest unread record has used four fifths of the time it had: as old as four times what is left. */
  lossAgeTimesErr: 4,
  /** Share of time within the objective; a group whose objective allows more says so in its configuration. */
  objectiveMetRatio: 0.99,
  /** How fast the budget of a month burns: of 1 it lasts the month; as the SRE workbook has it. */
  burnRateErr: 14.4,
  burnRateWarn: 6,
} as const;

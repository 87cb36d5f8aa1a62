/**
 * # What can happen: the names of events
 *
 * An event's id is a short hash of what happened, never of when it was read: two shippers, a second reading and a crash
 * between give the same point.
 */

export const EVENTS = {
  rebalance: "A group's generation moved, or a rebalance completed.",
  reset: "Committed offsets went back, or were moved forward while the group had no members.",
  appeared: "A group is there that was not.",
  vanished: "A group is no longer there: deleted, or its offsets expired.",
  deploy: "Somebody told us of a deploy: where the group was is kept.",
  restart: "The collector was started anew.",
  dropped: "Points left a full spool before a sink took them.",
} as const;

export type EventName = keyof typeof EVENTS;

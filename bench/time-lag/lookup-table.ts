/**
 * # A table of (end offset, time of the poll), as kafka-lag-exporter keeps it (LookupTable.scala; 60 points, each 30 s)
 *
 * Two points of the same offset stand for a stretch without production. Between points it interpolates; outside, it draws the
 * line through the oldest and the newest.
 */

import type { AgeMethod } from "./age-method.ts";

const POINTS_MAX = 60;

interface Point {
  readonly offset: number;
  readonly atMs: number;
}

export function createLookupTable(everyMs: number): AgeMethod {
  const points: Point[] = [];
  return {
    poll: ({ atMs, endOffset }) => {
      if (atMs % everyMs === 0) add(points, { offset: endOffset, atMs });
    },
    ageMs: (committedOffset, nowMs) => {
      const newest = points.at(-1);
      if (newest !== undefined && committedOffset >= newest.offset) return 0;
      const [left, right] = pairAround(points, committedOffset);
      if (left === undefined || right === undefined || left.offset === right.offset) return undefined;
      const msPerRecord = (right.atMs - left.atMs) / (right.offset - left.offset);
      return Math.max(0, nowMs - (right.atMs - (right.offset - committedOffset) * msPerRecord));
    },
  };
}

function add(points: Point[], point: Point): void {
  const [before, newest] = [points.at(-2), points.at(-1)];
  if (newest !== undefined && newest.offset > point.offset) return;
  if (newest?.offset === point.offset && before?.offset === point.offset) points.pop();
  else if (points.length === POINTS_MAX) points.shift();
  points.push(point);
}

/** The newest two that hold the offset between them; the outermost where none do. */
function pairAround(points: readonly Point[], offset: number): readonly (Point | undefined)[] {
  if (points.length < 2) return [];
  const at = points.findLastIndex((point) => point.offset <= offset);
  const right = points[at + 1];
  return at < 0 || right === undefined ? [points[0], points.at(-1)] : [points[at], right];
}

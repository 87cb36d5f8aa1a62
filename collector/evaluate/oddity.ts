/**
 * # What is odd about a partition whose status is a verdict
 *
 * - ahead: the committed offset lies beyond the end offset, though that was asked for after the commit. (An end offset is up to
 *   some seconds older than the newest commit, so that one alone says nothing.)
 * - transaction residue: markers of transactions take offsets that no consumer ever sees, so a group that has read all may stand
 *   one or two before the end for ever. Without reading the topic it is told by this: a transaction was seen open there once,
 *   two offsets at most, an end that does not move, no transaction open (the last stable offset is the end), and a commit not
 *   older than the last move of the end. When the end moved is known only to lie between two polls: a group with members is
 *   given the benefit of it, one without is not, since a consumer that has died with a record unread looks just so. Where no
 *   transaction was ever seen, who commits the same offset again and again is stuck, or reads what is old: nobody is given
 *   any benefit.
 */

/** What clocks and polls may differ by. */
const AHEAD_MS_MIN = 2_000;
const RESIDUE_MAX = 2;

export interface OffsetsInTime {
  readonly committedOffset: number;
  /** By our clock; NaN: not known. */
  readonly committedAtMs: number;
  readonly endOffset: number;
  /** When it was asked for. */
  readonly endAtMs: number;
}

export function isAhead({ committedOffset, committedAtMs, endOffset, endAtMs }: OffsetsInTime): boolean {
  return committedOffset > endOffset && !(endAtMs < committedAtMs + AHEAD_MS_MIN);
}

export interface EndInTime extends OffsetsInTime {
  /** Last stable offset; NaN: not known. */
  readonly stableOffset: number;
  /** A transaction was seen open once. */
  readonly hasMarkers: boolean;
  /** When the end was first answered as it is now. */
  readonly endSinceMs: number;
  /** When it was last answered otherwise; NaN where it never was. */
  readonly endOtherAtMs: number;
  readonly hasMembers: boolean;
}

export function isTransactionResidue(known: EndInTime): boolean {
  const { committedOffset, committedAtMs, endOffset, endAtMs, stableOffset, endSinceMs, endOtherAtMs } = known;
  const left = endOffset - committedOffset;
  if (!known.hasMarkers || !(left > 0 && left <= RESIDUE_MAX) || stableOffset !== endOffset || !(endAtMs > endSinceMs))
    return false;
  if (committedAtMs >= endSinceMs) return true;
  return known.hasMembers && (Number.isNaN(endOtherAtMs) || committedAtMs >= endOtherAtMs);
}

/**
 * # Retry-After
 *
 *     Retry-After := seconds | HTTP date          RFC 9110, 10.2.3
 *
 * Seconds with a fraction occur too. A date that has passed is no wait; what is neither is no wish at all.
 */

/** Milliseconds to wait, never negative; undefined where the header is absent or says nothing. */
export function retryAfterMs(header: string | undefined, nowMs: number): number | undefined {
  const text = header?.trim() ?? "";
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text) * 1_000;
  // Date.parse takes many a text for a date; an HTTP date begins with the day of the week.
  const untilMs = /^[A-Z][a-z]{2,8},? /.test(text) ? Date.parse(text) : Number.NaN;
  return Number.isNaN(untilMs) ? undefined : Math.max(0, untilMs - nowMs);
}

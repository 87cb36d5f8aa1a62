/**
 * # Durations, sizes and shares, as people write them
 *
 *     duration := number ("ms" | "s" | "m" | "h" | "d")          10s   7d   500ms   1.5h
 *     share    := number "%"                                    99%   99.9 %
 *     size     := number ("B" | kB MB GB TB | KiB MiB GiB TiB)    2GiB  10MB  or a bare integer of bytes
 *
 * A duration without its unit is refused, since nobody agrees what it would mean. Both land on whole units inside
 * (`Ms`, `Bytes`); what does not is refused, never rounded.
 */

import { z } from "zod";

const MS_PER: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 };
const BYTES_PER: Readonly<Record<string, number>> = {
  B: 1,
  kB: 1e3,
  MB: 1e6,
  GB: 1e9,
  TB: 1e12,
  KiB: 2 ** 10,
  MiB: 2 ** 20,
  GiB: 2 ** 30,
  TiB: 2 ** 40,
};

const DURATION = /^(\d+(?:\.\d+)?) ?(ms|s|m|h|d)$/;
const SIZE = /^(\d+(?:\.\d+)?) ?(B|[kMGT]B|[KMGT]iB)$/;

/** "10s", "7d", "500ms" to milliseconds. */
export const Duration = z
  .string()
  .transform((text, context) => {
    const amount = amountOf(text, DURATION, MS_PER);
    if (amount !== undefined) return amount;
    context.addIssue({ code: "custom", message: 'not a duration; write a number and its unit, such as "10s" or "7d"' });
    return z.NEVER;
  })
  .meta({ description: "A duration: a number with ms, s, m, h or d." });

/** "2GiB", "10MB" or an integer to bytes. */
export const ByteSize = z
  .union([z.string(), z.int().nonnegative()])
  .transform((written, context) => {
    const amount = typeof written === "number" ? written : amountOf(written, SIZE, BYTES_PER);
    if (amount !== undefined) return amount;
    context.addIssue({ code: "custom", message: 'not a size; write a number and its unit, such as "2GiB" or "10MB"' });
    return z.NEVER;
  })
  .meta({ description: "A size: a whole number of bytes, or a number with B, kB, MB, GB, TB, KiB, MiB, GiB or TiB." });

const PERCENT = /^(\d+(?:\.\d+)?) ?%$/;

/** "99%", "99.9 %" to a share between 0 and 1. */
export const Share = z
  .string()
  .transform((text, context) => {
    const percent = Number(PERCENT.exec(text.trim())?.[1]);
    if (percent > 0 && percent <= 100) return percent / 100;
    context.addIssue({
      code: "custom",
      message: 'not a share; write a percentage above 0 % and up to 100 %, such as "99.9%"',
    });
    return z.NEVER;
  })
  .meta({ description: "A share: a percentage, such as 99.9%." });

function amountOf(text: string, grammar: RegExp, per: Readonly<Record<string, number>>): number | undefined {
  const [, digits, unit] = grammar.exec(text.trim()) ?? [];
  if (digits === undefined || unit === undefined) return undefined;
  const amount = Number(digits) * (per[unit] ?? Number.NaN);
  // 2.3 * 1e6 is not 2300000 in binary; a thousandth of a unit off is arithmetic, more is meant.
  const whole = Math.round(amount);
  return Number.isSafeInteger(whole) && Math.abs(amount - whole) < 1e-3 ? whole : undefined;
}

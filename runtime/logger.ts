/**
 * # Logging: events with fields, one JSON line each
 *
 * A line has a stable `event`, fields with units, and a sentence last. One line per change of state, never per batch.
 */

import pino from "pino";

export type Logger = pino.Logger;
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";

export function createLogger(level: LogLevel): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: REDACTED }, pino.destination(2));
}

const REDACTED = ["password", "token", "*.password", "*.token"];

/** Lets one call through per `everyMs` for each key, and says how many it held back since. */
export function createLogLimit(everyMs: number): (key: string, nowMs: number) => { readonly held: number } | undefined {
  const seen = new Map<string, { atMs: number; held: number }>();
  return (key, nowMs) => {
    const last = seen.get(key);
    if (last !== undefined && nowMs - last.atMs < everyMs) {
      last.held += 1;
      return undefined;
    }
    if (seen.size >= LOG_KEYS_MAX) seen.clear();
    seen.set(key, { atMs: nowMs, held: 0 });
    return { held: last?.held ?? 0 };
  };
}

const LOG_KEYS_MAX = 1_000;

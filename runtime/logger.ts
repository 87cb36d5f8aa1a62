/**
 * # Logging: events with fields, one JSON line each
 *
 * A line has a stable `event`, fields with units, and a sentence last. One line per change of state, never per batch.
 */

import pino from "pino";

export type Logger = pino.Logger;
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "silent";

/** Lines go to standard error, or wherever `out` takes them. */
export function createLogger(level: LogLevel, out: pino.DestinationStream = pino.destination(2)): Logger {
  return pino({ level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: REDACTED }, out);
}

const REDACTED = ["password", "token", "*.password", "*.token"];

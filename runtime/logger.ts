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

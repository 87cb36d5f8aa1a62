/**
 * # Logging: events with fields, one JSON line each
 *
 * A line has a stable `event`, fields with units, and a sentence last. One line per change of state, never per batch.
 */

import pino from "pino";

export type Logger = pino.Logger;
export type LogLevel = "trace" | "debug" | "info" | "warn" | "error" | "fatal" | "silent";

/** Lines go to standard error, or wherever `out` takes them. */
export function createLogger(level: LogLevel, out: pino.DestinationStream = pino.destination(2)): Logger {
  const children = new Set<WeakRef<Logger>>();
  const onChild = (child: Logger) => {
    for (const one of children) if (one.deref() === undefined) children.delete(one);
    children.add(new WeakRef(child));
  };
  const options = { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, redact: REDACTED, onChild };
  const logger = pino(options, out);
  CHILDREN.set(logger, children);
  return logger;
}

/** Of a logger from `createLogger`, and of all that were made of it: pino's children keep the level they were made with. */
export function setLogLevel(logger: Logger, level: LogLevel): void {
  logger.level = level;
  for (const child of CHILDREN.get(logger) ?? []) {
    const one = child.deref();
    if (one !== undefined) one.level = level;
  }
}

const CHILDREN = new WeakMap<Logger, ReadonlySet<WeakRef<Logger>>>();

const REDACTED = ["password", "token", "*.password", "*.token"];

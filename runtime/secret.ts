/**
 * # Secrets from files
 *
 * A secret is read when it is used, so that a rotated file counts at once, and it prints as `[redacted]`.
 */

import { readFileSync } from "node:fs";
import { asError } from "./error.ts";

export interface Secret {
  /** The secret itself; throws `SecretError` where its file cannot be read. */
  reveal(): string;
  toString(): string;
  toJSON(): string;
}

export class SecretError extends Error {
  constructor(file: string, options: ErrorOptions) {
    super(`the secret file ${file} cannot be read; mend its path or its permissions`, options);
    this.name = "SecretError";
  }
}

const REDACTED = "[redacted]";

export function secretOf(value: string): Secret {
  return { reveal: () => value, toString: () => REDACTED, toJSON: () => REDACTED };
}

export function secretFromFile(file: string): Secret {
  const reveal = (): string => {
    try {
      return readFileSync(file, "utf8").trim();
    } catch (caught) {
      throw new SecretError(file, { cause: asError(caught) });
    }
  };
  return { reveal, toString: () => REDACTED, toJSON: () => REDACTED };
}

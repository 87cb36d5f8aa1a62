/**
 * # What became of bytes that were to be decoded
 *
 * Layouts throw a DecodeError from wherever they are; `decoded` is the one place of a response or record that turns it into
 * a value, because bytes from the wire that make no sense are an expected outcome.
 */

export type Decoded<T> =
  | { readonly kind: "decoded"; readonly value: T }
  | { readonly kind: "malformed"; readonly error: DecodeError };

/** `what` names the response or record, `at` is the position in its buffer. */
export class DecodeError extends Error {
  constructor(what: string, at: number, why: string) {
    super(`${what} is malformed at byte ${at}: ${why}`);
    this.name = "DecodeError";
  }
}

/** Runs a layout; an error that is not a DecodeError is a bug and goes on. */
export function decoded<T>(layout: () => T): Decoded<T> {
  try {
    return { kind: "decoded", value: layout() };
  } catch (error) {
    if (error instanceof DecodeError) return { kind: "malformed", error };
    throw error;
  }
}

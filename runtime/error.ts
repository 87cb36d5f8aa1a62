/** What was caught, as an Error: the one place where `unknown` becomes one. */
export function asError(caught: unknown): Error {
  return caught instanceof Error ? caught : new Error(`not an Error was thrown: ${String(caught)}`);
}

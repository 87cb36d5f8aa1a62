/**
 * # A long list in turns
 *
 * Others may run at each `yield`.
 */

/** Some milliseconds of work. */
const ITEMS_PER_TURN = 10_000;

export function* inTurns<T>(items: readonly T[], take: (item: T) => void): Generator<void> {
  for (let first = 0; first < items.length; first += ITEMS_PER_TURN) {
    for (const item of items.slice(first, first + ITEMS_PER_TURN)) take(item);
    yield;
  }
}

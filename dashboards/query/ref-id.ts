/** # The letter of a target in its panel: A for the first. A store may name what it gives back by it. */

const FIRST_LETTER = "A".charCodeAt(0);

export function refIdOf(index: number): string {
  return String.fromCharCode(FIRST_LETTER + index);
}

/**
 * # Patterns of names
 *
 *     pattern := (character | "*" | "?")*      "*" any text, "?" one character; every other character stands for itself
 *
 * Not the patterns of paths that file tools know: a slash in a name is a character like any other.
 */

/** Goes back to the last "*" alone, so that no pattern takes longer than its length times the name's. */
export function matchesName(pattern: string, name: string): boolean {
  let [at, place, star, retry] = [0, 0, -1, 0];
  while (place < name.length) {
    if (pattern[at] === "*") {
      [star, retry] = [at, place];
      at += 1;
    } else if (at < pattern.length && (pattern[at] === "?" || pattern[at] === name[place])) {
      at += 1;
      place += 1;
    } else if (star >= 0) {
      retry += 1;
      [at, place] = [star + 1, retry];
    } else return false;
  }
  while (pattern[at] === "*") at += 1;
  return at === pattern.length;
}

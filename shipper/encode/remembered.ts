/**
 * # A function of a text that remembers its answers
 *
 * Names come again with each tick and each partition, and most of what encoding costs is to look at them anew. Memory is bounded:
 * past ENTRIES_MAX all is forgotten. What is long is not remembered at all.
 */

const ENTRIES_MAX = 20_000;
const TEXT_CHARS_MAX = 1_024;

export function remembered(make: (text: string) => string): (text: string) => string {
  const known = new Map<string, string>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const made = make(text);
    if (text.length > TEXT_CHARS_MAX) return made;
    if (known.size >= ENTRIES_MAX) known.clear();
    known.set(text, made);
    return made;
  };
}

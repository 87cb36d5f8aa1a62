/**
 * # Topics that may not be what they were
 *
 * A broker takes back all committed offsets of a topic that is deleted. Until the list of topics is told again, a topic of which a
 * group's offsets were taken back may be another one under the same name, with an end of its own: what the group commits on it
 * meanwhile is not to be held against the end that we know.
 */

export interface TopicsInDoubt {
  /** An offset of the group on the topic was taken back. */
  doubt(topic: string, group: string): void;
  /** For every row: nearly always there is nothing in doubt. */
  isEmpty(): boolean;
  has(topic: string, group: string): boolean;
  /** The list of topics was told. */
  clear(): void;
}

export function createTopicsInDoubt(): TopicsInDoubt {
  const groups = new Map<string, Set<string>>();
  return {
    doubt: (topic, group) => {
      const known = groups.get(topic) ?? new Set();
      groups.set(topic, known.add(group));
    },
    isEmpty: () => groups.size === 0,
    has: (topic, group) => groups.get(topic)?.has(group) ?? false,
    clear: () => groups.clear(),
  };
}

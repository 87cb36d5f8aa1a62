/**
 * # Names: a string to a dense id, and back
 *
 * Each use of a name holds one reference; with the last one gone the id is free for the next new name, so churn of names
 * (client ids at every deploy) stays bounded by what is alive. Every string is a legal name, `__proto__` and the empty one
 * too: names are only ever keys of a Map.
 */

export interface Names {
  /** Ids in use are below this. */
  idLimit(): number;
  /** How many names are held. */
  count(): number;
  /** The id, without a new reference; undefined where nobody holds the name. */
  find(name: string): number | undefined;
  /** The string of an id; undefined where the id is free. */
  nameOf(id: number): string | undefined;
  /** The id of `name`, with one more reference on it; made if it is new. */
  retain(name: string): number;
  /** Gives one reference back. True when it was the last: the id may then stand for another name. */
  release(id: number): boolean;
}

export function createNames(): Names {
  const ids = new Map<string, number>();
  const strings: (string | undefined)[] = [];
  const references: number[] = [];
  const free: number[] = [];

  return {
    idLimit: () => strings.length,
    count: () => ids.size,
    find: (name) => ids.get(name),
    nameOf: (id) => strings[id],
    retain: (name) => {
      const known = ids.get(name);
      const id = known ?? free.pop() ?? strings.length;
      references[id] = (references[id] ?? 0) + 1;
      if (known === undefined) {
        ids.set(name, id);
        strings[id] = name;
      }
      return id;
    },
    release: (id) => {
      const name = strings[id];
      if (name === undefined) throw new RangeError(`name id ${id} was released more often than retained`);
      const left = (references[id] ?? 1) - 1;
      references[id] = left;
      if (left > 0) return false;
      ids.delete(name);
      strings[id] = undefined;
      free.push(id);
      return true;
    },
  };
}

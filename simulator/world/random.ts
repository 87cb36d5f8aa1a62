/**
 * # Chance from a seed
 *
 * Each process has a generator of its own, made from the seed and its name, so that one more process changes none of the
 * others. The generator is sfc32 (PractRand, C. Doty-Humphrey, public domain): 128 bits of state, the last a counter.
 */

export type Random = () => number;

/** Uniform in [0, 1). */
export function randomOf(seed: number, name: string): Random {
  let a = seed >>> 0;
  let b = hashOf(name);
  let c = 0x9e3779b9;
  let counter = 1;
  const next: Random = () => {
    const sum = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + sum;
    return (sum >>> 0) / 2 ** 32;
  };
  for (let round = 0; round < WARM_UP_ROUNDS; round += 1) next();
  return next;
}

/** Few bits of a seed differ from another's at first; these rounds spread them. */
const WARM_UP_ROUNDS = 12;

/** FNV-1a over UTF-16 code units. */
export function hashOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at += 1) hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  return hash >>> 0;
}

/** `value`, more or less: uniform within `share` of it on both sides. */
export function about(value: number, share: number, random: Random): number {
  return value * (1 + share * (2 * random() - 1));
}

/**
 * # Where the real tier keeps things
 *
 * Everything it downloads or makes lies under `.cache/` of the repository, which git ignores: deleting that folder is always safe.
 */

import { mkdir, mkdtemp } from "node:fs/promises";
import { resolve } from "node:path";

export const REPOSITORY = resolve(import.meta.dirname, "../..");
export const CACHE = resolve(REPOSITORY, ".cache");

/** A new folder under `.cache/<kind>/`; whoever asks for it removes it. */
export async function scratchDir(kind: string): Promise<string> {
  const parent = resolve(CACHE, kind);
  await mkdir(parent, { recursive: true });
  return await mkdtemp(`${parent}/`);
}

/**
 * # A file that cannot be used is set aside
 *
 * It keeps its name with `.unreadable-<time>` behind it, its WAL beside it, and a new one begins empty: a damaged file
 * must never keep the process from starting.
 */

import { readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";

/**
 * Moves the file and its WAL out of the way; answers the new name. The oldest file set aside is kept, since it may hold
 * most, and the newest; those between are deleted, so that a failing disk does not fill itself.
 */
export function setAside(path: string, nowMs: number): string {
  const aside = `${path}.unreadable-${new Date(nowMs).toISOString().replaceAll(":", "")}`;
  renameSync(path, aside);
  renameIfThere(`${path}-wal`, `${aside}-wal`);
  rmSync(`${path}-shm`, { force: true });
  const asides = readdirSync(dirname(path))
    .filter((name) => name.startsWith(`${basename(path)}.unreadable-`) && !/-(wal|shm)$/.test(name))
    .toSorted();
  for (const name of asides.slice(1, -1)) {
    for (const suffix of ["", "-wal", "-shm"]) {
      rmSync(join(dirname(path), `${name}${suffix}`), { recursive: true, force: true });
    }
  }
  return aside;
}

function renameIfThere(from: string, to: string): void {
  if (statSync(from, { throwIfNoEntry: false }) !== undefined) renameSync(from, to);
}

/**
 * # The deploys that are kept
 *
 * The newest `DEPLOYS_PER_GROUP_MAX` of each group, and of all as many as have `OFFSETS_MAX` offsets together; the oldest fall
 * off, and are counted. One is there once its file is synced, and not before: a deploy that was acknowledged is there after a
 * crash.
 */

import type { Deploy, DeployTold } from "../model/deploy.ts";

const DEPLOYS_PER_GROUP_MAX = 100;
/** Some 60 bytes each, in memory and in the file. */
export const OFFSETS_MAX = 500_000;
/** Between two ticks. */
const UNTOLD_MAX = 10_000;

export interface DeployFile {
  /** Rejects where nothing was kept. */
  write(deploys: readonly Deploy[]): Promise<void>;
}

export interface DeployBook {
  /** Newest first. */
  of(cluster: string, group: string): readonly Deploy[];
  /** What the feed has not been told yet, oldest first; then it has. */
  takeUntold(): readonly DeployTold[];
  /** Answers with what is kept: its time is after that of the one before. Rejects where it could not be kept; then it is not there. */
  record(deploy: Deploy): Promise<Deploy>;
  stats(): DeployStats;
}

export interface DeployStats {
  readonly deploys: number;
  /** Since the start: older ones that made place. */
  readonly dropped: number;
}

/** `untoldSinceMs`: what was found and is younger is told again, since nobody knows whether it was. */
export function createDeployBook(
  file: DeployFile,
  { found, untoldSinceMs }: { readonly found: readonly Deploy[]; readonly untoldSinceMs: number },
): DeployBook {
  let kept = found;
  let untold = found.filter(({ at }) => at >= untoldSinceMs);
  let dropped = 0;
  let writing: Promise<unknown> = Promise.resolve();

  const add = async (deploy: Deploy): Promise<Deploy> => {
    const before = ofGroup(kept, deploy)[0];
    const later = before === undefined ? deploy : { ...deploy, at: Math.max(deploy.at, before.at + 1) };
    const next = fitting([...kept, later]);
    await file.write(next);
    dropped += kept.length + 1 - next.length;
    kept = next;
    untold = [...untold, later].slice(-UNTOLD_MAX);
    return later;
  };

  return {
    of: (cluster, group) => ofGroup(kept, { cluster, group }),
    takeUntold: () => {
      const told = untold.map(toldOf);
      untold = [];
      return told;
    },
    record: (deploy) => {
      // One after the other: each file holds all that came before.
      const recorded = writing.then(() => add(deploy));
      writing = recorded.catch(() => undefined);
      return recorded;
    },
    stats: () => ({ deploys: kept.length, dropped }),
  };
}

function toldOf({ cluster, group, name, version, at, offsets }: Deploy): DeployTold {
  return { cluster, group, name, ...(version === undefined ? {} : { version }), at, partitions: offsets.length };
}

function ofGroup(
  deploys: readonly Deploy[],
  { cluster, group }: { readonly cluster: string; readonly group: string },
): readonly Deploy[] {
  return deploys.filter((one) => one.cluster === cluster && one.group === group).toReversed();
}

/** Without the oldest that are too many; the newest stays, however large it is. */
function fitting(deploys: readonly Deploy[]): readonly Deploy[] {
  const counts = new Map<string, number>();
  let offsets = 0;
  const kept = deploys.toReversed().filter((deploy, index) => {
    const group = JSON.stringify([deploy.cluster, deploy.group]);
    const count = (counts.get(group) ?? 0) + 1;
    const size = deploy.offsets.length + deploy.unknown.length;
    if (count > DEPLOYS_PER_GROUP_MAX || (index > 0 && offsets + size > OFFSETS_MAX)) return false;
    counts.set(group, count);
    offsets += size;
    return true;
  });
  return kept.toReversed();
}

/**
 * # Saving and restoring the windows of one cluster
 *
 * Restored once, before anything is read; saved each minute and at the end, while the offsets topic is read as far as it goes (a
 * start that has not come that far leaves the file of the last run as it is). Whatever fails is said and counted, and nothing
 * waits for it.
 */

import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import type { Clock } from "../../runtime/clock.ts";
import { sleep } from "../../runtime/clock.ts";
import type { Actor } from "../../runtime/lifecycle.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { ClusterState } from "../window/cluster-state.ts";
import type { SavedHead, SavedLog, SavedTold } from "../window/saved.ts";
import { restoreGroups, restoreTopics } from "../window/saved-restore.ts";
import { takePieces } from "../window/saved-take.ts";
import type { Saved } from "./format.ts";
import { openSaved, writeSaved } from "./saved-file.ts";

const SAVE_EVERY_MS = 60_000;
/** Rows of a piece: some milliseconds of work. */
const PIECE_ROWS = 2_000;
const TOLD_ALL: SavedTold = { source: "offsets_topic", groups: [], topics: [] };

export interface SavedTopic {
  readonly logTopicId: string | undefined;
  readonly logs: readonly SavedLog[];
}

export interface SaverOptions {
  /** Each cluster has a file of its own in it. */
  readonly dataDir: string;
  readonly state: ClusterState;
  /** How far the offsets topic is read; undefined where that is not yet worth saving. */
  readonly readTopic: () => SavedTopic | undefined;
  /** What commits are told of, now; absent: of all names, and by the offsets topic. */
  readonly told?: () => SavedTold;
  readonly clock: Clock;
  readonly logger: Logger;
}

export interface SaverStats {
  readonly saved: number;
  readonly failed: number;
  /** Of the last file written. */
  readonly bytes: number;
  /** When the newest file was saved, epoch ms; 0: there is none. */
  readonly savedAtMs: number;
  readonly restoredGroups: number;
}

export interface Saver {
  /** Fills the state, which knows nothing yet, with what another run has saved. */
  restore(): Promise<void>;
  /** How far that run has read; undefined where nothing was restored. */
  restored(): SavedTopic | undefined;
  /** Once more at the end. */
  save(): Promise<void>;
  readonly actor: Actor;
  stats(): SaverStats;
}

export function createSaver(options: SaverOptions): Saver {
  const { dataDir, state, readTopic, clock } = options;
  const path = join(dataDir, "windows", `${encodeURIComponent(state.cluster)}.saved`);
  const logger = options.logger.child({ cluster: state.cluster, path });
  const stats = { saved: 0, failed: 0, bytes: 0, savedAtMs: 0, restoredGroups: 0 };
  let restored: SavedTopic | undefined;

  const save = async (): Promise<void> => {
    const topic = readTopic();
    if (topic === undefined) return;
    const nowMs = clock.nowMs();
    // A log that is opened anew meanwhile is not offered to what is saved after that: `topic` is the least that is known.
    const logs = () => readTopic()?.logs ?? topic.logs;
    const told = options.told?.();
    const about = { logTopicId: topic.logTopicId, ...(told === undefined ? {} : { told }) };
    const pieces = takePieces({ state, nowMs, ...about, logs, rowsMax: PIECE_ROWS });
    const written = await writeSaved(path, pieces);
    if (written.kind === "written") {
      Object.assign(stats, { saved: stats.saved + 1, bytes: written.bytes, savedAtMs: nowMs });
      return;
    }
    stats.failed += 1;
    logger.warn({ event: "windows.not-saved", err: written.cause }, "windows were not saved; the file before stays");
  };

  const restore = async (): Promise<void> => {
    const saved = await readFitting(path, { state, told: options.told?.() ?? TOLD_ALL }, logger);
    if (saved === "refused") stats.failed += 1;
    if (saved === undefined || saved === "refused") return;
    restoreTopics(state, saved.topics);
    const head = isTold(saved.head, options.told?.() ?? TOLD_ALL) ? saved.head : { ...saved.head, logs: [] };
    for (const piece of saved.groups) restoreGroups(state, head, piece);
    restored = head;
    stats.savedAtMs = saved.head.savedAtMs;
    stats.restoredGroups = saved.groups.reduce((sum, piece) => sum + piece.groups.length, 0);
    const ageMs = clock.nowMs() - saved.head.savedAtMs;
    logger.info({ event: "windows.restored", ageMs, groups: stats.restoredGroups }, "windows were restored");
  };

  return {
    restore,
    restored: () => restored,
    save,
    actor: async (signal) => {
      while (!signal.aborted) {
        await sleep(SAVE_EVERY_MS, signal);
        if (!signal.aborted) await save();
      }
    },
    stats: () => ({ ...stats }),
  };
}

interface Fitting {
  readonly state: ClusterState;
  readonly told: SavedTold;
}

/** False where what was left out when it was saved may be in now: of that nothing was read, however far the log was. */
function isTold({ told: { groups, topics } = TOLD_ALL }: SavedHead, now: SavedTold): boolean {
  const isIn = (before: readonly string[], rules: readonly string[]): boolean =>
    before.length === 0 || isDeepStrictEqual(before, rules);
  return isIn(groups, now.groups) && isIn(topics, now.topics);
}

/** What was saved by this configuration; undefined where nothing was. */
async function readFitting(path: string, fitting: Fitting, logger: Logger): Promise<Saved | "refused" | undefined> {
  const opened = await openSaved(path);
  switch (opened.kind) {
    case "none":
      return undefined;
    case "failed":
      logger.warn({ event: "windows.not-restored", err: opened.cause }, "saved windows cannot be read; starting anew");
      return "refused";
    case "refused": {
      const { reason, setAside } = opened;
      logger.warn({ event: "windows.refused", reason, setAside }, "saved windows are set aside; starting anew");
      return "refused";
    }
    case "saved": {
      const misfit = misfitOf(fitting, opened.saved);
      if (misfit === undefined) return opened.saved;
      logger.warn({ event: "windows.misfit", misfit }, "saved windows are of another configuration; starting anew");
      return undefined;
    }
  }
}

function misfitOf({ state: { cluster, burrow }, told }: Fitting, { head }: Saved): string | undefined {
  // Orders of one kind of source mean nothing to another.
  const { source } = head.told ?? TOLD_ALL;
  if (source !== told.source) return `commits of the source ${source}`;
  if (head.cluster !== cluster) return `cluster ${head.cluster}`;
  if (head.intervals !== burrow.options.intervals) return `a window of ${head.intervals} commits`;
  if (head.minDistanceMs !== burrow.options.minDistanceMs) return `commits merged within ${head.minDistanceMs} ms`;
  return undefined;
}

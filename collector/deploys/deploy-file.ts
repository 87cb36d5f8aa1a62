/**
 * # The file of deploys
 *
 *     {"format": 1, "deploys": [Deploy...]}      oldest first
 *
 * Written beside its place, synced, renamed: there is always a whole one. One that cannot be read is renamed for whoever wants to
 * look at it, and said.
 */

import { readFileSync, renameSync, statSync } from "node:fs";
import { mkdir, open, rename, rm } from "node:fs/promises";
import { dirname } from "node:path";
import { z } from "zod";
import { asError } from "../../runtime/error.ts";
import type { Logger } from "../../runtime/logger.ts";
import { Deploy } from "../model/deploy.ts";
import type { DeployBook, DeployFile } from "./deploy-book.ts";
import { createDeployBook } from "./deploy-book.ts";

/** OFFSETS_MAX offsets of topics with the longest names. */
const FILE_BYTES_MAX = 268_435_456;
const FORMAT = 1;

const Kept = z.object({ format: z.literal(FORMAT), deploys: z.array(Deploy).readonly() });

/** What is kept: or why nothing can be, in words for whoever wants to record a deploy. */
export type Deploys =
  | { readonly kind: "kept"; readonly book: DeployBook }
  | { readonly kind: "none"; readonly reason: string };

export interface OpenOptions {
  readonly logger: Logger;
  /** Younger ones are told to the feed again. */
  readonly untoldSinceMs: number;
}

/** Read once, at the start. One that is there and cannot be had is not written over. */
export function openDeploys(path: string, { logger, untoldSinceMs }: OpenOptions): Deploys {
  try {
    const found = readDeploys(path, logger);
    return { kind: "kept", book: createDeployBook(deployFile(path), { found, untoldSinceMs }) };
  } catch (caught) {
    const cause = asError(caught);
    logger.error({ event: "deploys.failed", path, err: cause }, "the file of deploys cannot be had; none is recorded");
    return { kind: "none", reason: `${path} cannot be read: ${cause.message}` };
  }
}

function readDeploys(path: string, logger: Logger): readonly Deploy[] {
  const size = statSync(path, { throwIfNoEntry: false })?.size;
  if (size === undefined) return [];
  const kept = size > FILE_BYTES_MAX ? undefined : Kept.safeParse(parsed(readFileSync(path, "utf8")));
  if (kept?.success === true) return kept.data.deploys;
  const setAside = `${path}.refused`;
  renameSync(path, setAside);
  const said = { event: "deploys.refused", path, setAside, bytes: size, err: kept?.error };
  logger.error(said, "the file of deploys is not one, and is set aside; a rollback to what it held needs it");
  return [];
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function deployFile(path: string): DeployFile {
  const beside = `${path}.${process.pid}.tmp`;
  return {
    write: async (deploys) => {
      try {
        await mkdir(dirname(path), { recursive: true });
        await writeSynced(beside, JSON.stringify({ format: FORMAT, deploys }));
        await rename(beside, path);
        await using folder = await open(dirname(path));
        await folder.sync();
      } catch (caught) {
        await rm(beside, { force: true }).catch(() => {});
        throw new DeployNotKeptError(path, asError(caught));
      }
    },
  };
}

async function writeSynced(path: string, text: string): Promise<void> {
  await using file = await open(path, "w");
  await file.writeFile(text);
  await file.sync();
}

/** The disk is full, or the folder not ours. */
export class DeployNotKeptError extends Error {
  override readonly name = "DeployNotKeptError";
  constructor(path: string, cause: Error) {
    super(`the deploy is not kept: ${path}: ${cause.message}`, { cause });
  }
}

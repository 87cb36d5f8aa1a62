/**
 * # The data folder: can it be written to, and how much of its disk is free
 *
 * A file is written, synced and taken away again. The spool's own file is not touched: a shipper may be running.
 */

import { randomBytes } from "node:crypto";
import { open, rm, stat, statfs } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { asError } from "../../runtime/error.ts";
import type { Finding } from "../../runtime/finding.ts";
import { fail, ok, warn } from "../../runtime/finding.ts";
import { isNetworkFileSystem } from "../../shipper/spool/spool.ts";

export interface DataDir {
  readonly dir: string;
  /** Disk that is wanted there, bytes. */
  readonly bytesWanted: number;
  /** Share of the disk that has to stay free. */
  readonly freeShareMin: number;
}

export async function examineDataDir({ dir, ...wanted }: DataDir): Promise<readonly Finding[]> {
  try {
    const made = await isThere(dir);
    const place = made ? dir : await existingParent(dir);
    await writeOnce(place);
    const writable = ok("data_dir", made ? `${dir} can be written to` : `${dir} is not there yet, and can be made`);
    const { bavail, bsize, blocks, type } = await statfs(place);
    if (isNetworkFileSystem(type))
      return [
        fail("data_dir", `${dir} is on a network file system, where a synced commit may be lost`, "use a local disk"),
      ];
    return [writable, freeDisk({ freeBytes: bavail * bsize, diskBytes: blocks * bsize, ...wanted })];
  } catch (caught) {
    const remedy = "let the user that runs Tidemark write there, or name another folder";
    return [fail("data_dir", `${dir} cannot be written to: ${asError(caught).message}`, remedy)];
  }
}

async function isThere(dir: string): Promise<boolean> {
  return stat(dir).then(
    () => true,
    () => false,
  );
}

/** Where it would be made; it is not made by who only looks. */
async function existingParent(dir: string): Promise<string> {
  let at = resolve(dir);
  while (!(await isThere(at)) && dirname(at) !== at) at = dirname(at);
  return at;
}

async function writeOnce(dir: string): Promise<void> {
  const probe = join(dir, `.tidemark-check-${randomBytes(6).toString("hex")}`);
  try {
    await using file = await open(probe, "wx");
    await file.write("check\n");
    await file.sync();
  } finally {
    await rm(probe, { force: true });
  }
}

const PERCENT = 100;
const BYTES_PER_GIB = 2 ** 30;

interface Disk {
  readonly freeBytes: number;
  readonly diskBytes: number;
  readonly bytesWanted: number;
  readonly freeShareMin: number;
}

export function freeDisk({ freeBytes, diskBytes, bytesWanted, freeShareMin }: Disk): Finding {
  const gib = (bytes: number): string => `${(bytes / BYTES_PER_GIB).toFixed(1)} GiB`;
  const said = `${gib(freeBytes)} of ${gib(diskBytes)} are free`;
  if (freeBytes < diskBytes * freeShareMin)
    return fail("free disk", `${said}, less than ${freeShareMin * PERCENT} %`, "make room, or lower `free_disk_min`");
  if (freeBytes < bytesWanted)
    return warn(
      "free disk",
      `${said}, less than what may be used: ${gib(bytesWanted)}`,
      "make room, or lower `bytes_max`",
    );
  return ok("free disk", said);
}

/**
 * # What a run could not do
 *
 * A test that skips a whole server says so here; run.ts prints all of it as the last lines of the run, where it is seen.
 * One line of JSON per notice, in a file that the run names by TEST_NOTICES_FILE and removes before it begins.
 */

import { appendFile, mkdir, readFile, rm } from "node:fs/promises";
import { dirname, resolve } from "node:path";

const DEFAULT_FILE = resolve(import.meta.dirname, "../.cache/notices.jsonl");
export const NOTICES_VARIABLE = "TEST_NOTICES_FILE";

export interface Notice {
  /** What was not run, such as "Chromium". */
  readonly server: string;
  readonly reason: string;
}

export async function noteSkipped(notice: Notice): Promise<void> {
  const file = process.env[NOTICES_VARIABLE] ?? DEFAULT_FILE;
  await mkdir(dirname(file), { recursive: true });
  await appendFile(file, `${JSON.stringify(notice)}\n`);
}

/** All notices of a run, each once, and the file is gone. */
export async function takeNotices(file: string): Promise<readonly string[]> {
  const text = await readFile(file, "utf8").catch(() => "");
  await rm(file, { force: true });
  const lines = text.split("\n").filter((line) => line !== "");
  return [...new Set(lines)].map((line) => {
    const { server, reason }: Notice = JSON.parse(line);
    return `skipped ${server}: ${reason}`;
  });
}

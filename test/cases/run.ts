/**
 * # `npm run cases -- FILE...`
 *
 * Judges the cases of any file whose form is known, told by its content. Prints each failure and last how many passed and
 * failed. Exit code 0: all passed; 1: some failed; 2: a file cannot be read, is of no known form, or holds no case.
 */

import { readFile } from "node:fs/promises";
import process from "node:process";
import { judgeCases } from "./judge-cases.ts";

process.exitCode = await run(process.argv.slice(2));

async function run(files: readonly string[]): Promise<number> {
  if (files.length === 0) return unreadable("no file given; usage: npm run cases -- FILE...");
  let passed = 0;
  let failed = 0;
  for (const file of files) {
    const judged = judgeCases(await readFile(file, "utf8").catch((error: unknown) => asError(error)));
    if (judged.kind === "unreadable") return unreadable(`${file}: ${judged.why}`);
    for (const { name, failure } of judged.results) {
      if (failure === undefined) {
        passed++;
      } else {
        failed++;
        console.log(`FAILED ${file}: ${name}\n  ${failure}`);
      }
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  return failed > 0 ? 1 : 0;
}

function unreadable(why: string): number {
  console.error(`cases: ${why}`);
  return 2;
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}

/**
 * # Programs of a Debian package, installed or unpacked
 *
 * Where a program is not installed its package is fetched and unpacked into `.cache/`, which needs no root and starts no service.
 */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { readdir, rename, rm } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { MissingProgram } from "./kafka/java.ts";
import { CACHE, scratchDir } from "./places.ts";

const run = promisify(execFile);
const INSTALLED = "/usr/bin";
const FETCH_TIMEOUT_MS = 120_000;

export interface DebianPackage {
  readonly name: string;
  /** One of its programs: where it is, the others are. */
  readonly program: string;
  /** Of `.cache/`. */
  readonly folder: string;
}

/** The folder of its programs. */
export async function programsOf({ name, program, folder }: DebianPackage): Promise<string> {
  if (existsSync(resolve(INSTALLED, program))) return INSTALLED;
  const home = resolve(CACHE, folder);
  const programs = resolve(home, "usr/bin");
  if (existsSync(programs)) return programs;
  const partial = await scratchDir("partial");
  await run("apt-get", ["download", "-qq", name], { cwd: partial, timeout: FETCH_TIMEOUT_MS }).catch(
    (cause: unknown) => {
      throw new MissingProgram(program, `Debian's ${name} (apt-get install ${name})`, { cause });
    },
  );
  const [archive = ""] = (await readdir(partial)).filter((file) => file.endsWith(".deb"));
  await run("dpkg", ["-x", archive, "unpacked"], { cwd: partial });
  await rename(resolve(partial, "unpacked"), home);
  await rm(partial, { recursive: true, force: true });
  return programs;
}

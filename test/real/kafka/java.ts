/**
 * # The programs that the machine has to bring
 *
 * Java runs Kafka, Maven fetches it. Both are looked for once; what is missing is named together with what to install.
 */

import { execFile } from "node:child_process";
import { promisify } from "node:util";

const run = promisify(execFile);
const JAVA_MAJOR_MIN = 17;

export class MissingProgram extends Error {
  override readonly name = "MissingProgram";
  constructor(program: string, install: string, options?: ErrorOptions) {
    super(`${program} is missing: install ${install}, or run .ci/run, which does`, options);
  }
}

let checked: Promise<void> | undefined;

/** Rejects with MissingProgram where there is no Java 17 or newer. */
export function requireJava(): Promise<void> {
  checked ??= checkJava();
  return checked;
}

async function checkJava(): Promise<void> {
  const install = `Java ${JAVA_MAJOR_MIN} or newer (Debian: apt-get install openjdk-17-jre-headless)`;
  const version = await run("java", ["-version"]).then(
    ({ stderr }) => /version "(\d+)/.exec(stderr)?.[1],
    (cause: unknown) => {
      throw new MissingProgram("java", install, { cause });
    },
  );
  if (Number(version) < JAVA_MAJOR_MIN) throw new MissingProgram(`java ${JAVA_MAJOR_MIN} (found ${version})`, install);
}

/** Rejects with MissingProgram where there is no Maven. */
export async function requireMaven(): Promise<void> {
  await run("mvn", ["-version"]).catch((cause: unknown) => {
    throw new MissingProgram("mvn", "Maven (Debian: apt-get install maven)", { cause });
  });
}

/** Whether Java sources can be compiled: a JDK, which a Java alone does not bring. */
export async function hasJavaCompiler(): Promise<boolean> {
  return await run("javac", ["-version"]).then(
    () => true,
    () => false,
  );
}

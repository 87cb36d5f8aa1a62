/**
 * # Kafka's jars, from Maven Central
 *
 * `org.apache.kafka:kafka_2.13` and `kafka-tools` with their runtime dependencies are the whole broker and every command-line
 * tool. A version is fetched once into `.cache/kafka-<version>/`: into a folder beside it first, then renamed, so what has
 * the final name is whole. A lock keeps parallel runs from fetching at once: Maven's own folder is not made for two of them.
 */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { CACHE } from "../places.ts";
import { done, notYet, until } from "../until.ts";
import { requireJava, requireMaven } from "./java.ts";

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 300_000;

/** The versions the real tier runs on: the newest supported line and the last one before 4.0. */
export const KAFKA_VERSIONS = ["4.1.2", "3.9.2"] as const;
/** 4.2 is the first version whose share and streams groups are finished features: for tests of those. */
export type KafkaVersion = (typeof KAFKA_VERSIONS)[number] | "4.2.0";

/** The folder that holds the jars of one version; fetches them first where they are not there. */
export async function kafkaJars(version: KafkaVersion): Promise<string> {
  const jars = resolve(CACHE, `kafka-${version}`);
  if (existsSync(jars)) return jars;
  await requireJava();
  await requireMaven();
  await mkdir(CACHE, { recursive: true });
  const lock = resolve(CACHE, "maven.lock");
  const look = () => takeLock(lock, jars);
  const isOurs = await until(`the lock ${lock}`, look, { timeoutMs: FETCH_TIMEOUT_MS, everyMs: 200 });
  if (!isOurs) return jars;
  try {
    if (!existsSync(jars)) await fetchJars(version, jars);
  } finally {
    await rm(lock, { force: true });
  }
  return jars;
}

/** Answers whether the lock is ours; it need not be where another has fetched them. */
async function takeLock(lock: string, jars: string) {
  try {
    await writeFile(lock, String(process.pid), { flag: "wx" });
    return done(true);
  } catch {
    if (existsSync(jars)) return done(false);
    const holder = Number(await readFile(lock, "utf8").catch(() => "0"));
    if (holder > 0 && !isAlive(holder)) await rm(lock, { force: true });
    return notYet(`held by process ${holder}`);
  }
}

function isAlive(pid: number): boolean {
  return existsSync(`/proc/${pid}`) || !existsSync("/proc");
}

async function fetchJars(version: KafkaVersion, jars: string): Promise<void> {
  const partial = `${jars}.partial`;
  await rm(partial, { recursive: true, force: true });
  await mkdir(partial, { recursive: true });
  await writeFile(resolve(partial, "pom.xml"), pom(version));
  const args = ["-B", "-q", "dependency:copy-dependencies", "-DincludeScope=runtime", "-DoutputDirectory=."];
  await run("mvn", args, { cwd: partial, timeout: FETCH_TIMEOUT_MS, maxBuffer: 8 * 1024 * 1024 }).catch(
    (cause: unknown) => {
      throw new Error(`Maven could not fetch Kafka ${version}; see ${partial}/pom.xml: ${String(cause)}`, { cause });
    },
  );
  await rename(partial, jars);
}

/** Without a logger of its own taste a broker logs nothing: 4.x wants log4j 2, 3.9 its predecessor. */
function pom(version: KafkaVersion): string {
  const logging = version.startsWith("3.")
    ? [dependency("org.slf4j", "slf4j-reload4j", "1.7.36")]
    : [
        dependency("org.apache.logging.log4j", "log4j-slf4j-impl", "2.24.3"),
        dependency("org.apache.logging.log4j", "log4j-core", "2.24.3"),
      ];
  const kafka = [
    dependency("org.apache.kafka", "kafka_2.13", version),
    dependency("org.apache.kafka", "kafka-tools", version),
  ];
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tidemark.test</groupId><artifactId>kafka</artifactId><version>1</version>
  <dependencies>
${[...kafka, ...logging].join("\n")}
  </dependencies>
</project>
`;
}

function dependency(group: string, artifact: string, version: string): string {
  return `    <dependency><groupId>${group}</groupId><artifactId>${artifact}</artifactId><version>${version}</version></dependency>`;
}

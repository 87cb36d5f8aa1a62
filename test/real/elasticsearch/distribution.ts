/**
 * # Elasticsearch, from Maven Central
 *
 * The distribution that Elastic's own integration tests run on: the real server with few modules, 97 MB, no Java of its own. It
 * has no lifecycles, data streams, ingest and scripts. Fetched once into `.cache/elasticsearch-<version>/`.
 */

import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { requireJava, requireMaven } from "../kafka/java.ts";
import { CACHE, scratchDir } from "../places.ts";

const run = promisify(execFile);
const FETCH_TIMEOUT_MS = 300_000;

export const ELASTICSEARCH_VERSION = "8.19.5";
const ARTIFACT = `org.elasticsearch.distribution.integ-test-zip:elasticsearch:${ELASTICSEARCH_VERSION}:zip`;
const POM = `<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>tidemark.test</groupId><artifactId>elasticsearch</artifactId><version>1</version>
</project>
`;

/** The folder that holds `bin/`, `lib/` and so on. */
export async function elasticsearchHome(): Promise<string> {
  const home = resolve(CACHE, `elasticsearch-${ELASTICSEARCH_VERSION}`);
  if (existsSync(home)) return home;
  await requireJava();
  await requireMaven();
  await mkdir(CACHE, { recursive: true });
  const partial = await scratchDir("partial");
  await writeFile(resolve(partial, "pom.xml"), POM);
  const args = ["-B", "-q", "dependency:unpack", `-Dartifact=${ARTIFACT}`, `-DoutputDirectory=${partial}`];
  await run("mvn", args, { cwd: partial, timeout: FETCH_TIMEOUT_MS }).catch((cause: unknown) => {
    throw new Error(`Maven could not fetch ${ARTIFACT}: ${String(cause)}`, { cause });
  });
  // What has the final name is whole; of two that fetched at once, one is enough.
  await rename(resolve(partial, `elasticsearch-${ELASTICSEARCH_VERSION}`), home).catch((cause: unknown) => {
    if (!existsSync(home)) throw cause;
  });
  await rm(partial, { recursive: true, force: true });
  return home;
}

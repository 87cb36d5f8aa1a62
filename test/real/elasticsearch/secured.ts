/**
 * # One real Elasticsearch with users, API keys and TLS
 *
 * The minimal distribution has the security module but not all that its own index needs: `plugin/` brings the rest, compiled
 * against the distribution's own libraries, which takes a JDK. One user, who may do everything, is in a file.
 */

import { execFile } from "node:child_process";
import { createHash, randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, readdir, rename, rm, writeFile } from "node:fs/promises";
import { request } from "node:https";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { selfSigned } from "../../stores/certificate.ts";
import { CACHE, scratchDir } from "../places.ts";
import type { ElasticsearchRequest } from "./ask.ts";
import { ELASTICSEARCH_VERSION, elasticsearchHome } from "./distribution.ts";
import type { Elasticsearch } from "./server.ts";
import { startElasticsearch } from "./server.ts";

const run = promisify(execFile);
const PLUGIN = resolve(import.meta.dirname, "plugin/SecurityIndexPlugin.java");
const { key, cert } = selfSigned();

export const CA = cert;

/** A second home beside the first, of the same files, and the plugin. */
async function securedHome(): Promise<string> {
  const home = resolve(CACHE, `elasticsearch-${ELASTICSEARCH_VERSION}-secured`);
  if (existsSync(home)) return home;
  const plain = await elasticsearchHome();
  const partial = await scratchDir("partial");
  const copy = resolve(partial, "home");
  await run("cp", ["-al", plain, copy]);
  const libraries = (await readdir(resolve(plain, "lib"))).filter((name) => name.endsWith(".jar"));
  const path = libraries.map((name) => resolve(plain, "lib", name)).join(":");
  await run("javac", ["--release", "17", "-nowarn", "-cp", path, "-d", resolve(partial, "classes"), PLUGIN]);
  const folder = resolve(copy, "plugins/tidemark-test");
  await mkdir(folder, { recursive: true });
  await run("jar", ["cf", resolve(folder, "tidemark-test.jar"), "-C", resolve(partial, "classes"), "."]);
  const descriptor = {
    name: "tidemark-test",
    description: "what the index of the security module needs",
    version: "1",
    "elasticsearch.version": ELASTICSEARCH_VERSION,
    "java.version": "17",
    classname: "tidemark.test.SecurityIndexPlugin",
  };
  const lines = Object.entries(descriptor).map(([name, value]) => `${name}=${value}\n`);
  await writeFile(resolve(folder, "plugin-descriptor.properties"), lines.join(""));
  await run("chmod", ["-R", "a+rX", copy]);
  await rename(copy, home).catch((cause: unknown) => {
    if (!existsSync(home)) throw cause;
  });
  await rm(partial, { recursive: true, force: true });
  return home;
}

export interface SecuredElasticsearch extends Elasticsearch {
  /** As the user who may do everything; `status` is the answer's. */
  ask(request: ElasticsearchRequest): Promise<Answered>;
  /** The same as whoever holds this API key. */
  askWith(apiKey: string, request: ElasticsearchRequest): Promise<Answered>;
}

export interface Answered {
  readonly status: number;
  readonly body: unknown;
}

export async function startSecuredElasticsearch(): Promise<SecuredElasticsearch> {
  const password = randomUUID();
  const hash = createHash("sha1").update(password).digest("base64");
  const server = await startElasticsearch(
    {
      "xpack.security.enabled": "true",
      "xpack.security.http.ssl.enabled": "true",
      "xpack.security.http.ssl.key": "http.key",
      "xpack.security.http.ssl.certificate": "http.crt",
      "xpack.security.authc.api_key.delete.interval": "24h",
    },
    {
      home: await securedHome(),
      scheme: "https",
      files: { users: `root:{SHA}${hash}\n`, users_roles: "superuser:root\n", "http.key": key, "http.crt": cert },
      answers: async (url) => (await asked(url, { method: "GET", path: "/" }, "")).status > 0,
    },
  );
  const basic = `Basic ${Buffer.from(`root:${password}`).toString("base64")}`;
  return {
    ...server,
    ask: (one) => asked(server.url, one, basic),
    askWith: (apiKey, one) => asked(server.url, one, `ApiKey ${apiKey}`),
  };
}

/** `fetch` trusts no certificate of ours. */
function asked(url: string, { method, path, body }: ElasticsearchRequest, authorization: string): Promise<Answered> {
  const { promise, resolve: settle, reject } = Promise.withResolvers<Answered>();
  const text = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  // Of a DELETE Node does not say how long its body is unless it is told to.
  const headers = { authorization, "content-type": "application/json", "content-length": Buffer.byteLength(text) };
  const sent = request(url + path, { method, headers, ca: CA, agent: false }, (answer) => {
    let said = "";
    answer.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
    answer.on("end", () => {
      const isJson = answer.headers["content-type"]?.includes("json") === true;
      settle({ status: answer.statusCode ?? 0, body: isJson ? JSON.parse(said) : said });
    });
  });
  sent.on("error", reject);
  sent.end(text);
  return promise;
}

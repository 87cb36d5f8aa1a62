/**
 * # Would a store take our points?
 *
 *     Elasticsearch   the template as a writer reads it · POST /_security/user/_has_privileges · what provisioning would do
 *     InfluxDB        a write of nothing: it is let in, it is refused, or it has no place to go · what provisioning would do
 *
 * Nothing is written and nothing is made. What only an administrator's key can see is looked at with that key, where one is given.
 */

import { systemClock } from "../../runtime/clock.ts";
import { asError } from "../../runtime/error.ts";
import type { Finding } from "../../runtime/finding.ts";
import { fail, ok, warn } from "../../runtime/finding.ts";
import type { ElasticsearchSinkConfig, InfluxSinkConfig, SinkConfig } from "../config.ts";
import { credentialsOf, influxTargetOf } from "../open-sink.ts";
import { openClient, textOf } from "../sink/elasticsearch/client.ts";
import { createGate, NotProvisionedError } from "../sink/elasticsearch/gate.ts";
import { indexSetsOf, TEMPLATE_VERSIONS } from "../sink/elasticsearch/template.ts";
import { answerClass } from "../sink/http/answer-class.ts";
import { authorizationOf } from "../sink/http/credentials.ts";
import type { StoreAnswer } from "../sink/http/outcome.ts";
import { outcomeOfError, StoreAnswerError } from "../sink/http/outcome.ts";
import { notFoundHint, writePath } from "../sink/influxdb/influxdb-sink.ts";
import { openTransport } from "../sink/influxdb/transport.ts";
import { ask } from "./ask.ts";
import type { ProvisionLine } from "./line.ts";
import { provisionSink } from "./provision.ts";

const PROVISION = "tidemark provision";
const STORE = "store";

/** `timeoutMs` is for each of a few requests. Embedded history has no store but the data folder. */
export async function examineSink(config: SinkConfig, timeoutMs: number): Promise<readonly Finding[]> {
  switch (config.type) {
    case "sqlite":
      return [ok("history", "it is a file in `shipper.data_dir`")];
    case "stdout":
      return [ok("standard output", `${config.format}, a line a point`)];
    case "elasticsearch":
      return withProvision(await elasticsearch({ ...config, timeout: timeoutMs }), { ...config, timeout: timeoutMs });
    case "influxdb":
      return withProvision(await influx({ ...config, timeout: timeoutMs }), { ...config, timeout: timeoutMs });
  }
}

/** What an administrator would see beside it; of a store that does not let us in, nothing. */
async function withProvision(
  findings: readonly Finding[],
  config: ElasticsearchSinkConfig | InfluxSinkConfig,
): Promise<readonly Finding[]> {
  if (findings.some(({ level, what }) => level === "fail" && what === STORE)) return findings;
  const lines = await provisionSink(config, { dryRun: true, force: false });
  const ownKey = config.type === "elasticsearch" ? config.admin_api_key_file : config.admin_token_file;
  const isMissing = findings.some(({ level }) => level === "fail");
  return [...findings, ...lines.flatMap((line) => findingOf(line, { hasOwnKey: ownKey !== undefined, isMissing }))];
}

function findingOf(
  { kind, what, detail }: ProvisionLine,
  { hasOwnKey, isMissing }: { readonly hasOwnKey: boolean; readonly isMissing: boolean },
): readonly Finding[] {
  switch (kind) {
    case "kept":
      return [];
    case "made":
      // Said already, by what a writer has seen.
      return isMissing ? [] : [warn(what, "there is none yet", PROVISION)];
    case "changed":
      return [warn(what, detail, PROVISION)];
    case "left":
      return [
        warn(what, detail, `look at it; "${PROVISION} --force" makes anew what was edited, and nothing of others`),
      ];
    case "failed":
      // The key of writing may not see it, and need not.
      return hasOwnKey ? [fail(what, detail, "mend the key of provisioning, or its rights")] : [];
  }
}

async function elasticsearch(config: ElasticsearchSinkConfig): Promise<readonly Finding[]> {
  const { url, ca_file: caFile, timeout: requestTimeoutMs, index, compat } = config;
  const client = openClient({ url, caFile, requestTimeoutMs });
  try {
    const credentials = credentialsOf(config);
    const request = { headers: authorizationOf(credentials), signal: new AbortController().signal };
    const templates: Finding[] = [];
    const sets = indexSetsOf(index, { withTelegraf: compat !== undefined });
    for (const set of sets) {
      const gate = await createGate({ client, ...set, clock: systemClock })(request);
      if (gate.kind === "closed") return closed(url, gate.outcome);
      const version = TEMPLATE_VERSIONS[set.contents];
      templates.push(ok(`index template ${set.prefix}`, `${gate.layout}, version ${version} or newer`));
    }
    const patterns = sets.map(({ prefix }) => `${prefix}-*`);
    const rights = await ask({ client, credentials }, { ...PRIVILEGES, body: privilegesOf(patterns) });
    return [ok(STORE, `${url} answers`), ...templates, rightsFinding(patterns.join(" and "), rights)];
  } catch (caught) {
    return [silent(url, asError(caught))];
  } finally {
    await client.close();
  }
}

function closed(url: string, outcome: { readonly kind: string; readonly cause?: Error }): readonly Finding[] {
  const { cause = new Error("it does not say why") } = outcome;
  if (cause instanceof NotProvisionedError)
    return [ok(STORE, `${url} answers`), fail("index template", cause.message, PROVISION)];
  return [fail(STORE, `${url}: ${cause.message}`, REFUSED)];
}

const REFUSED = "mend the credentials, or the rights of their user: docs/stores.md says which it needs";

function silent(url: string, error: Error): Finding {
  const remedy =
    outcomeOfError(error).kind === "held"
      ? "mend `ca_file`, the server's certificate, or the secret's file"
      : "mend `url`, the network between, or start it; points wait in the spool meanwhile";
  return fail(STORE, `${url} does not answer: ${error.message}`, remedy);
}

const PRIVILEGES = { method: "POST", path: "/_security/user/_has_privileges" } as const;

function privilegesOf(patterns: readonly string[]) {
  return { index: [{ names: patterns, privileges: ["create_doc", "auto_configure"] }] };
}

function rightsFinding(where: string, { status, body }: { readonly status: number; readonly body: unknown }): Finding {
  const what = "right to write";
  if (status === 401 || status === 403) return fail(what, textOf(body), REFUSED);
  if (status !== 200) return ok(what, "this server has no rights, or does not tell: the first point will");
  const { has_all_requested: hasAll } = body as { readonly has_all_requested?: unknown };
  if (hasAll === true) return ok(what, `create_doc and auto_configure on ${where}`);
  return fail(what, `it lacks create_doc or auto_configure on ${where}`, "give them to the key of `api_key_file`");
}

async function influx(config: InfluxSinkConfig): Promise<readonly Finding[]> {
  const { url, ca_file: caFile, timeout: requestTimeoutMs, database } = config;
  const [target, credentials] = [influxTargetOf(config), credentialsOf(config)];
  const transport = openTransport({ url, caFile, requestTimeoutMs, credentials });
  try {
    const headers = { ...authorizationOf(credentials), "content-type": "text/plain; charset=utf-8" };
    const request = { method: "POST", path: writePath(target), body: "", headers } as const;
    const answer = await transport.send(request, new AbortController().signal);
    if (isLetIn(answer)) return [ok(STORE, `${url} answers`), ok(`database ${database}`, "we may write to it")];
    if (answer.status !== 404) return [fail(STORE, `${url}: ${new StoreAnswerError(answer).message}`, REFUSED)];
    const missing = new StoreAnswerError(answer, notFoundHint(target));
    return [ok(STORE, `${url} answers`), fail(`database ${database}`, missing.message, PROVISION)];
  } catch (caught) {
    return [silent(url, asError(caught))];
  } finally {
    transport.close();
  }
}

/** Nothing is taken as such, or refused as such: either comes after rights and database were looked at. */
function isLetIn({ status, text }: StoreAnswer): boolean {
  const kind = answerClass(status);
  return (kind === "done" && text === "") || (kind === "refused" && text.startsWith("{"));
}

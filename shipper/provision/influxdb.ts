/**
 * # What InfluxDB must have before a point is written: a database, or a bucket
 *
 *     v1    SHOW DATABASES, CREATE DATABASE … [WITH DURATION …] by /query
 *     v2    the bucket of an organisation by /api/v2, and a mapping so that InfluxQL finds it; a server that has no
 *           organisations (1.8) is asked as v1, and one that has neither (3) makes a database at its first point
 *
 * What is there is never changed: to shorten a retention deletes.
 */

import { asError } from "../../runtime/error.ts";
import type { Credentials } from "../sink/http/credentials.ts";
import { authorizationOf } from "../sink/http/credentials.ts";
import type { StoreAnswer } from "../sink/http/outcome.ts";
import { StoreAnswerError } from "../sink/http/outcome.ts";
import type { InfluxTarget } from "../sink/influxdb/influxdb-sink.ts";
import type { InfluxTransport } from "../sink/influxdb/transport.ts";
import type { ProvisionLine, ProvisionMode } from "./line.ts";

export interface InfluxProvision {
  readonly transport: InfluxTransport;
  readonly credentials: Credentials;
  readonly target: InfluxTarget;
  readonly retentionMs: number | undefined;
}

const MS_PER_SECOND = 1_000;

export async function provisionInflux(store: InfluxProvision, mode: ProvisionMode): Promise<readonly ProvisionLine[]> {
  const { target } = store;
  try {
    const line = target.api === "v1" ? await database(store, mode) : await bucket(store, mode);
    return [line];
  } catch (caught) {
    return [{ kind: "failed", what: `database ${target.database}`, detail: asError(caught).message }];
  }
}

async function database(store: InfluxProvision, { dryRun }: ProvisionMode): Promise<ProvisionLine> {
  const { database: name, retentionPolicy: policy = name } = store.target;
  const what = `database ${name}`;
  const known = await query(store, "SHOW DATABASES");
  if (known.includes(JSON.stringify([name]))) return { kind: "kept", what, detail: "it is there" };
  const retention =
    store.retentionMs === undefined
      ? ""
      : ` WITH DURATION ${Math.round(store.retentionMs / MS_PER_SECOND)}s REPLICATION 1 NAME ${identifier(policy)}`;
  if (!dryRun) await query(store, `CREATE DATABASE ${identifier(name)}${retention}`);
  return {
    kind: "made",
    what,
    detail: retention === "" ? "points stay for ever" : `points go after their time:${retention}`,
  };
}

function identifier(name: string): string {
  return `"${name.replaceAll(/["\\]/g, "\\$&")}"`;
}

/** An error of a statement comes in an answer of 200. */
async function query(store: InfluxProvision, statement: string): Promise<string> {
  const body = new URLSearchParams({ q: statement }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded" };
  const answer = await send(store, { method: "POST", path: "/query", body, headers });
  if (answer.status !== 200 || answer.text.includes('"error"')) throw new StoreAnswerError(answer, statement);
  return answer.text;
}

interface Asked {
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly body: string;
  readonly headers: Readonly<Record<string, string>>;
}

function send({ transport, credentials }: InfluxProvision, request: Asked): Promise<StoreAnswer> {
  const headers = { ...request.headers, ...authorizationOf(credentials) };
  return transport.send({ ...request, headers }, new AbortController().signal);
}

async function bucket(store: InfluxProvision, mode: ProvisionMode): Promise<ProvisionLine> {
  const { target, retentionMs } = store;
  if (target.api !== "v2") throw new Error("a bucket is of api v2");
  const { database: name, org } = target;
  const orgs = await send(store, json("GET", `/api/v2/orgs?${new URLSearchParams({ org })}`));
  if (orgs.status === 404 && !orgs.text.includes("organization")) return await database(store, mode);
  const orgID = idOf(must(orgs), "orgs");
  if (orgID === undefined) throw new Error(`there is no organisation "${org}"; name it as org`);
  const what = `bucket ${name}`;
  const found = await send(store, json("GET", `/api/v2/buckets?${new URLSearchParams({ orgID, name })}`));
  if (found.status === 200 && idOf(found, "buckets") !== undefined)
    return { kind: "kept", what, detail: "it is there" };
  const everySeconds = Math.round((retentionMs ?? 0) / MS_PER_SECOND);
  const detail = retentionMs === undefined ? "points stay for ever" : `points go after ${everySeconds}s`;
  if (mode.dryRun) return { kind: "made", what, detail };
  const retentionRules = retentionMs === undefined ? [] : [{ type: "expire", everySeconds }];
  const made = must(await send(store, json("POST", "/api/v2/buckets", { orgID, name, retentionRules })));
  const { id: bucketID }: { readonly id: string } = JSON.parse(made.text);
  const mapping = { bucketID, orgID, database: name, retention_policy: "autogen", default: true };
  must(await send(store, json("POST", "/api/v2/dbrps", mapping)));
  return { kind: "made", what, detail: `${detail}, and InfluxQL finds it` };
}

function json(method: "GET" | "POST", path: string, body?: object): Asked {
  return {
    method,
    path,
    body: body === undefined ? "" : JSON.stringify(body),
    headers: { "content-type": "application/json" },
  };
}

function must(answer: StoreAnswer): StoreAnswer {
  if (answer.status < 200 || answer.status >= 300) throw new StoreAnswerError(answer);
  return answer;
}

function idOf({ text }: StoreAnswer, list: "orgs" | "buckets"): string | undefined {
  const parsed: Readonly<Record<string, readonly { readonly id?: string }[] | undefined>> = JSON.parse(text);
  return parsed[list]?.[0]?.id;
}

/**
 * # What InfluxDB must have before a point is written: a database, or a bucket
 *
 *     v1    SHOW DATABASES, CREATE DATABASE … [WITH DURATION …] by /query
 *     v2    the bucket of an organisation by /api/v2, and a mapping so that InfluxQL finds it; a server that has no
 *           organisations (1.8) is asked as v1, and one that has neither (3) makes a database at its first point
 *
 * What is there is not changed, since to shorten a retention deletes: a difference is said, and made good by force only.
 */

import { z } from "zod";
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

async function database(store: InfluxProvision, mode: ProvisionMode): Promise<ProvisionLine> {
  const { database: name, retentionPolicy: policy = name } = store.target;
  const what = `database ${name}`;
  const known = await query(store, "SHOW DATABASES");
  if (known.includes(JSON.stringify([name]))) return retentionPolicy(store, mode);
  const retention =
    store.retentionMs === undefined
      ? ""
      : ` WITH DURATION ${secondsOf(store.retentionMs)}s REPLICATION 1 NAME ${identifier(policy)}`;
  if (!mode.dryRun) await query(store, `CREATE DATABASE ${identifier(name)}${retention}`);
  return {
    kind: "made",
    what,
    detail: retention === "" ? "points stay for ever" : `points go after their time:${retention}`,
  };
}

/** Of a database that is there: the named policy, or its default. */
async function retentionPolicy(store: InfluxProvision, { dryRun, force }: ProvisionMode): Promise<ProvisionLine> {
  const { target, retentionMs } = store;
  const what = `database ${target.database}`;
  if (retentionMs === undefined) return { kind: "kept", what, detail: "it is there" };
  const on = identifier(target.database);
  const policies = policiesIn(await query(store, `SHOW RETENTION POLICIES ON ${on}`));
  const found = policies.find(({ name, isDefault }) =>
    target.retentionPolicy === undefined ? isDefault : name === target.retentionPolicy,
  );
  const wanted = secondsOf(retentionMs);
  if (found === undefined) {
    const policy = target.retentionPolicy ?? target.database;
    const isDefault = target.retentionPolicy === undefined ? " DEFAULT" : "";
    const made = `CREATE RETENTION POLICY ${identifier(policy)} ON ${on} DURATION ${wanted}s REPLICATION 1${isDefault}`;
    if (!dryRun) await query(store, made);
    return { kind: "made", what, detail: `retention policy ${policy}: points go after ${wanted}s` };
  }
  const change = `ALTER RETENTION POLICY ${identifier(found.name)} ON ${on} DURATION ${wanted}s`;
  return differing(
    { what, found: found.seconds, wanted, force },
    dryRun ? async () => {} : async () => void (await query(store, change)),
  );
}

interface Difference {
  readonly what: string;
  /** Seconds; 0: for ever. */
  readonly found: number;
  readonly wanted: number;
  readonly force: boolean;
}

async function differing(
  { what, found, wanted, force }: Difference,
  change: () => Promise<void>,
): Promise<ProvisionLine> {
  if (found === wanted) return { kind: "kept", what, detail: `it is there, points go after ${wanted}s` };
  const said = `its points ${found === 0 ? "stay for ever" : `go after ${found}s`}, and ${wanted}s is configured`;
  if (!force) return { kind: "left", what, detail: `${said}; --force changes it, and to shorten it deletes points` };
  await change();
  return { kind: "changed", what, detail: said };
}

function secondsOf(ms: number): number {
  return Math.round(ms / MS_PER_SECOND);
}

interface RetentionPolicy {
  readonly name: string;
  readonly seconds: number;
  readonly isDefault: boolean;
}

const Policies = z.object({
  results: z.array(
    z.object({
      series: z.array(z.object({ columns: z.array(z.string()), values: z.array(z.array(z.unknown())) })).default([]),
    }),
  ),
});

function policiesIn(text: string): readonly RetentionPolicy[] {
  const series = Policies.parse(JSON.parse(text)).results.flatMap((result) => result.series);
  return series.flatMap(({ columns, values }) =>
    values.map((row) => {
      const of = (column: string): unknown => row[columns.indexOf(column)];
      return {
        name: String(of("name")),
        seconds: goSeconds(String(of("duration"))),
        isDefault: of("default") === true,
      };
    }),
  );
}

/** As the server writes a duration: 720h0m0s, 0s. What is none is not the one that is wanted. */
function goSeconds(text: string): number {
  const [, hours = 0, minutes = 0, seconds] = /^(?:(\d+)h)?(?:(\d+)m)?(\d+)s$/.exec(text) ?? [];
  return Number(hours) * 3_600 + Number(minutes) * 60 + Number(seconds);
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
  readonly method: "GET" | "POST" | "PATCH";
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
  const [there] = found.status === 200 ? Buckets.parse(JSON.parse(found.text)).buckets : [];
  if (there !== undefined) return bucketThere(store, there, mode);
  const everySeconds = secondsOf(retentionMs ?? 0);
  const detail = retentionMs === undefined ? "points stay for ever" : `points go after ${everySeconds}s`;
  if (mode.dryRun) return { kind: "made", what, detail };
  const retentionRules = retentionMs === undefined ? [] : [{ type: "expire", everySeconds }];
  const made = must(await send(store, json("POST", "/api/v2/buckets", { orgID, name, retentionRules })));
  const { id: bucketID }: { readonly id: string } = JSON.parse(made.text);
  const mapping = { bucketID, orgID, database: name, retention_policy: "autogen", default: true };
  must(await send(store, json("POST", "/api/v2/dbrps", mapping)));
  return { kind: "made", what, detail: `${detail}, and InfluxQL finds it` };
}

const Buckets = z.object({
  buckets: z
    .array(
      z.object({
        id: z.string(),
        retentionRules: z.array(z.object({ everySeconds: z.number().default(0) })).default([]),
      }),
    )
    .default([]),
});

async function bucketThere(
  store: InfluxProvision,
  { id, retentionRules: [rule] }: z.output<typeof Buckets>["buckets"][number],
  { dryRun, force }: ProvisionMode,
): Promise<ProvisionLine> {
  const what = `bucket ${store.target.database}`;
  if (store.retentionMs === undefined) return { kind: "kept", what, detail: "it is there" };
  const wanted = secondsOf(store.retentionMs);
  const retentionRules = [{ type: "expire", everySeconds: wanted }];
  const change = async (): Promise<void> =>
    void must(await send(store, json("PATCH", `/api/v2/buckets/${encodeURIComponent(id)}`, { retentionRules })));
  return differing({ what, found: rule?.everySeconds ?? 0, wanted, force }, dryRun ? async () => {} : change);
}

function json(method: "GET" | "POST" | "PATCH", path: string, body?: object): Asked {
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

function idOf({ text }: StoreAnswer, list: "orgs"): string | undefined {
  const parsed: Readonly<Record<string, readonly { readonly id?: string }[] | undefined>> = JSON.parse(text);
  return parsed[list]?.[0]?.id;
}

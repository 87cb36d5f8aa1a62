/**
 * # An InfluxDB of our own: what a writer sees of 1.x, 2.x and 3
 *
 * Points are kept by series and time, a repeat puts its fields over the old ones, a field keeps its first type. The three
 * generations differ in what becomes of a batch with a bad line, and that is what `dialect` says:
 *
 *     v1    400 "partial write", the good lines are stored
 *     v2    400 for a line that cannot be read, and nothing is stored; 422 for a type that conflicts, and the others are
 *     v3    400, the good lines are stored
 */

import type { FieldValue, Line } from "./line-protocol-reader.ts";
import { LineError, readLine, splitLines } from "./line-protocol-reader.ts";
import type { Reply, StoreRequest, StoreServer } from "./store-server.ts";
import { startStoreServer } from "./store-server.ts";

export type InfluxDialect = "v1" | "v2" | "v3";

export interface FakeInfluxOptions {
  readonly dialect: InfluxDialect;
  /** Databases or buckets that exist. */
  readonly databases: readonly string[];
  /** The value of the Authorization header that is let in; everyone is where it is absent. */
  readonly authorization?: () => string;
  /** Lines that are refused although they can be read, with what is said of them. */
  readonly refuses?: (line: Line) => string | undefined;
  readonly bodyBytesMax?: number;
  /** 2.x: it has organisations and buckets; else it is asked by statements, as 1.8 is. */
  readonly hasBuckets?: boolean;
  readonly tls?: { readonly key: string; readonly cert: string };
}

export interface StoredPoint {
  readonly database: string;
  readonly measurement: string;
  readonly tags: ReadonlyMap<string, string>;
  readonly time: string;
  readonly fields: Map<string, FieldValue>;
  /** How often it was written: once, and once more for each repeat. */
  writes: number;
}

export interface FakeInflux extends StoreServer {
  readonly points: ReadonlyMap<string, StoredPoint>;
  readonly databases: Set<string>;
  /** Seconds that points of a database or bucket stay, 0 for ever; absent: it was never told. */
  readonly retentions: Map<string, number>;
  /** Statements that came to /query. */
  readonly statements: readonly string[];
}

interface State {
  readonly options: FakeInfluxOptions;
  readonly databases: Set<string>;
  readonly points: Map<string, StoredPoint>;
  readonly types: Map<string, FieldValue["type"]>;
  readonly retentions: Map<string, number>;
  readonly statements: string[];
}

export async function startFakeInflux(options: FakeInfluxOptions): Promise<FakeInflux> {
  const databases = new Set(options.databases);
  const kept = { points: new Map(), types: new Map(), retentions: new Map(), statements: [] };
  const state: State = { options, databases, ...kept };
  const { tls } = options;
  const server = await startStoreServer({
    serve: (request) => serve(state, request),
    ...(tls === undefined ? {} : { tls }),
  });
  const { points, retentions, statements } = state;
  return { ...server, points, databases, retentions, statements };
}

function serve(state: State, request: StoreRequest): Reply {
  const { options } = state;
  const { authorization } = options;
  if (request.path === "/ping") return { status: 204 };
  if (authorization !== undefined && request.headers.authorization !== authorization())
    return problem(401, "unauthorized access");
  if (Buffer.byteLength(request.body) > (options.bodyBytesMax ?? Number.POSITIVE_INFINITY))
    return problem(413, "Request Entity Too Large");
  if (request.path === "/query") return query(state, request);
  const administered = options.hasBuckets === true ? buckets(state, request) : undefined;
  if (administered !== undefined) return administered;
  const target = targetOf(options.dialect, request);
  if (target === undefined) return { status: 404, body: "404 page not found\n" };
  if (target === "") return problem(400, "database is required");
  if (!state.databases.has(target)) return problem(404, `database not found: "${target}"`);
  return write(state, { target, body: request.body });
}

function targetOf(dialect: InfluxDialect, { path, query: asked }: StoreRequest): string | undefined {
  if (path === "/write" && dialect === "v1") return asked.get("db") ?? "";
  if (path === "/api/v2/write" && dialect !== "v1") return asked.get("bucket") ?? "";
  return undefined;
}

/** Enough of them for whoever makes one. Their ids are their names. */
function buckets(
  { databases, retentions }: State,
  { method, path, query: asked, body }: StoreRequest,
): Reply | undefined {
  const answer = (status: number, told: object): Reply => ({ status, headers: JSON_TYPE, body: JSON.stringify(told) });
  const [, , , kind, id] = path.split("/");
  if (path === "/api/v2/orgs") return answer(200, { orgs: [{ id: "org" }] });
  if (path === "/api/v2/dbrps") return answer(201, {});
  if (kind !== "buckets") return undefined;
  const told: { name?: string; retentionRules?: { everySeconds: number }[] } = body === "" ? {} : JSON.parse(body);
  const name = told.name ?? id ?? asked.get("name") ?? "";
  if (method === "GET" && !databases.has(name)) return answer(404, { code: "not found" });
  if (method !== "GET") {
    databases.add(name);
    retentions.set(name, told.retentionRules?.[0]?.everySeconds ?? 0);
  }
  const everySeconds = retentions.get(name) ?? 0;
  const bucket = { id: name, name, retentionRules: everySeconds === 0 ? [] : [{ type: "expire", everySeconds }] };
  return answer(method === "POST" ? 201 : 200, method === "GET" ? { buckets: [bucket] } : bucket);
}

/** Enough of the language for whoever makes a database. */
function query({ databases, retentions, statements }: State, { query: asked, body }: StoreRequest): Reply {
  const statement = asked.get("q") ?? new URLSearchParams(body).get("q") ?? "";
  statements.push(statement);
  const [, created] = /^CREATE DATABASE "([^"]+)"/.exec(statement) ?? [];
  if (created !== undefined) databases.add(created);
  const [, made = created, seconds] = / (?:ON "([^"]+)"|WITH) DURATION (\d+)s/.exec(statement) ?? [];
  if (made !== undefined && seconds !== undefined) retentions.set(made, Number(seconds));
  const series = seriesOf({ databases, retentions }, statement);
  return { status: 200, headers: JSON_TYPE, body: JSON.stringify({ results: [{ statement_id: 0, ...series }] }) };
}

function seriesOf({ databases, retentions }: Pick<State, "databases" | "retentions">, statement: string) {
  const values = [...databases].map((name) => [name]);
  if (statement === "SHOW DATABASES") return { series: [{ name: "databases", columns: ["name"], values }] };
  const [, of] = /^SHOW RETENTION POLICIES ON "([^"]+)"/.exec(statement) ?? [];
  if (of === undefined) return {};
  const hours = Math.floor((retentions.get(of) ?? 0) / 3_600);
  const columns = ["name", "duration", "shardGroupDuration", "replicaN", "default"];
  return { series: [{ columns, values: [["autogen", hours === 0 ? "0s" : `${hours}h0m0s`, "168h0m0s", 1, true]] }] };
}

const JSON_TYPE = { "content-type": "application/json" };

function problem(status: number, error: string): Reply {
  return { status, headers: JSON_TYPE, body: JSON.stringify({ error }) };
}

function write(state: State, { target, body }: { readonly target: string; readonly body: string }): Reply {
  const problems: string[] = [];
  const lines = splitLines(body).flatMap((text) => {
    try {
      return [readLine(text)];
    } catch (caught) {
      if (!(caught instanceof LineError)) throw caught;
      problems.push(caught.message);
      return [];
    }
  });
  const { dialect, refuses } = state.options;
  if (problems.length > 0 && dialect === "v2") return problem(400, problems[0] ?? "");
  let dropped = 0;
  for (const line of lines) {
    const why = refuses?.(line) ?? conflictOf(state, target, line);
    if (why === undefined) store(state, target, line);
    else {
      dropped += 1;
      problems.push(why);
    }
  }
  if (problems.length === 0) return { status: 204 };
  return problem(dialect === "v2" ? 422 : 400, `partial write: ${problems[0]} dropped=${dropped}`);
}

function conflictOf({ types }: State, target: string, line: Line): string | undefined {
  for (const [name, { type }] of line.fields) {
    const known = types.get(JSON.stringify([target, line.measurement, name]));
    if (known !== undefined && known !== type)
      return `field type conflict: input field "${name}" on measurement "${line.measurement}" is type ${type}, already exists as type ${known}`;
  }
  return undefined;
}

function store({ points, types }: State, database: string, { measurement, tags, fields, time = "0" }: Line): void {
  for (const [name, { type }] of fields) types.set(JSON.stringify([database, measurement, name]), type);
  const key = JSON.stringify([database, measurement, [...tags].toSorted(), time]);
  const point = points.get(key) ?? { database, measurement, tags, time, fields: new Map(), writes: 0 };
  for (const [name, value] of fields) point.fields.set(name, value);
  point.writes += 1;
  points.set(key, point);
}

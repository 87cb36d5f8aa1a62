/**
 * # A stand-in for Burrow: what it says over `/v3`, of what a test has put there
 *
 * Routes, bodies and codes as linkedin/Burrow v1.9.5 answers them (core/internal/httpserver), for the questions that a reader asks. Its
 * oddities are kept: a topic's list leaves out partitions without an end offset, windows have empty cells before their commits, a
 * group may be listed and not be found, a name with a slash is on no route and one of dots is redirected, unknown routes are text.
 */

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createSecureServer } from "node:https";

const INTERVALS = 10;

export interface StoodCommit {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly atMs: number;
  /** By the end offset where absent, as a commit that is seen at once. */
  readonly lag?: number | null;
}

/** Instead of the answer: another one, or none. */
export type StoodFault =
  | { readonly status: number; readonly body?: string; readonly headers?: Readonly<Record<string, string>> }
  | "hang"
  | "drop";

interface Cell {
  readonly offset: number;
  readonly timestamp: number;
  readonly observedAt: number;
  readonly lag: number | null;
}

interface Partition {
  cells: Cell[];
  /** Somebody has committed or owned it: it has a ring. */
  hasRing: boolean;
  owner: string;
  clientId: string;
}

type Group = Map<string, Partition[]>;

export interface BurrowStandIn extends AsyncDisposable {
  readonly url: string;
  readonly cluster: string;
  /** Undefined: Burrow has no end offset of that partition. */
  setEnds(topic: string, ends: readonly (number | undefined)[]): void;
  commit(commit: StoodCommit): void;
  own(of: { readonly group: string; readonly topic: string; readonly partition: number; readonly owner: string }): void;
  deleteGroup(group: string): void;
  deleteTopic(topic: string): void;
  /** It stays in the list, and is not found any more. */
  expire(group: string): void;
  /** All that was known is gone, as after a start. */
  forgetAll(): void;
  /** By path, percent-encoded as it was asked for; undefined: as ever. */
  fault: (path: string) => StoodFault | undefined;
  /** Paths that were asked for. */
  readonly asked: string[];
  /** Requests that were under way at one time, at most. */
  readonly atOnceMax: number;
}

interface World {
  readonly cluster: string;
  readonly topics: Map<string, (number | undefined)[]>;
  readonly groups: Map<string, Group>;
  readonly expired: Set<string>;
}

export interface StandInOptions {
  readonly cluster?: string;
  /** It speaks TLS. */
  readonly tls?: { readonly key: string; readonly cert: string };
}

export async function startBurrowStandIn({ cluster = "prod", tls }: StandInOptions = {}): Promise<BurrowStandIn> {
  const world: World = { cluster, topics: new Map(), groups: new Map(), expired: new Set() };
  const asked: string[] = [];
  const load = { now: 0, max: 0 };
  const take = (request: IncomingMessage, response: ServerResponse): void => {
    const path = request.url ?? "";
    asked.push(path);
    load.now += 1;
    load.max = Math.max(load.max, load.now);
    response.once("close", () => {
      load.now -= 1;
    });
    answer({ request, response, world, fault: standIn.fault(path) });
  };
  const server = tls === undefined ? createServer(take) : createSecureServer(tls, take);
  const url = await new Promise<string>((resolve) => {
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      resolve(
        `${tls === undefined ? "http" : "https"}://127.0.0.1:${typeof address === "object" ? address?.port : ""}`,
      );
    });
  });
  const standIn: BurrowStandIn = {
    ...verbsOf(world),
    url,
    cluster,
    asked,
    fault: () => undefined,
    get atOnceMax() {
      return load.max;
    },
    [Symbol.asyncDispose]: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return standIn;
}

function verbsOf(world: World) {
  const { topics, groups, expired } = world;
  return {
    setEnds: (topic: string, ends: readonly (number | undefined)[]) => void topics.set(topic, [...ends]),
    commit: ({ group, topic, partition, offset, atMs, lag }: StoodCommit) => {
      expired.delete(group);
      const own = partitionOf(world, { group, topic, partition });
      const end = topics.get(topic)?.[partition] ?? 0;
      const observedAt = Math.floor(atMs / 1_000) * 1_000;
      own.hasRing = true;
      own.cells.push({ offset, timestamp: atMs, observedAt, lag: lag === undefined ? Math.max(0, end - offset) : lag });
      own.cells = own.cells.slice(-INTERVALS);
    },
    own: (of: Parameters<BurrowStandIn["own"]>[0]) => {
      Object.assign(partitionOf(world, of), { owner: of.owner, clientId: "client-1", hasRing: true });
    },
    deleteGroup: (group: string) => void groups.delete(group),
    deleteTopic: (topic: string) => {
      topics.delete(topic);
      for (const group of groups.values()) group.delete(topic);
    },
    expire: (group: string) => void expired.add(group),
    forgetAll: () => {
      topics.clear();
      groups.clear();
    },
  };
}

/** The list of a topic is as long as the topic from the first commit on. */
function partitionOf(
  { topics, groups }: World,
  { group, topic, partition }: { readonly group: string; readonly topic: string; readonly partition: number },
): Partition {
  const own: Group = groups.get(group) ?? new Map();
  groups.set(group, own);
  const list = own.get(topic) ?? [];
  own.set(topic, list);
  const length = Math.max(topics.get(topic)?.length ?? 0, partition + 1);
  while (list.length < length) list.push({ cells: [], hasRing: false, owner: "", clientId: "" });
  const found = list[partition];
  if (found === undefined) throw new Error("a list that was just made long enough is not");
  return found;
}

interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly world: World;
  readonly fault: StoodFault | undefined;
}

function answer({ request, response, world, fault }: Asked): void {
  if (fault === "hang") return;
  if (fault === "drop") {
    request.socket.destroy();
    return;
  }
  if (fault !== undefined) {
    response.writeHead(fault.status, { "content-type": "text/plain", ...fault.headers }).end(fault.body ?? "");
    return;
  }
  const decoded = decodeURIComponent(request.url ?? "");
  if (/\/\.{1,2}(\/|$)/.test(decoded)) {
    response.writeHead(301, { location: "/v3/kafka" }).end();
    return;
  }
  // The router splits what is decoded.
  const [, v3, kafka, cluster, kind, name, ...more] = decoded.split("/");
  const answered =
    v3 === "v3" && kafka === "kafka" && more.length === 0 ? route(world, { cluster, kind, name }) : undefined;
  if (answered === undefined) {
    response.writeHead(404, { "content-type": "text/plain; charset=utf-8" });
    response.end('{"error":true,"message":"invalid request type","result":{}}\n');
    return;
  }
  const { status, ...body } = answered;
  response.writeHead(status, { "content-type": "application/json" });
  response.end(JSON.stringify({ ...body, request: { url: decoded, host: "h" } }));
}

interface Route {
  readonly cluster: string | undefined;
  readonly kind: string | undefined;
  readonly name: string | undefined;
}

type Body = { readonly status: number } & Readonly<Record<string, unknown>>;

function route(world: World, { cluster, kind, name }: Route): Body | undefined {
  if (cluster === undefined) return told("cluster list returned", { clusters: [world.cluster] });
  const isKnown = cluster === world.cluster;
  if (kind === undefined)
    return isKnown ? told("cluster module detail returned", MODULE) : missing("cluster module not found");
  if (kind !== "topic" && kind !== "consumer") return undefined;
  if (!isKnown) return missing("cluster not found");
  if (kind === "topic") return name === undefined ? topicList(world) : topicEnds(world, name);
  return name === undefined ? consumerList(world) : consumerDetail(world, name);
}

const MODULE = {
  module: {
    "class-name": "kafka",
    servers: null,
    "client-profile": { name: "p", "client-id": "c", "kafka-version": "", tls: null, sasl: null },
    "topic-refresh": 60,
    "offset-refresh": 10,
  },
};

function topicList({ topics }: World): Body {
  return told("topic list returned", { topics: [...topics.keys()].toReversed() });
}

function topicEnds({ topics }: World, topic: string): Body {
  const ends = topics.get(topic);
  if (ends === undefined) return missing("cluster or topic not found");
  return told("topic offsets returned", { offsets: ends.filter((end) => end !== undefined) });
}

function consumerList({ groups }: World): Body {
  return told("consumer list returned", { consumers: [...groups.keys()] });
}

function consumerDetail({ groups, topics, expired }: World, group: string): Body {
  const own = groups.get(group);
  if (own === undefined || expired.has(group)) return missing("cluster or consumer not found");
  const all = [...own].map(([topic, partitions]) => [
    topic,
    partitions.map(({ cells, hasRing, owner, clientId }, partition) => ({
      offsets: hasRing ? [...Array.from({ length: INTERVALS - cells.length }, () => null), ...cells] : [],
      owner,
      client_id: clientId,
      "current-lag": Math.max(
        0,
        (topics.get(topic)?.[partition] ?? 0) - (cells.at(-1)?.offset ?? Number.POSITIVE_INFINITY),
      ),
    })),
  ]);
  return told("consumer detail returned", { topics: Object.fromEntries(all) });
}

function told(message: string, body: object): Body {
  return { status: 200, error: false, message, ...body };
}

function missing(message: string): Body {
  return { status: 404, error: true, message };
}

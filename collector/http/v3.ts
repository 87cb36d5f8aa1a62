/**
 * # /v3: Burrow's interface
 *
 * Routes, bodies and status codes of linkedin/Burrow v1.9.5 (core/internal/httpserver): lists, consumer detail, status and
 * lag. Its clients work unchanged. Two habits are not kept: HEAD is served, and every legal name can be reached,
 * percent-encoded once. While a cluster is warming its answers are 503 with Burrow's error body: a client takes that as "no
 * answer", never as OK.
 */

import { hostname } from "node:os";
import type { HttpAnswer, HttpHandler, HttpRequest } from "../../runtime/http/answer.ts";
import { textAnswer } from "../../runtime/http/answer.ts";
import type { BurrowGroupVerdict, BurrowPartitionVerdict } from "../evaluate/burrow-group.ts";
import { judgeGroupInFull } from "../evaluate/burrow-group.ts";
import { shortestFloat32 } from "../model/float32.ts";
import type { CommitSample } from "../window/burrow-reads.ts";
import { consumerList, fetchConsumer, fetchConsumersForTopic, fetchTopic, topicList } from "../window/burrow-reads.ts";
import { burrowJson } from "./burrow-json.ts";
import type { ClusterView } from "./cluster-view.ts";

/** `clusters` may change in place. */
export function createV3Handler(clusters: readonly ClusterView[]): HttpHandler {
  return async (request) => {
    const [first, second, cluster, ...rest] = request.path;
    if (first === "burrow") return admin(clusters, request);
    if (first !== "v3") return undefined;
    if (request.method !== "GET" && request.method !== "HEAD") return textAnswer(405, "Method Not Allowed");
    if (second !== "kafka") return unknownPath();
    if (cluster === undefined)
      return success(request, "cluster list returned", { clusters: clusters.map((one) => one.cluster) });
    const view = clusters.find((one) => one.cluster === cluster);
    if (rest.length > 0 && view !== undefined && !isReady(view)) return warming(request, view);
    return clusterRoute(request, { cluster, view }, rest);
  };
}

interface Target {
  readonly cluster: string;
  /** Undefined where no such cluster is configured: each route has its own answer to that. */
  readonly view: ClusterView | undefined;
}

function clusterRoute(request: HttpRequest, target: Target, rest: readonly string[]): HttpAnswer {
  const [kind, name, what, ...more] = rest;
  if (more.length > 0) return unknownPath();
  if (kind === undefined) return clusterDetail(request, target);
  if (kind === "topic") return topicRoute(request, target, { name, what });
  if (kind === "consumer") return consumerRoute(request, target, { name, what });
  return unknownPath();
}

function topicRoute(
  request: HttpRequest,
  { view }: Target,
  { name, what }: { name?: string | undefined; what?: string | undefined },
): HttpAnswer {
  if (what !== undefined && what !== "consumers") return unknownPath();
  if (name === undefined) {
    return view === undefined
      ? clusterNotFound(request)
      : success(request, "topic list returned", { topics: topicList(view.state.burrow) });
  }
  if (what === "consumers") {
    if (view === undefined) return clusterNotFound(request);
    return success(request, "consumers of topic returned", {
      consumers: fetchConsumersForTopic(view.state.burrow, name),
    });
  }
  const offsets = view === undefined ? undefined : fetchTopic(view.state.burrow, name);
  if (offsets === undefined) return failure(request, 404, "cluster or topic not found");
  return success(request, "topic offsets returned", { offsets });
}

function consumerRoute(
  request: HttpRequest,
  target: Target,
  { name, what }: { name?: string | undefined; what?: string | undefined },
): HttpAnswer {
  const { view } = target;
  if (name === undefined) {
    if (view === undefined) return clusterNotFound(request);
    return success(request, "consumer list returned", { consumers: consumerList(view.state.burrow) });
  }
  switch (what) {
    case undefined:
      return consumerDetail(request, view, name);
    case "status":
    case "lag":
      return consumerStatus(request, target, { group: name, all: what === "lag" });
    default:
      return unknownPath();
  }
}

function consumerDetail(request: HttpRequest, view: ClusterView | undefined, group: string): HttpAnswer {
  const topics = view === undefined ? undefined : fetchConsumer(view.state.burrow, group, nowS(view));
  if (topics === undefined) return failure(request, 404, "cluster or consumer not found");
  const byTopic = topics.map(({ topic, partitions }) => [
    topic,
    partitions.map(({ offsets, owner, clientId, currentLag }) => ({
      offsets: offsets.map(sampleBody),
      owner,
      client_id: clientId,
      "current-lag": currentLag,
    })),
  ]);
  return success(request, "consumer detail returned", { topics: Object.fromEntries(byTopic) });
}

function consumerStatus(
  request: HttpRequest,
  { cluster, view }: Target,
  asked: { group: string; all: boolean },
): HttpAnswer {
  const verdict = view === undefined ? NOT_FOUND : judgeGroupInFull(view.judge, asked.group, nowS(view));
  const shown = asked.all ? verdict.partitions : verdict.partitions.filter(({ status }) => status !== "OK");
  const status = {
    cluster,
    group: asked.group,
    status: verdict.status,
    complete: shortestFloat32(verdict.complete),
    partitions: shown.map(partitionBody),
    partition_count: verdict.partitionCount,
    maxlag: verdict.maxLag === undefined ? null : partitionBody(verdict.maxLag),
    totallag: verdict.totalLag,
  };
  // Burrow's own oddity: a missing group is 404 with "error": false and a whole status.
  return answer(request, verdict.status === "NOTFOUND" ? 404 : 200, {
    error: false,
    message: "consumer status returned",
    status,
  });
}

const NOT_FOUND: BurrowGroupVerdict = {
  status: "NOTFOUND",
  complete: 1,
  partitions: [],
  partitionCount: 0,
  maxLag: undefined,
  totalLag: 0,
};

function partitionBody(partition: BurrowPartitionVerdict) {
  return {
    topic: partition.topic,
    partition: partition.partition,
    owner: partition.owner,
    client_id: partition.clientId,
    status: partition.status,
    start: sampleBody(partition.start),
    end: sampleBody(partition.end),
    current_lag: partition.currentLag,
    complete: shortestFloat32(partition.complete),
  };
}

function sampleBody(sample: CommitSample | undefined) {
  if (sample === undefined) return null;
  const { offset, timestampMs, observedAtMs, lag } = sample;
  return { offset, timestamp: timestampMs, observedAt: observedAtMs, lag: lag ?? null };
}

function clusterDetail(request: HttpRequest, { view }: Target): HttpAnswer {
  if (view === undefined) return failure(request, 404, "cluster module not found");
  const refreshS = Math.round(view.offsetRefreshMs / MS_PER_SECOND);
  const profile = { name: "", "client-id": "tidemark", "kafka-version": "", tls: null, sasl: null };
  return success(request, "cluster module detail returned", {
    module: {
      "class-name": "kafka",
      servers: view.servers,
      "client-profile": profile,
      "topic-refresh": TOPIC_REFRESH_S,
      "offset-refresh": refreshS,
    },
  });
}

const MS_PER_SECOND = 1_000;
const TOPIC_REFRESH_S = 60;

function nowS(view: ClusterView): number {
  return Math.floor(view.nowMs() / MS_PER_SECOND);
}

function isReady(view: ClusterView): boolean {
  return view.isStrictComplete();
}

function warming(request: HttpRequest, view: ClusterView): HttpAnswer {
  const condition = view.condition();
  const reason = "reason" in condition ? condition.reason : "the rest of the offsets topic is being read";
  return failure(request, 503, `cluster is warming: ${reason}`);
}

function admin(clusters: readonly ClusterView[], { path }: HttpRequest): HttpAnswer {
  if (path[1] === "admin" && path.length === 2) return textAnswer(200, "GOOD");
  if (path[1] !== "admin" || path[2] !== "ready" || path.length !== 3) return unknownPath();
  return clusters.every(isReady) ? textAnswer(200, "READY") : textAnswer(503, "STARTING");
}

function clusterNotFound(request: HttpRequest): HttpAnswer {
  return failure(request, 404, "cluster not found");
}

function unknownPath(): HttpAnswer {
  return textAnswer(404, '{"error":true,"message":"invalid request type","result":{}}\n');
}

function success(request: HttpRequest, message: string, body: object): HttpAnswer {
  return answer(request, 200, { error: false, message, ...body });
}

function failure(request: HttpRequest, status: number, message: string): HttpAnswer {
  return answer(request, status, { error: true, message });
}

const HOST = hostname();

function answer(request: HttpRequest, status: number, body: object): HttpAnswer {
  const url = `/${request.path.join("/")}`;
  return { status, contentType: "application/json", body: burrowJson({ ...body, request: { url, host: HOST } }) };
}

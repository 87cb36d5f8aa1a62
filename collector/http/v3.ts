/**
 * # /v3: Burrow's interface
 *
 * Routes, bodies and status codes of linkedin/Burrow v1.9.5 (core/internal/httpserver); v3-route.ts lists them. Its clients work
 * unchanged. These habits are not kept: HEAD is served, a slash at the end is overlooked instead of redirected, every legal name can
 * be reached, percent-encoded once or by `?id=` (group-id.ts), and what writes needs a token (v3-writes.ts). While a cluster is
 * warming its answers are 503 with Burrow's error body: a client takes that as "no answer", never as OK.
 */

import type { HttpAnswer, HttpHandler, HttpRequest } from "../../runtime/http/answer.ts";
import { textAnswer } from "../../runtime/http/answer.ts";
import type { BurrowGroupVerdict, BurrowPartitionVerdict } from "../evaluate/burrow-group.ts";
import { judgeGroupInFull } from "../evaluate/burrow-group.ts";
import { shortestFloat32 } from "../model/float32.ts";
import type { CommitSample } from "../window/burrow-reads.ts";
import { consumerList, fetchConsumer, fetchConsumersForTopic, fetchTopic, topicList } from "../window/burrow-reads.ts";
import type { ClusterView } from "./cluster-view.ts";
import { groupOfId } from "./group-id.ts";
import { failure, notFoundStatus, success, unknownPath } from "./v3-answer.ts";
import type { V3Settings } from "./v3-config.ts";
import { mainConfig, moduleDetail, moduleList } from "./v3-config.ts";
import type { ClusterRoute, V3Route } from "./v3-route.ts";
import { methodsOf, v3RouteOf } from "./v3-route.ts";
import type { V3Writes } from "./v3-writes.ts";
import { forgetGroup, setLogLevel, writeRefusal } from "./v3-writes.ts";

export interface V3Options {
  readonly settings: V3Settings;
  readonly writes: V3Writes;
}

const READ_ONLY: V3Options = {
  settings: {
    listen: { host: "127.0.0.1", port: 0 },
    logLevel: () => "info",
    window: 10,
    minDistanceMs: 0,
    expireGroupMs: 604_800_000,
    clientOf: () => undefined,
  },
  writes: { hasToken: false, setLogLevel: () => undefined },
};

interface V3 extends V3Options {
  readonly clusters: readonly ClusterView[];
}

/** `clusters` may change in place. */
export function createV3Handler(clusters: readonly ClusterView[], options: V3Options = READ_ONLY): HttpHandler {
  const v3: V3 = { ...options, clusters };
  return async (request) => {
    const route = v3RouteOf(request.path);
    if (route === undefined) return undefined;
    if (route === "unknown") return unknownPath();
    const methods = methodsOf(route);
    if (request.method === "OPTIONS") return { ...textAnswer(200, ""), headers: { allow: methods.join(", ") } };
    if (!methods.includes(request.method)) {
      return { ...textAnswer(405, "Method Not Allowed"), headers: { allow: methods.join(", ") } };
    }
    const refusal = isWrite(request) ? writeRefusal(request, v3.writes) : undefined;
    return refusal ?? answerTo(v3, request, route);
  };
}

function isWrite({ method }: HttpRequest): boolean {
  return method === "POST" || method === "DELETE";
}

async function answerTo(v3: V3, request: HttpRequest, route: V3Route): Promise<HttpAnswer> {
  const { clusters, settings, writes } = v3;
  const viewOf = (name: string) => clusters.find(({ cluster }) => cluster === name);
  switch (route.kind) {
    case "alive":
      return textAnswer(200, "GOOD");
    case "ready":
      return clusters.every(isReady) ? textAnswer(200, "READY") : textAnswer(503, "STARTING");
    case "log-level":
      if (isWrite(request)) return setLogLevel(request, writes);
      return success(request, "log level returned", { level: settings.logLevel() });
    case "clusters":
      return success(request, "cluster list returned", { clusters: clusters.map(({ cluster }) => cluster) });
    case "config":
      return mainConfig(request, settings);
    case "modules":
      return moduleList(
        request,
        route.section,
        clusters.map(({ cluster }) => cluster),
      );
    case "module":
      return moduleDetail(request, { ...route, settings, view: viewOf(route.name) });
    case "cluster":
      return moduleDetail(request, {
        section: "cluster",
        name: route.cluster,
        settings,
        view: viewOf(route.cluster),
      });
    case "topics":
    case "groups":
    case "topic":
    case "topic-groups":
    case "group":
    case "status":
    case "lag":
    case "group-topic": {
      const view = viewOf(route.cluster);
      if (view !== undefined && !isReady(view)) return warming(request, view);
      const named = await withNameOfId(request, route, view);
      return named === undefined ? consumerNotFound(request) : clusterAnswer(request, named, view);
    }
  }
}

/** The route as it is, or with the group whose id was asked for; undefined where there is none. */
async function withNameOfId(
  { query }: HttpRequest,
  route: ClusterRoute,
  view: ClusterView | undefined,
): Promise<ClusterRoute | undefined> {
  const id = query.get("id");
  if (id === null || !("group" in route)) return route;
  const group = view === undefined ? undefined : await groupOfId(consumerList(view.state.burrow), id);
  return group === undefined ? undefined : { ...route, group };
}

/** `view` is undefined where no such cluster is configured: each route has its own answer to that. */
function clusterAnswer(request: HttpRequest, route: ClusterRoute, view: ClusterView | undefined): HttpAnswer {
  switch (route.kind) {
    case "topics":
      if (view === undefined) return clusterNotFound(request);
      return success(request, "topic list returned", { topics: topicList(view.state.burrow) });
    case "topic": {
      const offsets = view === undefined ? undefined : fetchTopic(view.state.burrow, route.topic);
      if (offsets === undefined) return failure(request, 404, "cluster or topic not found");
      return success(request, "topic offsets returned", { offsets });
    }
    case "topic-groups": {
      if (view === undefined) return clusterNotFound(request);
      const consumers = fetchConsumersForTopic(view.state.burrow, route.topic);
      return success(request, "consumers of topic returned", { consumers });
    }
    case "groups":
      if (view === undefined) return clusterNotFound(request);
      return success(request, "consumer list returned", { consumers: consumerList(view.state.burrow) });
    case "group":
      if (isWrite(request)) return forgetGroup(request, view, route);
      return consumerDetail(request, view, route.group);
    case "group-topic":
      return forgetGroup(request, view, route);
    case "status":
    case "lag":
      return consumerStatus(request, view, route);
  }
}

function consumerDetail(request: HttpRequest, view: ClusterView | undefined, group: string): HttpAnswer {
  const topics = view === undefined ? undefined : fetchConsumer(view.state.burrow, group, nowS(view));
  if (topics === undefined) return consumerNotFound(request);
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
  view: ClusterView | undefined,
  { kind, cluster, group }: Extract<ClusterRoute, { kind: "status" | "lag" }>,
): HttpAnswer {
  const verdict = view === undefined ? NOT_FOUND : judgeGroupInFull(view.judge, group, nowS(view));
  const shown = kind === "lag" ? verdict.partitions : verdict.partitions.filter(({ status }) => status !== "OK");
  const status = {
    cluster,
    group,
    status: verdict.status,
    complete: shortestFloat32(verdict.complete),
    partitions: shown.map(partitionBody),
    partition_count: verdict.partitionCount,
    maxlag: verdict.maxLag === undefined ? null : partitionBody(verdict.maxLag),
    totallag: verdict.totalLag,
  };
  if (verdict.status === "NOTFOUND") return notFoundStatus(request, status);
  return success(request, "consumer status returned", { status });
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

const MS_PER_SECOND = 1_000;

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

function clusterNotFound(request: HttpRequest): HttpAnswer {
  return failure(request, 404, "cluster not found");
}

function consumerNotFound(request: HttpRequest): HttpAnswer {
  return failure(request, 404, "cluster or consumer not found");
}

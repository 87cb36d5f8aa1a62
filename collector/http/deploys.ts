/**
 * # Deploys over HTTP
 *
 *     POST /v4/clusters/{cluster}/groups/{group}/deploys         {"name", "version"?} as application/json: 201 and the deploy
 *     GET  /v4/clusters/{cluster}/groups/{group}/deploys         {"deploys": [{"id", "name", "version"?, "at", "partitions", "unknown"}...]}, newest first
 *     GET  /v4/clusters/{cluster}/groups/{group}/deploys/{id}    one, with its offsets
 *
 * Recording needs a token, on loopback, too: who may look is not who may write. JSON alone is taken, since a page of another
 * site can make a browser send anything else without asking.
 */

import { z } from "zod";
import type { HttpAnswer, HttpHandler, HttpRequest } from "../../runtime/http/answer.ts";
import { jsonAnswer } from "../../runtime/http/answer.ts";
import type { Deploys } from "../deploys/deploy-file.ts";
import { DeployNotKeptError } from "../deploys/deploy-file.ts";
import type { Deploy, DeployOffset } from "../model/deploy.ts";
import { DeployName } from "../model/deploy.ts";
import type { GroupEvaluation } from "../model/evaluation.ts";
import type { Reason } from "../model/reason.ts";
import { groupEvaluationAt } from "../model/snapshot.ts";
import type { ClusterView } from "./cluster-view.ts";
import { groupAsked } from "./group-id.ts";

const BODY_BYTES_MAX = 4_096;

export interface DeploysOptions {
  /** Live: it may change in place. */
  readonly clusters: readonly ClusterView[];
  readonly deploys: Deploys;
  /** Requests that come this far have shown it. */
  readonly hasToken: boolean;
}

export function createDeploysHandler(options: DeploysOptions): HttpHandler {
  return async (request) => {
    const [version, clusters, cluster, groups, named, deploys, id, ...rest] = request.path;
    if (version !== "v4" || clusters !== "clusters" || groups !== "groups" || deploys !== "deploys") return undefined;
    if (rest.length > 0 || cluster === undefined || named === undefined) return undefined;
    const view = options.clusters.find((one) => one.cluster === cluster);
    if (view === undefined) return problem(404, `no cluster "${cluster}" is configured`);
    if (options.deploys.kind === "none") return problem(503, options.deploys.reason);
    const { book } = options.deploys;
    const group = await groupAsked(view, request.query, named);
    if (group === undefined) return problem(404, "no group has this id");
    if (request.method === "POST" && id === undefined) return post({ ...options, view, group, request, book });
    if (request.method !== "GET" && request.method !== "HEAD") return problem(405, "GET, and POST for a new one");
    const kept = book.of(cluster, group);
    if (id === undefined) return jsonAnswer(200, { deploys: kept.map(listed) });
    const one = kept.find((deploy) => idOf(deploy) === id);
    return one === undefined ? problem(404, `no deploy "${id}" of this group is kept`) : jsonAnswer(200, answerOf(one));
  };
}

function problem(status: number, message: string): HttpAnswer {
  return jsonAnswer(status, { error: true, message });
}

/** No two of a group have the same time. */
function idOf({ at }: Deploy): string {
  return String(at);
}

function answerOf(deploy: Deploy) {
  return { id: idOf(deploy), ...deploy };
}

function listed(deploy: Deploy) {
  const { name, version, at, offsets, unknown } = deploy;
  return { id: idOf(deploy), name, version, at, partitions: offsets.length, unknown: unknown.length };
}

interface Posted extends DeploysOptions {
  readonly view: ClusterView;
  readonly group: string;
  readonly request: HttpRequest;
  readonly book: Extract<Deploys, { kind: "kept" }>["book"];
}

async function post({ view, group, request, book, hasToken }: Posted): Promise<HttpAnswer> {
  if (!hasToken) return problem(403, "recording a deploy needs a token: set collector.token_file");
  if (!isJson(request)) return problem(415, "the body has to be application/json");
  const body = await request.body(BODY_BYTES_MAX);
  if (body === undefined) return problem(413, `the body has more than ${BODY_BYTES_MAX} bytes`);
  const named = DeployName.safeParse(parsed(Buffer.from(body).toString("utf8")));
  if (!named.success) return problem(400, `the body is not {"name", "version"?}: ${z.prettifyError(named.error)}`);
  const snapshot = view.snapshotOf(group);
  const evaluation = snapshot === undefined ? undefined : groupEvaluationAt(snapshot, 0);
  if (evaluation === undefined) return unknownGroup(view, group);
  const where = offsetsOf(evaluation);
  if (where.offsets.length === 0) return problem(503, `no committed offset of "${group}" is known right now`);
  const deploy = { cluster: view.cluster, group, ...named.data, at: view.nowMs(), ...where };
  try {
    return jsonAnswer(201, answerOf(await book.record(deploy)));
  } catch (caught) {
    if (!(caught instanceof DeployNotKeptError)) throw caught;
    return problem(507, caught.message);
  }
}

function unknownGroup(view: ClusterView, group: string): HttpAnswer {
  const condition = view.condition();
  return condition.kind === "ok"
    ? problem(404, `no group "${group}"`)
    : problem(503, `no group "${group}" is known yet; the cluster is ${condition.kind}`);
}

function isJson({ headers }: HttpRequest): boolean {
  return /^application\/json\s*(;|$)/i.test(headers["content-type"] ?? "");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Beside one of these, the offset is what it was when it was last seen: nothing to go back to. */
const OLD_OFFSET: ReadonlySet<Reason> = new Set([
  "replay",
  "coordinator_missing",
  "coordinator_unreachable",
  "coordinator_error",
  "offset_unreadable",
  "offsets_topic_denied",
  "group_denied",
  "burrow_silent",
]);

function offsetsOf({ partitions }: GroupEvaluation): Pick<Deploy, "offsets" | "unknown"> {
  const offsets: DeployOffset[] = [];
  const unknown: Deploy["unknown"][number][] = [];
  for (const { topic, partition, status, reason, committed_offset } of partitions) {
    const isOld = reason !== undefined && OLD_OFFSET.has(reason);
    if (isOld || committed_offset === undefined || committed_offset < 0) unknown.push({ topic, partition, status });
    else offsets.push({ topic, partition, committed_offset });
  }
  return { offsets, unknown };
}

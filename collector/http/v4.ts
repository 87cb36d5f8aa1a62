/**
 * # /v4: our own interface
 *
 *     GET /v4/clusters                                   what each cluster's numbers are worth right now
 *     GET /v4/clusters/{cluster}/groups                  ?status=&topic=&limit=&cursor=   all judged groups, by name
 *     GET /v4/clusters/{cluster}/groups/{group}          ?limit=&cursor=   one group with a row per partition
 *     GET /v4/evaluations                                ?after=&wait=   the feed, NDJSON
 *     GET /v4/openapi.json                               all of this as OpenAPI 3.1
 *
 * Numbers are those of this moment, verdicts those of the last tick. Names are percent-encoded once; a group that no path can
 * name is reached by `?id=` (group-id.ts). The feed is one group of
 * one tick a line, and a line for each deploy; its last line is the cursor to go on from.
 */

import { randomBytes } from "node:crypto";
import { setImmediate as others } from "node:timers/promises";
import type { HttpAnswer, HttpHandler, HttpRequest } from "../../runtime/http/answer.ts";
import { jsonAnswer } from "../../runtime/http/answer.ts";
import type { GroupEvaluation, GroupSummary } from "../model/evaluation.ts";
import type { Feed, Tick } from "../model/feed.ts";
import type { Snapshot } from "../model/snapshot.ts";
import { groupEvaluationAt } from "../model/snapshot.ts";
import { GroupStatus } from "../model/status.ts";
import type { ClusterView } from "./cluster-view.ts";
import { groupAsked } from "./group-id.ts";
import { openApi } from "./openapi.ts";
import { groupCursor, groupOfCursor, limitOf, pageAnswer, rowCursor, rowsAfter } from "./v4-page.ts";

const LIMIT_DEFAULT = 1_000;
const ROWS_DEFAULT = 10_000;
const WAIT_SECONDS_MAX = 60;
const MS_PER_SECOND = 1_000;
/** Lines between two chances for others: some milliseconds of work. */
const LINES_PER_TURN = 50;

export interface V4Options {
  /** Live: it may change in place. */
  readonly clusters: readonly ClusterView[];
  readonly feed: Feed;
  /** Of the program, for the document that describes all of this. */
  readonly version?: string;
}

export function createV4Handler({ clusters, feed, version: program = "0" }: V4Options): HttpHandler {
  const run = randomBytes(6).toString("hex");
  return async (request) => {
    const [version, collection, cluster, kind, group, ...rest] = request.path;
    if (version !== "v4" || rest.length > 0) return undefined;
    if (request.method !== "GET" && request.method !== "HEAD") return problem(405, "only GET is served here");
    if (collection === "evaluations" && cluster === undefined) return evaluations(feed, request);
    if (collection === "openapi.json" && cluster === undefined) return jsonAnswer(200, openApi(program));
    if (collection !== "clusters") return undefined;
    if (cluster === undefined) return jsonAnswer(200, { clusters: clusters.map(clusterAnswer) });
    const view = clusters.find((one) => one.cluster === cluster);
    if (view === undefined) return problem(404, `no cluster "${cluster}" is configured`);
    if (kind !== "groups") return undefined;
    const etag = etagOf(view, run);
    if (isKnown(request, etag)) return { status: 304, contentType: "application/json", body: "", headers: { etag } };
    const answer = await (group === undefined ? groupList(view, request) : oneGroup(view, request, group));
    return answer.status === 200 ? { ...answer, headers: { etag } } : answer;
  };
}

/** Weak: as long as nothing was observed or judged, only ages differ. Changes are counted from the start, which `run` names. */
function etagOf({ state, verdicts }: ClusterView, run: string): string {
  return `W/"${run}.${state.changes()}.${verdicts.at()}"`;
}

function isKnown({ headers }: HttpRequest, etag: string): boolean {
  const asked = headers["if-none-match"];
  return asked?.split(",").some((one) => one.trim() === etag || one.trim() === "*") ?? false;
}

function problem(status: number, message: string): HttpAnswer {
  return jsonAnswer(status, { error: true, message });
}

function clusterAnswer(view: ClusterView) {
  const condition = view.condition();
  const at = view.verdicts.at();
  return {
    cluster: view.cluster,
    condition: condition.kind,
    ...("progress" in condition ? { progress: condition.progress } : {}),
    ...("reason" in condition ? { reason: condition.reason } : {}),
    ...(at > 0 ? { at } : {}),
    ...(view.excluded === undefined ? {} : excludedOf(view.excluded())),
  };
}

function excludedOf({ groups, topics }: { readonly groups: number; readonly topics: number }) {
  return { ...(groups > 0 ? { groups_excluded: groups } : {}), ...(topics > 0 ? { topics_excluded: topics } : {}) };
}

async function groupList(view: ClusterView, { query }: HttpRequest): Promise<HttpAnswer> {
  const status = query.get("status");
  if (status !== null && !GroupStatus.safeParse(status).success) {
    return problem(400, `status "${status}" is not one of ${GroupStatus.options.join(", ")}`);
  }
  const limit = limitOf(query.get("limit"), LIMIT_DEFAULT);
  if (limit.kind === "wrong") return problem(400, limit.why);
  const cursor = query.get("cursor");
  const after = cursor === null ? null : await groupOfCursor(view, cursor);
  if (after === undefined) return problem(400, "the group of this cursor is gone; begin anew");
  const items = await matching(view, { status, topic: query.get("topic"), after });
  const head = { at: view.verdicts.at() };
  return pageAnswer({ head, name: "groups", items, limit: limit.limit, cursorOf: groupCursor });
}

interface Filter {
  readonly status: string | null;
  readonly topic: string | null;
  /** The cursor is the last name of the page before: names are sorted, so it needs no state. */
  readonly after: string | null;
}

async function matching(view: ClusterView, filter: Filter): Promise<readonly GroupSummary[]> {
  const { status, topic, after } = filter;
  const groups = topic === null ? await view.summaries() : await groupsOfTopic(view, topic);
  return groups.filter(
    (summary) => (status === null || summary.status === status) && (after === null || summary.group > after),
  );
}

async function groupsOfTopic(view: ClusterView, topic: string): Promise<readonly GroupSummary[]> {
  const groups: GroupSummary[] = [];
  for (const slice of view.slices()) {
    groups.push(...slice.groups.filter((_, index) => hasTopic(slice, index, topic)));
    await others();
  }
  return groups;
}

function hasTopic({ rowStart, rows }: Snapshot, index: number, topic: string): boolean {
  for (let row = rowStart[index] ?? 0; row < (rowStart[index + 1] ?? 0); row += 1) {
    if (rows.topics[rows.topicIndex[row] ?? 0] === topic) return true;
  }
  return false;
}

async function oneGroup(view: ClusterView, { query }: HttpRequest, named: string): Promise<HttpAnswer> {
  const group = await groupAsked(view, query, named);
  if (group === undefined) return problem(404, "no group has this id");
  const snapshot = view.snapshotOf(group);
  const evaluation = snapshot === undefined ? undefined : groupEvaluationAt(snapshot, 0);
  if (evaluation !== undefined) return groupPage(evaluation, query);
  const condition = view.condition();
  const hint = condition.kind === "ok" ? "" : `; the cluster is ${condition.kind}, so it may only not be known yet`;
  return problem(404, `no group "${group}"${hint}`);
}

function groupPage({ partitions, ...head }: GroupEvaluation, query: URLSearchParams): HttpAnswer {
  const limit = limitOf(query.get("limit"), ROWS_DEFAULT);
  if (limit.kind === "wrong") return problem(400, limit.why);
  const cursor = query.get("cursor");
  const items = cursor === null ? partitions : rowsAfter(partitions, cursor);
  if (items === undefined) return problem(400, "cursor is not the `next` of an answer");
  return pageAnswer({ head, name: "partitions", items, limit: limit.limit, cursorOf: rowCursor });
}

async function evaluations(feed: Feed, { query, signal }: HttpRequest): Promise<HttpAnswer> {
  const waitSeconds = Number(query.get("wait") ?? 0);
  if (!(waitSeconds >= 0)) return problem(400, "wait is not a number of seconds");
  const waitMs = Math.min(waitSeconds, WAIT_SECONDS_MAX) * MS_PER_SECOND;
  const answer = await feed.read(query.get("after") ?? "", waitMs, signal);
  if (answer.kind === "gone") return jsonAnswer(410, { oldest: answer.oldest, ticks_gone: answer.ticksGone });
  return { status: 200, contentType: "application/x-ndjson", body: feedLines(answer.ticks, answer.cursor) };
}

async function* feedLines(ticks: readonly Tick[], cursor: string): AsyncGenerator<string> {
  for (const { at, evaluations: groups, deploys = [] } of ticks) {
    let lines = deploys.map((deploy) => `${JSON.stringify({ tick: at, deploy })}\n`);
    for (const group of groups) {
      lines.push(`${JSON.stringify(group)}\n`);
      if (lines.length < LINES_PER_TURN) continue;
      yield lines.join("");
      lines = [];
      await others();
    }
    yield lines.join("");
  }
  yield `${JSON.stringify({ cursor })}\n`;
}

/**
 * # Asking a collector
 *
 * By HTTP, with its token. What it refuses is said in its own words; redirects are not followed, since the token must not
 * travel.
 */

import http from "node:http";
import https from "node:https";
import { text } from "node:stream/consumers";
import type { z } from "zod";
import type { ListedDeploy } from "../../collector/http/v4-answers.ts";
import { ClustersAnswer, DeployAnswer, DeploysAnswer, GroupAnswer, Problem } from "../../collector/http/v4-answers.ts";
import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import { asError } from "../../runtime/error.ts";
import type { Secret } from "../../runtime/secret.ts";

const ANSWER_MS_MAX = 30_000;
const PAGES_MAX = 1_000;

/** What a command is asked about. */
export interface CollectorAsked {
  readonly url: string;
  readonly token: Secret | undefined;
  /** Not given: the only one there is. */
  readonly cluster: string | undefined;
  readonly group: string;
}

/** It did not answer, or refused; its words are the message. */
export class CollectorError extends Error {
  override readonly name = "CollectorError";
}

export interface CollectorClient {
  readonly cluster: string;
  record(deploy: { readonly name: string; readonly version: string | undefined }): Promise<DeployAnswer>;
  /** Newest first. */
  deploys(): Promise<readonly ListedDeploy[]>;
  deploy(id: string): Promise<DeployAnswer>;
  group(): Promise<GroupEvaluation>;
}

export async function connectCollector(asked: CollectorAsked, signal: AbortSignal): Promise<CollectorClient> {
  const get = <T>(path: string, shape: z.ZodType<T>) => answerTo({ asked, path, shape, signal });
  const cluster =
    asked.cluster ?? onlyOf((await get("/v4/clusters", ClustersAnswer)).clusters.map((one) => one.cluster));
  const group = `/v4/clusters/${encodeURIComponent(cluster)}/groups/${encodeURIComponent(asked.group)}`;
  const deploys = `${group}/deploys`;
  return {
    cluster,
    record: (body) => answerTo({ asked, path: deploys, body, shape: DeployAnswer, signal }),
    deploys: async () => (await get(deploys, DeploysAnswer)).deploys,
    deploy: (id) => get(`${deploys}/${encodeURIComponent(id)}`, DeployAnswer),
    group: () => wholeGroup((query) => get(`${group}${query}`, GroupAnswer)),
  };
}

/** By pages: a group of many partitions is more than one answer. */
async function wholeGroup(page: (query: string) => Promise<z.output<typeof GroupAnswer>>): Promise<GroupEvaluation> {
  const { next: first, ...group } = await page("");
  const partitions = [...group.partitions];
  for (let cursor = first, pages = 1; cursor !== undefined; pages += 1) {
    if (pages === PAGES_MAX) throw new CollectorError(`the group has more than ${PAGES_MAX} pages of partitions`);
    const more = await page(`?cursor=${encodeURIComponent(cursor)}`);
    partitions.push(...more.partitions);
    cursor = more.next;
  }
  return { ...group, partitions };
}

function onlyOf(clusters: readonly string[]): string {
  const [first, ...more] = clusters;
  if (first !== undefined && more.length === 0) return first;
  throw new CollectorError(`--cluster is needed: the collector watches ${clusters.join(", ") || "none"}`);
}

interface Question<T> {
  readonly asked: CollectorAsked;
  readonly path: string;
  /** Posted where it is given. */
  readonly body?: object;
  readonly shape: z.ZodType<T>;
  readonly signal: AbortSignal;
}

async function answerTo<T>({ asked, path, body, shape, signal }: Question<T>): Promise<T> {
  const { url, token } = asked;
  const headers = {
    ...(token === undefined ? {} : { authorization: `Bearer ${token.reveal()}` }),
    ...(body === undefined ? {} : { "content-type": "application/json" }),
  };
  const request = { method: body === undefined ? "GET" : "POST", headers, body: JSON.stringify(body), signal };
  try {
    const answer = await send(new URL(url), path, request);
    const json: unknown = JSON.parse(answer.text);
    if (answer.status < STATUS_REFUSED) return shape.parse(json);
    const said = Problem.safeParse(json);
    throw new CollectorError(`${url} answers ${answer.status}: ${said.success ? said.data.message : "no reason"}`);
  } catch (caught) {
    if (caught instanceof CollectorError) throw caught;
    const cause = asError(caught);
    throw new CollectorError(`${url} gives no answer of use: ${cause.message}`, { cause });
  }
}

const STATUS_REFUSED = 300;

interface Sent {
  readonly method: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | undefined;
  readonly signal: AbortSignal;
}

/** Not fetch: it takes a segment `..` for a step up, in any spelling, and that is a legal name of a group. */
function send(base: URL, path: string, { body, signal, ...sent }: Sent): Promise<{ status: number; text: string }> {
  const { protocol, hostname, port, pathname } = base;
  const where = { protocol, hostname, port, path: `${pathname.replace(/\/+$/, "")}${path}`, agent: false };
  const either = AbortSignal.any([signal, AbortSignal.timeout(ANSWER_MS_MAX)]);
  return new Promise((resolve, reject) => {
    const { request } = protocol === "https:" ? https : http;
    const outgoing = request({ ...where, ...sent, signal: either }, (response) => {
      text(response).then((answer) => resolve({ status: response.statusCode ?? 0, text: answer }), reject);
    });
    outgoing.on("error", reject);
    outgoing.end(body);
  });
}

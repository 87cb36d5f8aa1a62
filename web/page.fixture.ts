/** The page over a real socket, for its tests. */

import type { GroupEvaluation } from "../collector/model/evaluation.ts";
import { startHttpServer } from "../runtime/http/server.ts";
import { createLogger } from "../runtime/logger.ts";
import type { History } from "../shipper/schema/history.ts";
import type { Announcement } from "./announcement.ts";
import type { ClusterState } from "./live-state.ts";
import { createPage } from "./page.ts";
import { NOW_MS } from "./web.fixture.ts";

export const OK_CLUSTER: ClusterState = { cluster: "prod", state: "ok", lastTickAtMs: NOW_MS - 4_000 };
export const EMPTY: History = {
  sparklines: async () => new Map(),
  group: async () => ({ points: [], troubles: [], events: [], topics: [], topicsLeftOut: 0 }),
};

export interface World {
  readonly announcement?: Announcement;
  readonly clusters?: readonly ClusterState[];
  readonly groups?: readonly GroupEvaluation[];
  readonly history?: History;
}

export async function serving(
  world: World,
  use: (get: (path: string) => Promise<Answer>) => Promise<void>,
): Promise<void> {
  const { clusters = [OK_CLUSTER], groups = [], history = EMPTY, announcement } = world;
  const live = {
    clusters: () => clusters,
    groups: async (cluster: string) =>
      groups.filter((one) => one.cluster === cluster).map((one) => ({ ...one, partitions: one.partitions.length })),
    group: (cluster: string, group: string) => groups.find((one) => one.cluster === cluster && one.group === group),
  };
  const said = announcement === undefined ? {} : { announcement: () => announcement };
  const page = createPage({ live, history, nowMs: () => NOW_MS, version: "1.2.3", ...said });
  const options = { listen: { host: "127.0.0.1", port: 0 }, access: { token: undefined, insecure: false } };
  await using server = await startHttpServer({ ...options, handlers: [page], logger: createLogger("silent") });
  await use(async (path) => {
    const answer = await fetch(new URL(path, `http://127.0.0.1:${server.address.port}`));
    return { status: answer.status, headers: answer.headers, text: await answer.text() };
  });
}

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** What a reader sees, without markup. */
export function wordsOf({ text }: Answer): string {
  return text.replace(/<[^>]*>/g, " ").replace(/\s+/g, " ");
}

/** The interfaces of one small cluster: a group that lags on its only partition. */

import type { ClusterView } from "../../collector/http/cluster-view.ts";
import { createV4Handler } from "../../collector/http/v4.ts";
import type { WatchedFixture } from "../../collector/http/watched.fixture.ts";
import { AT, commitTo, NOW_MS, setTopics, watchedCluster } from "../../collector/http/watched.fixture.ts";
import type { HttpHandler } from "../../runtime/http/answer.ts";

export function watched(): WatchedFixture {
  const one = watchedCluster("c");
  setTopics(one.state, { t: [100] });
  commitTo(one.state, { group: "g", topic: "t", offset: 60 });
  one.view.verdicts.judge(AT, NOW_MS);
  return one;
}

/** With a feed of nothing. */
export function v4HandlerOf(clusters: readonly ClusterView[]): HttpHandler {
  return createV4Handler({ clusters, feed: { read: async () => ({ kind: "ticks", ticks: [], cursor: "r.0" }) } });
}

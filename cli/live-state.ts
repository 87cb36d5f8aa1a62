/**
 * # The page's live port, over the collector in this process
 */

import type { ClusterView } from "../collector/http/cluster-view.ts";
import { groupEvaluationAt } from "../collector/model/snapshot.ts";
import type { ClusterState, LiveState } from "../web/live-state.ts";

export function createLiveState(views: readonly ClusterView[], tickIntervalMs: number): LiveState {
  const byName = new Map(views.map((view) => [view.cluster, view]));
  return {
    clusters: () => views.map((view) => clusterState(view, tickIntervalMs)),
    groups: (cluster) => byName.get(cluster)?.summaries(),
    group: (cluster, group) => {
      const snapshot = byName.get(cluster)?.snapshotOf(group);
      return snapshot === undefined ? undefined : groupEvaluationAt(snapshot, 0);
    },
  };
}

function clusterState(view: ClusterView, tickIntervalMs: number): ClusterState {
  const condition = view.condition();
  const at = view.verdicts.at();
  return {
    cluster: view.cluster,
    state: condition.kind,
    tickIntervalMs,
    ...("progress" in condition ? { progress: condition.progress } : {}),
    ...("reason" in condition ? { reason: condition.reason } : {}),
    ...(at > 0 ? { lastTickAtMs: at } : {}),
  };
}

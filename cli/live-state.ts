/**
 * # The page's live port, over the collector in this process
 */

import type { ClusterView } from "../collector/http/cluster-view.ts";
import { groupEvaluationAt } from "../collector/model/snapshot.ts";
import type { ClusterState, LiveState } from "../web/live-state.ts";

export function createLiveState(views: readonly ClusterView[], tickIntervalMs: () => number): LiveState {
  const byName = (cluster: string): ClusterView | undefined => views.find((view) => view.cluster === cluster);
  return {
    clusters: () => views.map((view) => clusterState(view, tickIntervalMs())),
    groups: (cluster) => byName(cluster)?.summaries(),
    group: (cluster, group) => {
      const snapshot = byName(cluster)?.snapshotOf(group);
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
    ...(view.excluded === undefined ? {} : { excluded: { ...view.excluded() } }),
    ...("reason" in condition ? { reason: condition.reason } : {}),
    ...(at > 0 ? { lastTickAtMs: at } : {}),
  };
}

/**
 * # A simulated cluster
 *
 * The view and the changes over one state.
 */

import type { Cluster } from "./cluster.ts";
import { type ClusterOptions, createState } from "./cluster-state.ts";
import { viewOf } from "./cluster-view.ts";
import { groupChanges } from "./group-changes.ts";
import { topicChanges } from "./topic-changes.ts";

export function createCluster(options: ClusterOptions): Cluster {
  const state = createState(options);
  return { ...viewOf(state), ...topicChanges(state), ...groupChanges(state) };
}

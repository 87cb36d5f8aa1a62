/** A collector that runs against simulated brokers until it is disposed of. */

import { type Collector, createCollector } from "../../cli/collector.ts";
import { Config } from "../../cli/config.ts";
import type { ClusterView } from "../../collector/http/cluster-view.ts";
import type { GroupEvaluation } from "../../collector/model/evaluation.ts";
import { groupEvaluationAt } from "../../collector/model/snapshot.ts";
import { systemClock } from "../../runtime/clock.ts";
import { createLogger } from "../../runtime/logger.ts";
import type { Cluster } from "../../simulator/cluster/cluster.ts";
import type { Brokers } from "../../simulator/wire/brokers.ts";
import type { Look } from "../real/until.ts";
import { done, notYet, until } from "../real/until.ts";
import { differences } from "../simulated/collector.fixture.ts";

const TIMEOUT_MS = 60_000;

export interface Running extends AsyncDisposable {
  readonly collector: Collector;
  readonly view: ClusterView;
  shown(group: string): GroupEvaluation | undefined;
  until<T>(what: string, look: () => Look<T>): Promise<T>;
  /** Waits until all that is shown equals the cluster. */
  untilRight(what: string): Promise<void>;
}

export function running(cluster: Cluster, brokers: Brokers): Running {
  const config = Config.parse({
    clusters: { sim: { brokers: brokers.bootstrap } },
    evaluate: { interval: "200ms", burrow: { offset_refresh: "200ms" } },
  });
  const collector = createCollector({ config, clock: systemClock, logger: createLogger("silent") });
  const view = collector.clusters[0]?.view;
  if (view === undefined) throw new Error("no cluster is watched");
  const stop = new AbortController();
  const run = collector.run(stop.signal);
  const wait = <T>(what: string, look: () => Look<T>) =>
    until(what, async () => look(), { timeoutMs: TIMEOUT_MS, everyMs: 20 });
  return {
    collector,
    view,
    shown: (group) => {
      const snapshot = view.snapshotOf(group);
      return snapshot === undefined ? undefined : groupEvaluationAt(snapshot, 0);
    },
    until: wait,
    untilRight: (what) => wait(what, () => rightLook(view, cluster)),
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await run;
      // It would go on without that cluster; here nothing may fail.
      if (collector.failures.size > 0) throw new Error("watching the cluster failed");
    },
  };
}

function rightLook(view: ClusterView, cluster: Cluster): Look<undefined> {
  const [first] = differences(view, cluster);
  return first === undefined && view.condition().kind === "ok" ? done(undefined) : notYet(first ?? "not ok");
}

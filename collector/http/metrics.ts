/**
 * # GET /metrics
 *
 * Our own metrics from a prom-client registry, then the lag series. What was rendered is kept until something changes, since
 * several scrapers of one collector are common. Only one rendering runs at a time; others wait for it.
 */

import { setImmediate as others } from "node:timers/promises";
import type { HttpAnswer, HttpHandler } from "../../runtime/http/answer.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { ClusterView } from "./cluster-view.ts";
import { renderLagSeries } from "./lag-series.ts";

export const METRICS_CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8";

export interface MetricsOptions {
  /** Live: it may change in place. */
  readonly clusters: readonly ClusterView[];
  /** The exposition of our own metrics. */
  readonly own: () => Promise<string>;
}

interface Rendered {
  readonly changes: string;
  readonly chunks: readonly Uint8Array[];
}

export function createMetricsHandler({ clusters, own }: MetricsOptions): HttpHandler {
  let kept: Rendered | undefined;
  let running: Promise<Rendered> | undefined;
  const changes = (): string => clusters.map(({ cluster, state }) => `${cluster} ${state.changes()}`).join();

  const rendered = async (): Promise<Rendered> => {
    if (kept?.changes === changes()) return kept;
    // What is out of date is let go before its successor takes as much room again.
    kept = undefined;
    running ??= render(clusters, changes()).finally(() => {
      running = undefined;
    });
    kept = await running;
    return kept;
  };

  return async ({ path }) => {
    if (path.length !== 1 || path[0] !== "metrics") return undefined;
    const [ours, lag] = [await own(), await rendered()];
    return answerOf(ours, lag.chunks);
  };
}

async function render(clusters: readonly ClusterView[], changes: string): Promise<Rendered> {
  const chunks: Uint8Array[] = [];
  const snapshots: Snapshot[] = [];
  for (const view of [...clusters]) {
    for (const slice of view.slices()) {
      snapshots.push(slice);
      await others();
    }
  }
  for (const some of renderLagSeries(snapshots)) {
    chunks.push(...some);
    await others();
  }
  return { changes, chunks };
}

function answerOf(own: string, chunks: readonly Uint8Array[]): HttpAnswer {
  const body = (async function* () {
    yield own;
    yield* chunks;
  })();
  return { status: 200, contentType: METRICS_CONTENT_TYPE, body };
}

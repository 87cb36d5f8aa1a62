/**
 * # GET /metrics
 *
 * Our own metrics from a prom-client registry, then the lag series, then those under other tools' names. What was rendered is kept
 * until something changes, since several scrapers of one collector are common; the same bytes serve both formats. Only one
 * rendering runs at a time; others wait for it.
 */

import { setImmediate as others } from "node:timers/promises";
import type { HttpAnswer, HttpHandler } from "../../runtime/http/answer.ts";
import type { Snapshot } from "../model/snapshot.ts";
import type { ClusterView } from "./cluster-view.ts";
import type { Prepared, Reading, SeriesSet } from "./compat/series-set.ts";
import type { Exposition } from "./exposition.ts";
import { createExposition, labelBytes } from "./exposition.ts";
import { LAG_SERIES, renderLagSeries } from "./lag-series.ts";
import {
  OPEN_METRICS_CONTENT_TYPE,
  OPEN_METRICS_END,
  openMetricsOf,
  prefersOpenMetrics,
  TEXT_CONTENT_TYPE,
} from "./open-metrics.ts";
import type { SeriesPlan, TroubleMemory } from "./series-budget.ts";
import { createTroubleMemory, planSeries } from "./series-budget.ts";
import { groupDemands, sumOfRates, topicDemands } from "./series-demands.ts";

export interface MetricsOptions {
  /** Live: it may change in place. */
  readonly clusters: readonly ClusterView[];
  /** The exposition of our own metrics, as text format 0.0.4. */
  readonly own: () => Promise<string>;
  /** Series under other tools' names; none where it is not given. */
  readonly sets?: readonly SeriesSet[];
  /** Of groups, partitions and topics; no limit where it is not given. */
  readonly seriesMax?: number;
}

interface Rendered {
  readonly changes: string;
  readonly chunks: readonly Uint8Array[];
}

export function createMetricsHandler(options: MetricsOptions): HttpHandler {
  const { clusters, own } = options;
  const troubles = createTroubleMemory();
  let kept: Rendered | undefined;
  let running: Promise<Rendered> | undefined;
  const changes = (): string => clusters.map(({ cluster, state }) => `${cluster} ${state.changes()}`).join();

  const rendered = async (): Promise<Rendered> => {
    if (kept?.changes === changes()) return kept;
    // What is out of date is let go before its successor takes as much room again.
    kept = undefined;
    running ??= render(options, troubles, changes()).finally(() => {
      running = undefined;
    });
    kept = await running;
    return kept;
  };

  return async ({ path, headers }) => {
    if (path.length !== 1 || path[0] !== "metrics") return undefined;
    const [ours, { chunks }] = [await own(), await rendered()];
    return prefersOpenMetrics(headers["accept"])
      ? answerOf(OPEN_METRICS_CONTENT_TYPE, [openMetricsOf(ours), ...chunks, OPEN_METRICS_END])
      : answerOf(TEXT_CONTENT_TYPE, [ours, ...chunks]);
  };
}

const LAG_RATES = { ...LAG_SERIES, groupTopic: 0, topic: 0, topicPartition: 0 };

async function render(options: MetricsOptions, troubles: TroubleMemory, changes: string): Promise<Rendered> {
  const { sets = [], seriesMax = Number.POSITIVE_INFINITY } = options;
  // The list may change while others run; one rendering is of one list.
  const clusters = [...options.clusters];
  const reading: Reading = { clusters, snapshots: await snapshotsOf(clusters) };
  const prepared: Prepared[] = [];
  for (const set of sets) prepared.push(await inSteps(set.prepare(reading)));
  const rates = sumOfRates([LAG_RATES, ...sets.map((set) => set.rates)]);
  const more = prepared.flatMap(({ groups }) => groups);
  const groups = await inSteps(groupDemands({ reading, rates, more, troubles }));
  const plan = await inSteps(planSeries({ groups, topics: topicDemands({ reading, rates }), seriesMax }));
  const chunks: Uint8Array[] = [];
  for (const some of families(reading, prepared, plan)) {
    chunks.push(...some);
    await others();
  }
  return { changes, chunks };
}

async function snapshotsOf(clusters: readonly ClusterView[]): Promise<readonly Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for (const view of [...clusters]) {
    for (const slice of view.slices()) {
      snapshots.push(slice);
      await others();
    }
  }
  return snapshots;
}

async function inSteps<T>(steps: Generator<void, T>): Promise<T> {
  for (;;) {
    const step = steps.next();
    if (step.done === true) return step.value;
    await others();
  }
}

function* families(
  { clusters, snapshots }: Reading,
  prepared: readonly Prepared[],
  plan: SeriesPlan,
): Generator<readonly Uint8Array[]> {
  const out = createExposition();
  yield* renderLagSeries(snapshots, plan, out);
  for (const one of prepared) yield* one.render(out, plan);
  // Of a shipper there is no cluster, and nothing to count.
  if (clusters.length > 0) countSeries(out, plan);
  yield out.take();
}

function countSeries(out: Exposition, { leftOut }: SeriesPlan): void {
  const shown = out.count();
  out.family({
    name: "tidemark_collector_series",
    help: "Series of groups, partitions and topics in this answer, those under other tools' names included.",
    type: "gauge",
  });
  out.series([], shown);
  out.family({
    name: "tidemark_collector_series_left_out",
    help: "Series that are left out, at most so many, since collector.series_max are shown; healthy groups lose their partitions first.",
    type: "gauge",
  });
  for (const { cluster, level, series } of leftOut) {
    const labels = [
      labelBytes("cluster", cluster, "first"),
      labelBytes("level", level, "next"),
      labelBytes("reason", "series_max", "next"),
    ];
    out.series(labels, series);
  }
}

/** A cache between must not give the one format to who asked for the other. */
const VARIES = { vary: "accept" } as const;

function answerOf(contentType: string, parts: readonly (string | Uint8Array)[]): HttpAnswer {
  const body = (async function* () {
    yield* parts;
  })();
  return { status: 200, contentType, body, headers: VARIES };
}

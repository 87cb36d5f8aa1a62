/**
 * # A condition as the nodes of a Grafana rule
 *
 *     A, B, ...   what the store is asked
 *     R, S, ...   each as one number per series: expressions of Grafana
 *     V           the value that is shown
 *     X           the condition: not 0 where it holds
 *
 * Numbers are matched by their labels; where one has the labels of the other and more, they match too. What has no partner
 * drops out. Empty steps of time are left out of a number (dropNN), or one would make it none.
 */

import type { JsonObject } from "../query/backend.ts";
import type { Condition, Limit } from "./alert.ts";
import { CLIMB_GAP_SECONDS } from "./alert.ts";
import { SHOWN } from "./alert-text.ts";
import type { Asked, RuleStore } from "./rule-query.ts";

export const CONDITION = "X";
const EXPRESSIONS = "__expr__";
const MINUTE_SECONDS = 60;
/** Steps of time in a window: enough for its least and its most, and few enough for a store's cap on buckets. */
const STEPS = 5;
const BURN_STEPS = 12;
const MS_PER_SECOND = 1_000;

export function nodesOf(condition: Condition, store: RuleStore): readonly JsonObject[] {
  switch (condition.shape) {
    case "now":
      return nowNodes(condition, store);
    case "grown":
      return grownNodes(condition, store);
    case "climbing":
      return climbingNodes(condition, store);
    case "burning":
      return burningNodes(condition, store);
    case "happened": {
      const { measure, overSeconds } = condition;
      return [
        asked("A", { store, measure, from: overSeconds, to: 0, stepSeconds: overSeconds / STEPS, counted: true }),
        reduced(SHOWN, "A", "sum"),
        threshold({ above: 0 }),
      ];
    }
    case "silent": {
      const { measure, overSeconds } = condition;
      return [
        asked("A", { store, measure, from: overSeconds, to: 0, stepSeconds: MINUTE_SECONDS, counted: true }),
        reduced(SHOWN, "A", "sum"),
        threshold({ below: 1 }),
      ];
    }
  }
}

type Shape<S extends Condition["shape"]> = Extract<Condition, { readonly shape: S }>;

function nowNodes({ measure, limit, also }: Shape<"now">, store: RuleStore): readonly JsonObject[] {
  const now = { from: MINUTE_SECONDS, to: 0, stepSeconds: MINUTE_SECONDS };
  const first = [asked("A", { store, measure, ...now }), reduced(SHOWN, "A", "last")];
  if (also === undefined) return [...first, threshold(limit)];
  const { timesAtLeast } = also;
  const beyond = "above" in limit ? `$${SHOWN} > ${limit.above}` : `$${SHOWN} < ${limit.below}`;
  const partner = timesAtLeast === undefined ? "$S == $S" : `$S >= ${timesAtLeast} * $${SHOWN}`;
  return [
    ...first,
    asked("B", { store, measure: also.measure, ...now }),
    reduced("S", "B", "last"),
    math(CONDITION, `${beyond} && ${partner}`),
  ];
}

/** Of all its points: without the low ones the least of a short time would be high. */
function climbingNodes({ measure, halfSeconds, also }: Shape<"climbing">, store: RuleStore): readonly JsonObject[] {
  const newSeconds = halfSeconds - CLIMB_GAP_SECONDS;
  const half = { store, stepSeconds: MINUTE_SECONDS, worst: "largest" } as const;
  return [
    asked("A", { ...half, measure: { ...measure, statistic: "min" }, from: newSeconds, to: 0 }),
    asked("B", { ...half, measure, from: 2 * halfSeconds, to: halfSeconds }),
    asked("C", { ...half, measure: also, from: MINUTE_SECONDS, to: 0 }),
    reduced(SHOWN, "A", "min"),
    reduced("S", "B", "max"),
    reduced("T", "C", "last"),
    math(CONDITION, `$${SHOWN} > $S && $T == $T`),
  ];
}

const QUERY_IDS = ["A", "B", "C", "D"] as const;
const NUMBER_IDS = ["R", "S", "T", "U"] as const;

/** From the least to the newest: what went down, as after a restart, is no growth. */
function grownNodes({ counters, overSeconds }: Shape<"grown">, store: RuleStore): readonly JsonObject[] {
  const stepSeconds = overSeconds / STEPS;
  const nodes = counters.flatMap((measure, index) => {
    const id = QUERY_IDS[index] ?? "A";
    return [
      asked(id, { store, measure, from: overSeconds, to: 0, stepSeconds }),
      reduced(`${id}last`, id, "last"),
      reduced(`${id}least`, id, "min"),
    ];
  });
  const growths = counters.map((_, index) => `$${QUERY_IDS[index]}last - $${QUERY_IDS[index]}least`);
  return [...nodes, math(SHOWN, growths.join(" + ")), threshold({ above: 0 })];
}

function burningNodes({ measure, windows }: Shape<"burning">, store: RuleStore): readonly JsonObject[] {
  const spans = windows.flatMap(({ longSeconds, shortSeconds }) => [longSeconds, shortSeconds]);
  const queries = spans.map((from, index) =>
    asked(QUERY_IDS[index] ?? "A", {
      store,
      measure,
      from,
      to: 0,
      stepSeconds: Math.max(MINUTE_SECONDS, from / BURN_STEPS),
    }),
  );
  const ids = [SHOWN, ...NUMBER_IDS.slice(1)];
  const numbers = spans.map((_, index) => reduced(ids[index] ?? SHOWN, QUERY_IDS[index] ?? "A", "mean"));
  const pairs = windows.map(({ missedAbove }, index) => {
    const least = Number((1 - missedAbove).toFixed(6));
    return `$${ids[2 * index]} < ${least} && $${ids[2 * index + 1]} < ${least}`;
  });
  return [...queries, ...numbers, math(CONDITION, pairs.map((pair) => `(${pair})`).join(" || "))];
}

interface Query extends Asked {
  readonly store: RuleStore;
  /** Seconds before now. */
  readonly from: number;
  readonly to: number;
}

function asked(refId: string, { store, from, to, ...query }: Query): JsonObject {
  const { name, datasourceUid } = store.backend;
  const limits = { intervalMs: query.stepSeconds * MS_PER_SECOND, maxDataPoints: 1_000 };
  return {
    refId,
    relativeTimeRange: { from, to },
    datasourceUid,
    model: { refId, datasource: { type: name, uid: datasourceUid }, ...store.ask(query), ...limits },
  };
}

function reduced(refId: string, expression: string, reducer: "last" | "min" | "max" | "mean" | "sum"): JsonObject {
  return computed(refId, { type: "reduce", expression, reducer, settings: { mode: "dropNN" } });
}

function math(refId: string, expression: string): JsonObject {
  return computed(refId, { type: "math", expression });
}

function threshold(limit: Limit): JsonObject {
  const evaluator = "above" in limit ? { type: "gt", params: [limit.above] } : { type: "lt", params: [limit.below] };
  return computed(CONDITION, { type: "threshold", expression: SHOWN, conditions: [{ type: "query", evaluator }] });
}

function computed(refId: string, model: JsonObject): JsonObject {
  const datasource = { type: EXPRESSIONS, uid: EXPRESSIONS };
  return {
    refId,
    relativeTimeRange: { from: 0, to: 0 },
    datasourceUid: EXPRESSIONS,
    model: { refId, datasource, ...model },
  };
}

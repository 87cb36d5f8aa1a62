/**
 * # Rules of Grafana, run over time without a Grafana
 *
 * As Grafana 12.3 does it (pkg/expr, pkg/services/ngalert): nodes in their order, numbers matched by their labels where one has those of
 * the other, a rule without data in the state that it names, and an instance that fires once it has held for long enough.
 */

import { runInNewContext } from "node:vm";
import type { Model, Rule } from "../../../dashboards/lint/rule-file.ts";

export type Labels = Readonly<Record<string, string>>;

/** Values in the order of time. */
export interface Series {
  readonly labels: Labels;
  readonly values: readonly number[];
}

export interface TimeRange {
  /** Epoch ms; both ends belong to it. */
  readonly fromMs: number;
  readonly toMs: number;
}

export type AskStore = (model: Model, range: TimeRange) => Promise<readonly Series[]>;

interface Value {
  readonly labels: Labels;
  readonly value: number;
}

const MS_PER_SECOND = 1_000;
const EXPRESSIONS = "__expr__";
const CONDITION = "X";

/** The labels for which the condition holds at an instant. */
async function holding(rule: Rule, ask: AskStore, nowMs: number): Promise<readonly Labels[]> {
  const series = new Map<string, readonly Series[]>();
  const numbers = new Map<string, readonly Value[]>();
  for (const { refId, relativeTimeRange, datasourceUid, model } of rule.data) {
    const { from, to } = relativeTimeRange;
    const range = { fromMs: nowMs - from * MS_PER_SECOND, toMs: nowMs - to * MS_PER_SECOND };
    if (datasourceUid === EXPRESSIONS) numbers.set(refId, computed(model, { series, numbers }));
    else series.set(refId, await ask(model, range));
  }
  const found = numbers.get(CONDITION) ?? [];
  if (found.length === 0) return rule.noDataState === "Alerting" ? [{}] : [];
  return found.filter(({ value }) => value !== 0).map(({ labels }) => labels);
}

interface Known {
  readonly series: ReadonlyMap<string, readonly Series[]>;
  readonly numbers: ReadonlyMap<string, readonly Value[]>;
}

function computed(model: Model, { series, numbers }: Known): readonly Value[] {
  const { type, expression = "", conditions = [] } = model;
  switch (type) {
    case "reduce":
      return (series.get(expression) ?? []).flatMap(({ labels, values }) =>
        values.length === 0 ? [] : [{ labels, value: reducedBy(model.reducer, values) }],
      );
    case "threshold": {
      const [limit] = conditions;
      const [bound = 0] = limit?.evaluator.params ?? [];
      const isAbove = limit?.evaluator.type === "gt";
      return (numbers.get(expression) ?? []).map(({ labels, value }) => ({
        labels,
        value: (isAbove ? value > bound : value < bound) ? 1 : 0,
      }));
    }
    case "math":
      return joined(expression, numbers);
    case undefined:
      return [];
  }
}

function reducedBy(reducer: Model["reducer"], values: readonly number[]): number {
  const sum = values.reduce((total, value) => total + value, 0);
  switch (reducer) {
    case "last":
      return values.at(-1) ?? Number.NaN;
    case "min":
      return Math.min(...values);
    case "max":
      return Math.max(...values);
    case "mean":
      return sum / values.length;
    case "sum":
      return sum;
    case undefined:
      return Number.NaN;
  }
}

/** One result for each number with the most labels that has a partner under every other name. */
function joined(expression: string, numbers: ReadonlyMap<string, readonly Value[]>): readonly Value[] {
  const names = [...new Set([...expression.matchAll(/\$(\w+)/g)].map(([, name = ""]) => name))];
  const width = (name: string) => Object.keys(numbers.get(name)?.[0]?.labels ?? {}).length;
  const [widest = ""] = names.toSorted((left, right) => width(right) - width(left));
  return (numbers.get(widest) ?? []).flatMap(({ labels }) => {
    const partners = names.map((name) => numbers.get(name)?.find((one) => isWithin(one.labels, labels)));
    if (partners.includes(undefined)) return [];
    const context = Object.fromEntries(names.map((name, index) => [`$${name}`, partners[index]?.value]));
    return [{ labels, value: Number(runInNewContext(expression, context)) }];
  });
}

function isWithin(some: Labels, all: Labels): boolean {
  return Object.entries(some).every(([name, value]) => all[name] === value);
}

export interface Fired {
  readonly labels: string;
  /** When it began to fire, epoch ms. */
  readonly atMs: number;
}

const STEP_MS = 30_000;

/** Every instance that fires between two instants, when it does so first. */
export async function firedOf(rule: Rule, ask: AskStore, { fromMs, toMs }: TimeRange): Promise<readonly Fired[]> {
  const forMs = Number(rule.for.slice(0, -1)) * MS_PER_SECOND;
  const pending = new Map<string, number>();
  const fired = new Map<string, number>();
  for (let nowMs = fromMs; nowMs <= toMs; nowMs += STEP_MS) {
    const now = new Set((await holding(rule, ask, nowMs)).map(labelText));
    for (const text of pending.keys()) if (!now.has(text)) pending.delete(text);
    for (const text of now) {
      const sinceMs = pending.get(text) ?? nowMs;
      pending.set(text, sinceMs);
      if (nowMs - sinceMs >= forMs && !fired.has(text)) fired.set(text, nowMs);
    }
  }
  return [...fired].map(([labels, atMs]) => ({ labels, atMs }));
}

/** Values in the order of their names: "prod orders". */
export function labelText(labels: Labels): string {
  return Object.keys(labels)
    .toSorted()
    .map((name) => labels[name])
    .join(" ");
}

/** # A target of Grafana's Prometheus data source, with its macros and variables filled in */

import type { Asking, Chosen, Drawn, Span } from "./board-files.ts";
import { INTERVAL_MS, labelOf } from "./board-files.ts";
import { HOSTILE, HOSTILE_STORED, TICK_MS } from "./world.ts";

interface Answer {
  readonly status: string;
  readonly error?: string;
  readonly data?: {
    readonly result: readonly {
      readonly metric: Readonly<Record<string, string>>;
      readonly value?: readonly [number, string];
      readonly values?: readonly (readonly [number, string])[];
    }[];
  };
}

const SPECIAL = /[\\^$*+?.()|[\]{}/]/g;
const MS_PER_SECOND = 1_000;
/** A range ends at the newest tick of a bucket, where a store's bucket begins with its oldest. */
const STEP_BACK_MS = INTERVAL_MS - TICK_MS;

/** Before version 3 both ends of a range belong to it. */
const RANGE = `${INTERVAL_MS - 1}ms`;

function filledIn(expr: string, chosen: Chosen, { fromMs, toMs }: Span): string {
  return expr
    .replaceAll("$__rate_interval", RANGE)
    .replaceAll("$__interval", RANGE)
    .replaceAll(`\${target}`, "0.99")
    .replaceAll("$__range", `${toMs + 1 - fromMs}ms`)
    .replaceAll(/\$\{(\w+):regex\}/g, (_, name: string) => chosen[name]?.replaceAll(SPECIAL, "\\$&") ?? ".+");
}

export async function drawnOf(url: string, { target, chosen, span }: Asking): Promise<Drawn> {
  const { expr = "", legendFormat = "", instant } = target;
  const query = filledIn(expr, chosen, span);
  const range = { start: seconds(span.fromMs + STEP_BACK_MS), end: seconds(span.toMs), step: seconds(INTERVAL_MS) };
  const [path, at] = instant === true ? ["query", { time: seconds(span.toMs) }] : ["query_range", range];
  const answer = (await (
    await fetch(`${url}/api/v1/${path}?${new URLSearchParams({ query, ...at })}`)
  ).json()) as Answer;
  if (answer.status !== "success") throw new Error(`${query}: Prometheus answers ${answer.error}`);
  const drawn = new Map<string, number>();
  for (const { metric, value, values = value === undefined ? [] : [value] } of answer.data?.result ?? []) {
    const labels = Object.fromEntries(Object.entries(metric).map(([name, text]) => [name, asStored(text)]));
    const name = legendFormat.replaceAll(/\{\{(\w+)\}\}/g, (_, label: string) => labels[label] ?? "");
    for (const [time, number] of values) {
      const bucket = Math.round(time * MS_PER_SECOND) - STEP_BACK_MS;
      drawn.set(instant === true ? labelOf(labels) : `${name} @${bucket}`, Number(number));
    }
  }
  return drawn;
}

function seconds(ms: number): string {
  return String(ms / MS_PER_SECOND);
}

function asStored(name: string): string {
  return name === HOSTILE ? HOSTILE_STORED : name;
}

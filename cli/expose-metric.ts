/**
 * # One metric of ours, read when it is scraped
 */

import type { Registry } from "prom-client";
import { Counter, Gauge } from "prom-client";

export type Labels = Readonly<Record<string, string>>;
export type Sample = readonly [labels: Labels, value: number];

export interface OwnMetric {
  readonly type: "gauge" | "counter";
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  readonly read: () => readonly Sample[] | Promise<readonly Sample[]>;
}

/** Made anew at each scrape: what is no longer read is no longer shown. */
export function expose(registry: Registry, { type, name, help, labels = [], read }: OwnMetric): void {
  const options = { name, help, labelNames: [...labels], registers: [registry] };
  if (type === "gauge") {
    const metric: Gauge = new Gauge({
      ...options,
      collect: () => refill(metric, read, (label, value) => metric.set(label, value)),
    });
  } else {
    const metric: Counter = new Counter({
      ...options,
      collect: () => refill(metric, read, (label, value) => metric.inc(label, value)),
    });
  }
}

async function refill(
  metric: { reset(): void },
  read: OwnMetric["read"],
  put: (labels: Labels, value: number) => void,
): Promise<void> {
  const samples = await read();
  metric.reset();
  for (const [labels, value] of samples) put(labels, value);
}

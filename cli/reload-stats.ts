/**
 * # What is told of reloads: metrics, and sentences for /healthz and the page
 */

import type { Registry } from "prom-client";
import { expose } from "./expose-metric.ts";
import type { ReloadStats } from "./reload.ts";

export function addReloadMetrics(registry: Registry, stats: () => ReloadStats): void {
  expose(registry, {
    type: "counter",
    name: "tidemark_config_reloads_total",
    help: "Times that the configuration was read anew, by what became of it.",
    labels: ["outcome"],
    read: () => [
      [{ outcome: "applied" }, stats().applied],
      [{ outcome: "refused" }, stats().refused],
    ],
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_config_refused",
    help: "1 while the configuration file as it was read last is refused, and the one before is in force.",
    read: () => [[{}, stats().problem === undefined ? 0 : 1]],
  });
  expose(registry, {
    type: "gauge",
    name: "tidemark_config_restart_needed",
    help: "Options of the configuration file that differ from those in force until a restart.",
    read: () => [[{}, stats().needRestart.length]],
  });
}

/** Nothing where the file is in force. */
export function reloadRemarks({ problem, needRestart }: ReloadStats): readonly string[] {
  const refused = problem
    ?.split("\n")
    .map((line) => line.trim())
    .join(" ");
  return [
    ...(refused === undefined ? [] : [`The configuration file is refused, and the one before is in force: ${refused}`]),
    ...(needRestart.length === 0 ? [] : [`A restart is needed for what has changed: ${needRestart.join(", ")}.`]),
  ];
}

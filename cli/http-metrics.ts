/**
 * # What our HTTP server did not answer, as a metric
 */

import type { Registry } from "prom-client";
import type { HttpCounts } from "../runtime/http/server.ts";
import { createHttpCounts } from "../runtime/http/server.ts";
import { expose } from "./expose-metric.ts";

/** The counts that the server is to write. */
export function addHttpMetrics(registry: Registry): HttpCounts {
  const counts = createHttpCounts();
  expose(registry, {
    type: "counter",
    name: "tidemark_http_unanswered_total",
    help: "Connections closed for a newcomer (evicted), newcomers without a place (refused), requests beyond an address's share (limited).",
    labels: ["reason"],
    read: () => Object.entries(counts).map(([reason, count]) => [{ reason }, count]),
  });
  return counts;
}

/** # Pipeline, what only the metrics of the processes tell: brokers, memory, the replay after a start */

import { chosen } from "../query/chosen.ts";
import { own } from "../query/intent.ts";
import type { PanelSpec } from "./panel-spec.ts";

const OWN = `{${chosen("instance")}}`;

export const PROCESS_PANELS: readonly PanelSpec[] = [
  {
    id: 13,
    title: "What is each cluster's picture worth?",
    description:
      "The word that holds for each cluster. Normal: ok. warming: the offsets topic is being replayed after a start. stale or unreachable: brokers are away.",
    view: { type: "timeseries" },
    unit: "none",
    width: 12,
    height: 8,
    intents: [own(`max by (cluster, condition) (tidemark_cluster_condition${OWN}) > 0`, "{{cluster}} {{condition}}")],
  },
  {
    id: 14,
    title: "What are brokers asked for?",
    description:
      "Requests to brokers per second, by cluster and request. Normal: steady. A jump without new groups: leaders move, or connections break.",
    view: { type: "timeseries" },
    unit: "cps",
    width: 12,
    height: 8,
    intents: [
      own(
        `sum by (cluster, api) (rate(tidemark_collector_requests_total${OWN}[$__rate_interval]))`,
        "{{cluster}} {{api}}",
      ),
    ],
  },
  {
    id: 15,
    title: "How much memory does it take?",
    description:
      "Resident memory of each process, and of it the feed. Normal: steady after the first hour. It grows with the groups that are watched; a climb without new groups is a leak: please report it.",
    view: { type: "timeseries" },
    unit: "bytes",
    width: 12,
    height: 8,
    intents: [
      own(`process_resident_memory_bytes${OWN} and on (instance) tidemark_build_info`, "{{instance}}"),
      own(`tidemark_feed_bytes${OWN}`, "{{instance}} feed"),
    ],
  },
  {
    id: 16,
    title: "Are connections cut, or ticks skipped?",
    description:
      "Per second. Normal: none. Cut connections: a broker did not answer in time. Skipped ticks: the process had no time, or the machine slept.",
    view: { type: "timeseries" },
    unit: "cps",
    width: 12,
    height: 8,
    intents: [
      own(
        `sum by (cluster) (rate(tidemark_collector_connections_cut_total${OWN}[$__rate_interval]))`,
        "{{cluster}} connections cut",
      ),
      own(`sum(rate(tidemark_ticks_skipped_total${OWN}[$__rate_interval]))`, "ticks skipped"),
    ],
  },
];

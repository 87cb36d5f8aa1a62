/** # The table of alerts: docs/alerts.md */

import { markdownTable } from "../../docs/markdown-table.ts";
import { BOARDS } from "../boards/catalogue.ts";
import type { AlertSpec } from "./alert.ts";
import { measuresOf } from "./alert.ts";
import { ALERTS } from "./all-alerts.ts";
import { WAYS } from "./contact-points.ts";

const LEAD = `One definition, three outputs: rules of Grafana on Elasticsearch, the same on InfluxDB, and rules of Prometheus. Each
has a runbook: what it means, where to look first, likely causes, what to do.

They are silent while a collector replays after a start, for groups without a verdict (warming, stale), for idle topics, and for a
rebalance that is over within a minute. No data is no trouble: only HeartbeatMissing fires where nothing is written at all. **While it
fires, the end of another alert says nothing of the group.** A store that does not answer changes no alert that reads it.

Fields are those of [history](fields.md); rules of Prometheus read the metrics of the same names, and of Tidemark itself what its processes
expose.`;

const FILES = [
  [
    "Grafana on Elasticsearch",
    "`provisioning/alerting/tidemark-elasticsearch.yaml`",
    "`/etc/grafana/provisioning/alerting/`",
  ],
  ["Grafana on InfluxDB", "`provisioning/alerting/tidemark-influxdb.yaml`", "the same folder"],
  ["Grafana, what is sent", "`provisioning/alerting/tidemark-templates.yaml`", "the same folder"],
  [
    "Grafana, where to",
    "`provisioning/contact-points/*.yaml`",
    "the same folder: a file per variable below that is set",
  ],
  ["Prometheus", "`rules/tidemark.yaml`", "`rule_files` of `prometheus.yml`"],
  [
    "Alertmanager",
    "`rules/tidemark.tmpl`, `rules/alertmanager.yaml`",
    "`templates`, and an example of a configuration",
  ],
] as const;

const USE = `Take the rules of one store: those of two would each send. Rules of Grafana look at the last minute, so an \`evaluate.interval\` of more
than 20 seconds needs a longer one. Links to runbooks are paths of this repository; write its address before them where they should
open by a click: \`sed -i 's|docs/runbooks/|https://git.example.org/tidemark/docs/runbooks/|'\` on the file of rules.

Alerts carry the labels \`service="tidemark"\`, \`severity\`, and what they are about. Group them by \`cluster\` and \`group\`, as the
files do: a group that has stopped is in ERR too, and that is one message, not two. \`policies.yaml\` of the contact points replaces the
organisation's whole tree of policies; whoever has one adds the route \`service = tidemark\` by hand instead.

\`npm run test:real -- alerts\` plays forty simulated minutes with an incident for each: on a real Elasticsearch 8.19.5 and InfluxDB 1.6.7
every alert fires in time, and for nobody else. Rules and messages of Prometheus are held by promtool 2.42 and amtool 0.25. In a Grafana
12.3.3 (\`GRAFANA_HOME\`) all rules are well, a stopped consumer is at a webhook within three minutes, and that it reads again, too.`;

export function alertsDocument(): string {
  const rows = ALERTS.map(rowOf);
  const ways = WAYS.map(({ variable, type }) => [`\`${variable}\``, type]);
  return [
    "# Alerts",
    LEAD,
    markdownTable(["alert", "severity", "fires when", "for", "fields", "panel"], rows),
    "## How to use them",
    markdownTable(["for", "file below `dashboards/out/`", "goes to"], FILES),
    USE,
    markdownTable(["variable of Grafana", "alerts by"], ways),
  ].join("\n\n");
}

function rowOf(alert: AlertSpec): readonly string[] {
  const { name, severity, when, forSeconds, condition, panel } = alert;
  const fields = measuresOf(condition).flatMap(({ kind, field, where }) => [
    `${kind}.${field}`,
    ...where.map((term) => `${kind}.${term.field}`),
  ]);
  const board = BOARDS.find((one) => one.name === panel.board);
  return [
    `[${name}](runbooks/${name}.md)`,
    severity,
    when,
    forSeconds === 0 ? "at once" : `${forSeconds} s`,
    [...new Set(fields)].map((field) => `\`${field}\``).join(", "),
    `${board?.title ?? panel.board}: ${titleOf(alert)}`,
  ];
}

/** The question that the panel asks. */
function titleOf({ panel }: Pick<AlertSpec, "panel">): string {
  const items = BOARDS.find(({ name }) => name === panel.board)?.items ?? [];
  const found = items.find(({ id }) => id === panel.id);
  if (found === undefined || "section" in found)
    throw new TypeError(`the board ${panel.board} has no panel ${panel.id}, which an alert names`);
  return found.title;
}

/**
 * # Everything that is generated: path under out/ to text
 *
 *     out/README.md                                      which store answers what
 *     out/<store>/<board>.json                           a board, ready to import
 *     out/provisioning/datasources/tidemark-<store>.yaml  how Grafana reaches the store
 *     out/provisioning/dashboards/tidemark-<store>.yaml   where Grafana finds the boards of the store
 *     out/provisioning/alerting/                         alerts on a store, and what is sent of them
 *     out/provisioning/contact-points/<variable>.yaml    where alerts go, where that variable is set
 *     out/rules/                                         alerts for Prometheus, and their messages
 */

import { contactPointText, policiesText, WAYS } from "./alerts/contact-points.ts";
import { grafanaRulesText } from "./alerts/grafana-rules.ts";
import { alertmanagerConfig, alertmanagerTemplate, grafanaTemplateText } from "./alerts/message.ts";
import { prometheusRulesText } from "./alerts/prometheus-rules.ts";
import { askElasticsearch, askInfluxdb } from "./alerts/rule-query.ts";
import { boardList } from "./board-list.ts";
import { BOARDS } from "./boards/catalogue.ts";
import { boardOf } from "./grafana/board.ts";
import { jsonText } from "./grafana/json-text.ts";
import { datasourceText } from "./provisioning/datasource.ts";
import { providerText } from "./provisioning/provider.ts";
import type { Backend } from "./query/backend.ts";
import { elasticsearch } from "./query/elasticsearch.ts";
import { influxdb } from "./query/influxql.ts";
import { prometheus } from "./query/promql.ts";

export const BACKENDS: readonly Backend[] = [elasticsearch, influxdb, prometheus];

export function outputs(): ReadonlyMap<string, string> {
  return new Map([
    ["README.md", boardList(BOARDS, BACKENDS)],
    ...BACKENDS.flatMap(boardFiles),
    ...BACKENDS.flatMap(provisioningFiles),
    ...alertFiles(),
  ]);
}

type OutputFile = readonly [path: string, text: string];

function boardFiles(backend: Backend): readonly OutputFile[] {
  return BOARDS.map((board) => [`${backend.name}/${board.name}.json`, jsonText(boardOf(board, backend))]);
}

function provisioningFiles(backend: Backend): readonly OutputFile[] {
  return [
    [`provisioning/datasources/tidemark-${backend.name}.yaml`, datasourceText(backend)],
    [`provisioning/dashboards/tidemark-${backend.name}.yaml`, providerText(backend)],
  ];
}

function alertFiles(): readonly OutputFile[] {
  return [
    ...[askElasticsearch, askInfluxdb].map(
      (store) => [`provisioning/alerting/tidemark-${store.backend.name}.yaml`, grafanaRulesText(store)] as const,
    ),
    ["provisioning/alerting/tidemark-templates.yaml", grafanaTemplateText()],
    ...WAYS.map((way) => [`provisioning/contact-points/${way.variable}.yaml`, contactPointText(way)] as const),
    ["provisioning/contact-points/policies.yaml", policiesText()],
    ["rules/tidemark.yaml", prometheusRulesText()],
    ["rules/tidemark.tmpl", alertmanagerTemplate()],
    ["rules/alertmanager.yaml", alertmanagerConfig()],
  ];
}

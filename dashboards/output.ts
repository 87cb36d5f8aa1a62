/**
 * # Everything that is generated: path under out/ to text
 *
 *     out/README.md                                      which store answers what
 *     out/<store>/<board>.json                           a board, ready to import
 *     out/provisioning/datasources/tidemark-<store>.yaml  how Grafana reaches the store
 *     out/provisioning/dashboards/tidemark-<store>.yaml   where Grafana finds the boards of the store
 */

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

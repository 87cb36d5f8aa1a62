/**
 * # Everything that is generated: path under out/ to text
 *
 *     out/<store>/<board>.json        a board, ready to import
 */

import { BOARDS } from "./boards/catalogue.ts";
import { boardOf } from "./grafana/board.ts";
import { jsonText } from "./grafana/json-text.ts";
import type { Backend } from "./query/backend.ts";
import { elasticsearch } from "./query/elasticsearch.ts";
import { influxdb } from "./query/influxql.ts";
import { prometheus } from "./query/promql.ts";

export const BACKENDS: readonly Backend[] = [elasticsearch, influxdb, prometheus];

export function outputs(): ReadonlyMap<string, string> {
  return new Map(
    BACKENDS.flatMap((backend) =>
      BOARDS.map((board) => [`${backend.name}/${board.name}.json`, jsonText(boardOf(board, backend))] as const),
    ),
  );
}

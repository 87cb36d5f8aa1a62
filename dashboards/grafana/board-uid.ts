/**
 * # The uid of a board
 *
 *     uid := "tidemark-" ("es" | "influx" | "prom") "-" board       40 characters at most; links and alerts name it
 */

import type { BoardName } from "../boards/panel-spec.ts";
import type { Backend } from "../query/backend.ts";

export function boardUid(backend: Pick<Backend, "short">, board: BoardName): string {
  return `tidemark-${backend.short}-${board}`;
}

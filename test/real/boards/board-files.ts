/** # The committed boards of a store, with variables to fill in */

import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import type { ClassicBoard, Panel, Target } from "../../../dashboards/lint/classic-board.ts";
import { ClassicBoard as Board, panelsOf } from "../../../dashboards/lint/classic-board.ts";
import { REPOSITORY } from "../places.ts";

export function boardsOf(store: string): readonly ClassicBoard[] {
  const folder = resolve(REPOSITORY, "dashboards/out", store);
  return readdirSync(folder).map((name) => Board.parse(JSON.parse(readFileSync(resolve(folder, name), "utf8"))));
}

export interface AskedTarget {
  /** Board, panel and target, as sentences of a failure name it. */
  readonly name: string;
  readonly panel: Panel;
  readonly target: Target;
}

export function targetsOf(boards: readonly ClassicBoard[]): readonly AskedTarget[] {
  return boards.flatMap((board) =>
    panelsOf(board).flatMap((panel) =>
      panel.targets.map((target) => {
        const name = `${board.uid.split("-").at(-1)} ${panel.id} ${target.refId}`;
        return { name, panel, target };
      }),
    ),
  );
}

/** What is chosen on a board: a value, or all. */
export type Chosen = Readonly<Record<string, string | undefined>>;

/** The time that a board shows; both ends belong to it. */
export interface Span {
  readonly fromMs: number;
  readonly toMs: number;
}

export interface Asking {
  readonly target: Target;
  readonly chosen: Chosen;
  readonly span: Span;
}

/** Lines by name and row, as bucket or column to value: what a panel would draw. */
export type Drawn = ReadonlyMap<string, number>;

export const INTERVAL_MS = 30_000;

/** In one store they are a part of the row's name, in the other columns. */
const WORDS: readonly string[] = ["owner", "client_id"];

/** Dimensions of a row, by their names. */
export function labelOf(dimensions: Readonly<Record<string, string>>): string {
  return Object.keys(dimensions)
    .filter((name) => !WORDS.includes(name))
    .toSorted()
    .map((name) => dimensions[name])
    .join(" ");
}

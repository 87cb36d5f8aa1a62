/**
 * # A panel of the catalogue
 *
 * What it asks and how it is drawn, for every store alike. The title is a question, the description says what is normal and what
 * to do. The id is for ever: links and alerts name it.
 */

import type { Intent } from "../query/intent.ts";

/** As Grafana names them (packages/grafana-data/src/valueFormats/categories.ts). */
export type Unit = "short" | "s" | "recps" | "bytes" | "percentunit" | "dateTimeFromNow" | "none" | "cps";

export interface Step {
  /** From here on; undefined for the lowest. */
  readonly from: number | undefined;
  readonly colour: string;
}

/** What values mean: Burrow's numbers for a status, or 1 and 0 for met and missed, or for up and away. */
export type Meaning = "status" | "objective" | "up";

export type View =
  | { readonly type: "stat"; readonly reduce: "lastNotNull" | "max" | "min" | "sum"; readonly meaning?: Meaning }
  | { readonly type: "timeseries"; readonly stacked?: boolean; readonly line?: "threshold" }
  | { readonly type: "state-timeline"; readonly meaning: Meaning }
  | { readonly type: "status-history" }
  | { readonly type: "table"; readonly statusColumns?: readonly string[]; readonly links?: readonly BoardLink[] };

/** A link from a row to a board about what the row names. */
export interface BoardLink {
  readonly board: BoardName;
  readonly title: string;
  /** Columns that become variables of the same name. */
  readonly variables: readonly ("cluster" | "group" | "topic")[];
}

export type BoardName = "overview" | "group" | "topic" | "pipeline" | "slo";

export interface PanelSpec {
  /** Unique on its board, never given to another panel. */
  readonly id: number;
  readonly title: string;
  readonly description: string;
  readonly view: View;
  readonly unit: Unit;
  /** In Grafana's grid of 24 columns; a line of it is 30 pixels high. */
  readonly width: number;
  readonly height: number;
  readonly intents: readonly Intent[];
  readonly steps?: readonly Step[];
  /** Colours of lines by their names. */
  readonly colours?: readonly { readonly name: string; readonly colour: string }[];
  /** Units of columns by their headings, where they differ from the panel's. */
  readonly units?: Readonly<Record<string, Unit>>;
  /** Only the time that has just passed, whatever the board shows: "2m". */
  readonly lastTime?: string;
  readonly decimals?: number;
}

/** A heading above the panels that follow it. */
export interface Section {
  readonly id: number;
  readonly section: string;
}

export interface BoardSpec {
  readonly name: BoardName;
  readonly title: string;
  readonly description: string;
  readonly variables: readonly VariableSpec[];
  readonly items: readonly (PanelSpec | Section)[];
  /** Marks of events are narrowed to these. */
  readonly eventScope: readonly ("cluster" | "group")[];
}

export interface VariableSpec {
  readonly dimension: "cluster" | "group" | "topic" | "instance";
  readonly label: string;
  /** Whether several, and all, may be chosen. */
  readonly many: boolean;
  readonly kind: "group" | "group_topic" | "self";
  readonly scope: readonly ("cluster" | "group")[];
}

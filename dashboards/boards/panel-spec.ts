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
  | {
      readonly type: "timeseries";
      readonly stacked?: boolean;
      readonly line?: "threshold";
      /** Where minutes and days stand side by side. */
      readonly logarithmic?: boolean;
    }
  | {
      readonly type: "state-timeline";
      readonly meaning: Meaning;
      /** Of lines, by their names, where another one holds. */
      readonly meanings?: Readonly<Record<string, Meaning>>;
    }
  | { readonly type: "status-history" }
  /** meanings: of columns, by their headings. */
  | {
      readonly type: "table";
      readonly meanings?: Readonly<Record<string, Meaning>>;
      readonly links?: readonly BoardLink[];
    };

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
  /** Values below 0 are to be seen. */
  readonly isSigned?: boolean;
  /** Columns that links need and nobody reads, by their headings. */
  readonly hidden?: readonly string[];
  /** What it says where there is nothing, and that is well; otherwise "no data". */
  readonly empty?: string;
  /** Pixels of columns by their headings, where their share is not enough. */
  readonly widths?: Readonly<Record<string, number>>;
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
  readonly choices?: readonly Choice[];
  readonly items: readonly (PanelSpec | Section)[];
  /** Marks of events are narrowed to these. */
  readonly eventScope: readonly ("cluster" | "group")[];
}

/** A number that no store has; the first value holds until another is chosen. */
export interface Choice {
  readonly name: string;
  readonly label: string;
  readonly values: readonly string[];
}

export interface VariableSpec {
  readonly dimension: "cluster" | "group" | "topic" | "instance";
  readonly label: string;
  /** Whether several, and all, may be chosen. */
  readonly many: boolean;
  readonly kind: "group" | "group_topic" | "self";
  readonly scope: readonly ("cluster" | "group")[];
}

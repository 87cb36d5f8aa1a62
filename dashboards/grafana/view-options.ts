/**
 * # The options of each kind of panel
 */

import type { View } from "../boards/panel-spec.ts";
import type { JsonObject } from "../query/backend.ts";
import type { Lines } from "./lines.ts";

export interface OptionsOf {
  readonly view: View;
  /** The field that holds an instant, where it is not the value. */
  readonly instantField: string | undefined;
  readonly sort: readonly TableSort[];
  readonly lines: Lines;
}

export interface TableSort {
  readonly heading: string;
  readonly desc: boolean;
}

export function optionsOf({ view, instantField, sort, lines }: OptionsOf): JsonObject {
  switch (view.type) {
    case "stat":
      return {
        reduceOptions: {
          calcs: [view.reduce],
          fields: instantField === undefined ? "" : `/^${instantField}$/`,
          values: false,
        },
        colorMode: "background_solid",
        graphMode: "none",
        justifyMode: "auto",
        orientation: "auto",
        textMode: "auto",
        wideLayout: true,
      };
    case "timeseries":
      return {
        // Many names below the lines would leave no room for the lines.
        legend: lines.areMany
          ? {
              displayMode: "table",
              placement: "right",
              showLegend: true,
              calcs: ["lastNotNull"],
              sortBy: "Last *",
              sortDesc: lines.worst === "largest",
            }
          : { displayMode: "list", placement: "bottom", showLegend: true, calcs: ["lastNotNull"] },
        tooltip: { mode: "multi", sort: "desc" },
      };
    case "state-timeline":
      return {
        mergeValues: true,
        showValue: "auto",
        rowHeight: 0.85,
        alignValue: "left",
        legend: { displayMode: "list", placement: "bottom", showLegend: true },
        tooltip: { mode: "single", sort: "none" },
      };
    case "status-history":
      return {
        showValue: "never",
        rowHeight: 0.9,
        legend: { displayMode: "list", placement: "bottom", showLegend: false },
        tooltip: { mode: "single", sort: "none" },
      };
    case "table":
      return {
        showHeader: true,
        cellHeight: "sm",
        sortBy: sort.map(({ heading, desc }) => ({ displayName: heading, desc })),
        footer: { show: false, reducer: ["sum"], countRows: false },
      };
  }
}

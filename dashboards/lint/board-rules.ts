/**
 * # What every board must keep, of whichever store
 *
 * Each rule is a function from boards to sentences, one per breach, so that it can be shown to fail. They are those of
 * grafana/dashboard-linter (v0.2.0) that fit, and ours. Not theirs: `job` and `instance` variables, since a group is no target.
 */

import type { ClassicBoard, Panel } from "./classic-board.ts";
import { panelsOf } from "./classic-board.ts";

export const PANELS_MAX = 20;
const COLUMNS = 24;
const DATASOURCE = `\${datasource}`;
const UNITS = ["short", "s", "recps", "bytes", "percentunit", "dateTimeFromNow", "none", "cps"];
const DESCRIPTION_CHARS_MIN = 60;

export function doubles(boards: readonly ClassicBoard[]): readonly string[] {
  const uids = twice(boards.map(({ uid }) => uid)).map((uid) => `two boards have the uid ${uid}`);
  const inside = boards.flatMap((board) => [
    ...twice(board.panels.map(({ id }) => String(id))).map((id) => `${board.uid}: two panels have the id ${id}`),
    ...panelsOf(board).flatMap((panel) =>
      twice(panel.targets.map(({ refId }) => refId)).map((refId) => `${at(board, panel)}: two targets are ${refId}`),
    ),
  ]);
  return [...uids, ...inside];
}

function twice(values: readonly string[]): readonly string[] {
  return [...new Set(values.filter((value, index) => values.indexOf(value) !== index))];
}

export function overlaps(boards: readonly ClassicBoard[]): readonly string[] {
  return boards.flatMap((board) =>
    board.panels.flatMap((one, index) => {
      const { x, w } = one.gridPos;
      const outside =
        x < 0 || w < 1 || x + w > COLUMNS ? [`${board.uid}: panel ${one.id} stands outside the grid`] : [];
      const over = board.panels
        .slice(index + 1)
        .filter((other) => meet(one.gridPos, other.gridPos))
        .map((other) => `${board.uid}: panels ${one.id} and ${other.id} overlap`);
      return [...outside, ...over];
    }),
  );
}

type Position = Panel["gridPos"];

function meet(left: Position, right: Position): boolean {
  return (
    left.x < right.x + right.w && right.x < left.x + left.w && left.y < right.y + right.h && right.y < left.y + left.h
  );
}

export function tooManyPanels(boards: readonly ClassicBoard[]): readonly string[] {
  return boards
    .filter((board) => panelsOf(board).length > PANELS_MAX)
    .map((board) => `${board.uid} has ${panelsOf(board).length} panels; nobody reads more than ${PANELS_MAX}`);
}

/** A question, and what is normal. */
export function poorTexts(boards: readonly ClassicBoard[]): readonly string[] {
  return everyPanel(boards, (panel) => [
    ...(panel.title.endsWith("?") ? [] : ["its title is no question"]),
    ...(panel.description.length < DESCRIPTION_CHARS_MIN ? ["its description says too little"] : []),
    ...(/Normal:/.test(panel.description) ? [] : ["its description does not say what is normal"]),
  ]);
}

export function poorFields(boards: readonly ClassicBoard[]): readonly string[] {
  return everyPanel(boards, ({ fieldConfig, targets }) => {
    const { unit, thresholds } = fieldConfig.defaults;
    const froms = thresholds.steps.map(({ value }) => value ?? Number.NEGATIVE_INFINITY);
    return [
      ...(UNITS.includes(unit) ? [] : [`${unit} is no unit of ours`]),
      ...(thresholds.steps[0]?.value === null ? [] : ["its first threshold is not the lowest"]),
      ...(froms.every((from, index) => index === 0 || from > (froms[index - 1] ?? from))
        ? []
        : ["its thresholds do not rise"]),
      ...(targets.length === 0 ? ["it asks nothing"] : []),
    ];
  });
}

/** Exactly one, which everything that asks names. */
export function looseDatasources(boards: readonly ClassicBoard[]): readonly string[] {
  return boards.flatMap((board) => {
    const chosen = board.templating.list.filter(({ type }) => type === "datasource");
    const [first] = chosen;
    const asked = [
      ...panelsOf(board).flatMap((panel) => [panel.datasource, ...panel.targets.map(({ datasource }) => datasource)]),
      ...board.templating.list.flatMap(({ datasource }) => (datasource === undefined ? [] : [datasource])),
      ...board.annotations.list.map(({ datasource }) => datasource).filter(({ type }) => type !== "grafana"),
    ];
    return [
      ...(chosen.length === 1 && first?.name === "datasource" && first.label === "Data Source"
        ? []
        : [`${board.uid} must have one variable for its data source, called datasource and labelled Data Source`]),
      ...asked
        .filter(({ type, uid }) => uid !== DATASOURCE || type !== first?.query)
        .map(({ type, uid }) => `${board.uid} asks ${type} ${uid} instead of the chosen data source`),
    ];
  });
}

/** Variables follow the time range; several at once want a way to say all. */
export function poorVariables(boards: readonly ClassicBoard[]): readonly string[] {
  return boards.flatMap((board) =>
    board.templating.list
      .filter(({ type }) => type === "query")
      .flatMap(({ name, refresh, multi, includeAll, allValue }) => [
        ...(refresh === 2 ? [] : [`${board.uid}: $${name} does not follow the time range`]),
        ...(multi && (!includeAll || allValue === undefined) ? [`${board.uid}: $${name} has no value for all`] : []),
        ...(!multi && includeAll ? [`${board.uid}: $${name} takes all, but not several`] : []),
      ]),
  );
}

export function editable(boards: readonly ClassicBoard[]): readonly string[] {
  return boards.filter((board) => board.editable).map(({ uid }) => `${uid} can be edited; it is generated`);
}

/** Grafana's own, and those of a data source. */
const BUILT_IN = /^(__\w+|timeFilter|tag_\w+)$/;

/** A variable of ours that no board has stays as it is written, and finds nothing. */
export function unknownVariables(boards: readonly ClassicBoard[]): readonly string[] {
  return boards.flatMap((board) => {
    const known = board.templating.list.map(({ name }) => name);
    const asking = [
      ...panelsOf(board).flatMap(({ targets }) => targets),
      ...board.templating.list.map(({ query }) => query),
      board.annotations.list,
    ];
    const used = new Set(asking.flatMap((one) => variablesIn(JSON.stringify(one))));
    return [...used]
      .filter((name) => !known.includes(name) && !BUILT_IN.test(name))
      .map((name) => `${board.uid} uses $${name}, which is no variable of it`);
  });
}

function variablesIn(text: string): readonly string[] {
  return [...text.matchAll(/\$\{?(\w+)/g)].map((match) => match[1] ?? "");
}

/** Links lead to a board that is there, give variables that it has, and keep time and data source. */
export function brokenLinks(boards: readonly ClassicBoard[]): readonly string[] {
  return everyPanel(boards, (panel) =>
    linksOf(panel).flatMap((url) => {
      const [path = "", query = ""] = url.split("?");
      const target = boards.find(({ uid }) => path === `/d/${uid}`);
      if (target === undefined) return [`it links to ${path}, which is no board`];
      const known = target.templating.list.map(({ name }) => name);
      const given = [...query.matchAll(/var-(\w+)=/g)].map((match) => match[1] ?? "");
      return [
        ...given.filter((name) => !known.includes(name)).map((name) => `its link gives ${name} to ${target.uid}`),
        ...(given.includes("datasource") ? [] : ["its link forgets the data source"]),
        ...(query.includes(`\${__url_time_range}`) ? [] : ["its link forgets the time"]),
        ...(/__data\.fields\.\w+\}/.test(query) ? ["its link does not percent-encode a name"] : []),
      ];
    }),
  );
}

function linksOf({ fieldConfig }: Panel): readonly string[] {
  const urls = [...JSON.stringify(fieldConfig.overrides).matchAll(/"url":"([^"]+)"/g)];
  return urls.map((match) => match[1] ?? "");
}

/** Each board leads to all others of its store. */
export function lonelyBoards(boards: readonly ClassicBoard[]): readonly string[] {
  return boards.flatMap((board) => {
    const [link] = board.links;
    if (link === undefined || !link.keepTime || !link.includeVars)
      return [`${board.uid} has no link that keeps time and variables`];
    const [tag = ""] = link.tags;
    return board.tags.includes(tag) ? [] : [`${board.uid} does not have the tag ${tag} of its own links`];
  });
}

/** Whatever shows a status shows its word. */
export function colourAlone(boards: readonly ClassicBoard[]): readonly string[] {
  return everyPanel(boards, ({ targets, type, fieldConfig }) => {
    // A table may show the share of objectives met, which is a number.
    const words = type === "table" ? /status_code/ : /status_code|objective_met|source_up/;
    const asksStatus = targets.some((target) => words.test(JSON.stringify(target)));
    const looks = [...fieldConfig.defaults.mappings, ...mappingOverrides(fieldConfig.overrides)];
    const drawn = type === "state-timeline" || type === "table" || type === "stat";
    return asksStatus && drawn && !JSON.stringify(looks).includes('"text"')
      ? ["it shows a status without its word"]
      : [];
  });
}

/** A board that nothing is written for any more must say so. */
export function staleInSilence(boards: readonly ClassicBoard[]): readonly string[] {
  return boards
    .filter((board) => !panelsOf(board).some(({ fieldConfig }) => fieldConfig.defaults.unit === "dateTimeFromNow"))
    .map(({ uid }) => `${uid} does not say how old its newest point is`);
}

/** What is counted is coloured from one on. */
export function alarmingZeros(boards: readonly ClassicBoard[]): readonly string[] {
  return everyPanel(boards, ({ type, fieldConfig }) =>
    type === "stat" && fieldConfig.overrides.some(({ properties }) => properties.some(({ id }) => id === "color"))
      ? ["it colours a number whatever it is"]
      : [],
  );
}

function mappingOverrides(overrides: Panel["fieldConfig"]["overrides"]): readonly unknown[] {
  return overrides.flatMap(({ properties }) => properties.filter(({ id }) => id === "mappings"));
}

function everyPanel(boards: readonly ClassicBoard[], check: (panel: Panel) => readonly string[]): readonly string[] {
  return boards.flatMap((board) =>
    panelsOf(board).flatMap((panel) => check(panel).map((said) => `${at(board, panel)}: ${said}`)),
  );
}

function at(board: ClassicBoard, panel: Panel): string {
  return `${board.uid} panel ${panel.id}`;
}

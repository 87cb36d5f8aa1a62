/** Every generated board keeps every rule; and each rule fails for a board that breaks it. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { BACKENDS, outputs } from "../output.ts";
import * as boardRules from "./board-rules.ts";
import { ClassicBoard } from "./classic-board.ts";
import * as queryRules from "./query-rules.ts";

const isBoard = ([path]: readonly [string, string]) => /^(elasticsearch|influxdb|prometheus)\//.test(path);
const texts = [...outputs()].filter(isBoard).map(([, text]) => text);
const boards = texts.map((text) => ClassicBoard.parse(JSON.parse(text)));
const { PANELS_MAX, ...rest } = boardRules;
const rules: Readonly<Record<string, (boards: readonly ClassicBoard[]) => readonly string[]>> = {
  ...rest,
  ...queryRules,
};

for (const [name, rule] of Object.entries(rules))
  test(`every board keeps ${name}`, () => assert.deepEqual(rule(boards), []));

test("there are boards of every store, and none has more panels than it says", () => {
  for (const { short } of BACKENDS) assert.ok(boards.some(({ uid }) => uid.startsWith(`tidemark-${short}-`)));
  assert.equal(PANELS_MAX, 20);
});

/** What is put into the text of a good board to break it, and the rule that must see it. */
const breaks: readonly { readonly rule: string; readonly store: string; readonly from: RegExp; readonly to: string }[] =
  [
    { rule: "doubles", store: "elasticsearch", from: /"id": 2,/, to: '"id": 1,' },
    { rule: "overlaps", store: "elasticsearch", from: /"x": 12,/, to: '"x": 2,' },
    { rule: "poorTexts", store: "elasticsearch", from: /How many groups are in which state\?/, to: "Groups" },
    { rule: "poorFields", store: "elasticsearch", from: /"unit": "s"/, to: '"unit": "seconds"' },
    { rule: "looseDatasources", store: "elasticsearch", from: /"label": "Data Source"/, to: '"label": "Source"' },
    { rule: "looseDatasources", store: "influxdb", from: /"uid": "\$\{datasource\}"/, to: '"uid": "fixed"' },
    { rule: "poorVariables", store: "elasticsearch", from: /"refresh": 2/, to: '"refresh": 1' },
    { rule: "editable", store: "elasticsearch", from: /"editable": false/, to: '"editable": true' },
    { rule: "unknownVariables", store: "elasticsearch", from: /group:\$group/, to: "group:$groups" },
    { rule: "brokenLinks", store: "elasticsearch", from: /\/d\/tidemark-es-group\?/, to: "/d/tidemark-es-grup?" },
    { rule: "brokenLinks", store: "elasticsearch", from: /fields\.group:percentencode/, to: "fields.group" },
    { rule: "lonelyBoards", store: "elasticsearch", from: /"keepTime": true/, to: '"keepTime": false' },
    { rule: "colourAlone", store: "elasticsearch", from: /"text": "OK"/g, to: '"name": "OK"' },
    { rule: "alarmingZeros", store: "elasticsearch", from: /"id": "thresholds"/, to: '"id": "color"' },
    { rule: "staleInSilence", store: "elasticsearch", from: /"unit": "dateTimeFromNow",/, to: '"unit": "s",' },
    { rule: "poorElasticsearch", store: "elasticsearch", from: /group:\$group/, to: 'group:\\"$group\\"' },
    { rule: "poorElasticsearch", store: "elasticsearch", from: /"query": "kind:group/, to: '"query": "kind:grup' },
    { rule: "poorInfluxql", store: "influxdb", from: /\$timeFilter/g, to: "time > 0" },
    { rule: "poorInfluxql", store: "influxdb", from: /\$\{cluster:regex\}/, to: "$cluster" },
    { rule: "poorPromql", store: "prometheus", from: /=~`\$\{cluster:regex\}`/, to: '=~\\"$cluster\\"' },
  ];

for (const { rule, store, from, to } of breaks)
  test(`${rule} sees ${to} in a board of ${store}`, () => {
    const whole = outputs().get(`${store}/overview.json`) ?? "";
    const broken =
      rule === "colourAlone" ? whole.replaceAll(/"text": "[A-Za-z ]+"/g, '"name": ""') : whole.replace(from, to);
    assert.notEqual(broken, whole);
    const parsed = JSON.parse(broken);
    const others = boards.filter(({ uid }) => uid !== parsed.uid);
    assert.notDeepEqual(rules[rule]?.([parsed, ...others]), []);
  });

test("a board with a panel too many, and one with a key that Grafana would ignore, are seen", () => {
  const [board] = boards;
  assert.ok(board !== undefined);
  const panel = board.panels.find(({ type }) => type !== "row");
  assert.ok(panel !== undefined);
  const many = { ...board, panels: Array.from({ length: PANELS_MAX + 1 }, () => panel) };
  assert.equal(boardRules.tooManyPanels([many]).length, 1);
  assert.throws(() => ClassicBoard.parse({ ...board, panels: [{ ...panel, tittle: "x" }] }));
});

/** Which variables are put in, and that no board names one that is not. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { panelQueries, withVariables } from "./panel-query.ts";
import { STORES } from "./stores.ts";

const chosen = {
  datasource: { type: "influxdb", uid: "tidemark-influx" },
  variables: { group: "shop-mailer", cluster: "demo" },
};
const part = (inside: string): string => ["$", "{", inside, "}"].join("");
const rows: readonly (readonly [string, string, string])[] = [
  ["a bare name", "group:$group", "group:shop-mailer"],
  ["a name with a format", `/^${part("group:regex")}$/`, "/^shop-mailer$/"],
  ["a name in braces", part("cluster"), "demo"],
  ["the data source", part("datasource"), "tidemark-influx"],
  ["what the data source itself puts in", "$timeFilter $__interval $tag_group", "$timeFilter $__interval $tag_group"],
];
for (const [name, from, to] of rows)
  test(`${name} is put in, or left`, () => assert.equal(withVariables(from, chosen), to));

for (const { store, type, uid, variables } of STORES)
  test(`every variable of the boards on ${store} has a value`, () => {
    const folder = new URL(`../../dashboards/out/${store}/`, import.meta.url);
    const boards = readdirSync(folder).map((name) => JSON.parse(readFileSync(new URL(name, folder), "utf8")));
    const panels = boards.flatMap((board) => panelQueries(board, { datasource: { type, uid }, variables }));
    assert.ok(panels.length > 30);
    const left = JSON.stringify(panels).match(/\$\{\w+(:\w+)?\}|\$(?!timeFilter|tag_)[a-z]\w*/g) ?? [];
    assert.deepEqual([...new Set(left)], []);
  });

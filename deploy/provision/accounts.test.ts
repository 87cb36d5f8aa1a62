/** The accounts of both stores have the least rights, and are asked for so that a second time changes nothing but passwords. */

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";
import { elasticsearchAccounts } from "./elasticsearch-accounts.ts";
import { firstAdmin, influxdbAccounts } from "./influxdb-accounts.ts";

const passwords = { shipper: "shippersecret", grafana: "grafanasecret" };

test("in Elasticsearch the shipper creates and does not read, Grafana reads and does not write, on our indices alone", () => {
  const requests = elasticsearchAccounts(passwords);
  assert.deepEqual(requests, [
    {
      path: "/_security/role/tidemark_shipper",
      body: {
        cluster: ["monitor"],
        indices: [{ names: ["tidemark-*"], privileges: ["create_doc", "auto_configure"] }],
      },
    },
    { path: "/_security/user/tidemark_shipper", body: { password: "shippersecret", roles: ["tidemark_shipper"] } },
    {
      path: "/_security/role/tidemark_grafana",
      body: {
        cluster: ["monitor"],
        indices: [{ names: ["tidemark-*"], privileges: ["read", "view_index_metadata"] }],
      },
    },
    { path: "/_security/user/tidemark_grafana", body: { password: "grafanasecret", roles: ["tidemark_grafana"] } },
  ]);
});

test("the rights of the shipper are those that docs/stores.md says", () => {
  const said = readFileSync(new URL("../../docs/stores.md", import.meta.url), "utf8");
  const writing = said.split("\n").find((line) => line.startsWith("| writing ")) ?? "";
  const [role] = elasticsearchAccounts(passwords);
  for (const right of JSON.stringify(role?.body).match(/create_doc|auto_configure|monitor/g) ?? assert.fail())
    assert.ok(writing.includes(`\`${right}\``), right);
});

test("in InfluxDB the shipper writes and Grafana reads", () => {
  assert.deepEqual(influxdbAccounts(passwords, new Set(["tidemark_admin"])), [
    `CREATE USER "tidemark_shipper" WITH PASSWORD 'shippersecret'`,
    `GRANT WRITE ON "tidemark" TO "tidemark_shipper"`,
    `CREATE USER "tidemark_grafana" WITH PASSWORD 'grafanasecret'`,
    `GRANT READ ON "tidemark" TO "tidemark_grafana"`,
  ]);
  assert.equal(firstAdmin("x"), `CREATE USER "tidemark_admin" WITH PASSWORD 'x' WITH ALL PRIVILEGES`);
});

test("a user that is there gets the password anew", () => {
  const [first] = influxdbAccounts(passwords, new Set(["tidemark_shipper"]));
  assert.equal(first, `SET PASSWORD FOR "tidemark_shipper" = 'shippersecret'`);
});

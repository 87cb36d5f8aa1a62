/** The accounts of the stack on a real InfluxDB 1.x: each may do its part and no more, and a new password counts. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { basicOf } from "../../../deploy/provision/http.ts";
import { ensureAccounts, ensureAdmin } from "../../../deploy/provision/influxdb.ts";
import { INFLUXDB_ADMIN } from "../../../deploy/provision/influxdb-accounts.ts";
import { type Influx, startInflux } from "../influxdb/server.ts";

const adminPassword = "a".repeat(32);
const first = { shipper: "b".repeat(32), grafana: "c".repeat(32) };

let influx: Influx;
before(async () => {
  influx = await startInflux({ admin: { username: INFLUXDB_ADMIN, password: adminPassword } });
  await influx.query("", "CREATE DATABASE tidemark");
  await ensureAdmin(access());
  await ensureAccounts(access(), first);
});
after(() => influx[Symbol.asyncDispose]());

const access = () => ({ url: influx.url, adminPassword, wait: async () => undefined });

async function statusOfWrite(user: string, password: string): Promise<number> {
  const headers = { authorization: basicOf(user, password) };
  const answer = await fetch(`${influx.url}/write?db=tidemark`, { method: "POST", headers, body: "points value=1" });
  return answer.status;
}

/** What is read, or the refusal. */
async function textOfRead(user: string, password: string): Promise<string> {
  const q = new URLSearchParams({ db: "tidemark", q: "SELECT value FROM points" });
  const answer = await fetch(`${influx.url}/query?${q}`, { headers: { authorization: basicOf(user, password) } });
  return answer.text();
}

test("the shipper writes and does not read", async () => {
  assert.equal(await statusOfWrite("tidemark_shipper", first.shipper), 204);
  assert.match(await textOfRead("tidemark_shipper", first.shipper), /not authorized/);
});

test("Grafana reads and does not write", async () => {
  assert.match(await textOfRead("tidemark_grafana", first.grafana), /"points"/);
  assert.equal(await statusOfWrite("tidemark_grafana", first.grafana), 403);
});

test("made again with another password, the old one is refused", async () => {
  const second = { ...first, shipper: "d".repeat(32) };
  await ensureAccounts(access(), second);
  assert.equal(await statusOfWrite("tidemark_shipper", first.shipper), 401);
  assert.equal(await statusOfWrite("tidemark_shipper", second.shipper), 204);
});

/** One list of requests on a real InfluxDB and on the fake: the class of every answer is equal, and so is what is stored. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { answerClass } from "../../../shipper/sink/http/answer-class.ts";
import type { FakeInflux } from "../../stores/influxdb.ts";
import { startFakeInflux } from "../../stores/influxdb.ts";
import { INFLUX_BODY_BYTES_MAX, INFLUX_CORPUS } from "../../stores/influxdb-corpus.ts";
import type { Influx } from "./server.ts";
import { startInflux } from "./server.ts";

test("the fake InfluxDB answers as a real one, and stores the same", async (t) => {
  const limits = { bodyBytesMax: INFLUX_BODY_BYTES_MAX };
  await using real = await startInflux(limits);
  await real.query("", 'CREATE DATABASE "tidemark"');
  await using fake = await startFakeInflux({ dialect: "v1", databases: ["tidemark"], ...limits });
  for (const { name, path, body } of INFLUX_CORPUS) {
    await t.test(name, async () => {
      const [ofReal, ofFake] = [await asked(real.url + path, body), await asked(fake.url + path, body)];
      assert.equal(ofFake.class, ofReal.class, `real: ${ofReal.text}\nfake: ${ofFake.text}`);
      assert.deepEqual(storedInFake(fake), await storedInReal(real));
    });
  }
});

async function asked(url: string, body: string) {
  const answer = await fetch(url, { method: "POST", body });
  return { class: answerClass(answer.status), text: `${answer.status} ${await answer.text()}` };
}

/** One text a point: its tag, then its fields by name. */
function storedInFake({ points }: FakeInflux): readonly string[] {
  return [...points.values()]
    .map(({ tags, fields, time }) => {
      const values = [...fields].map(([name, { type, value }]) => [name, type === "string" ? value : Number(value)]);
      return JSON.stringify([Number(time), tags.get("g"), values.toSorted()]);
    })
    .toSorted();
}

async function storedInReal(real: Influx): Promise<readonly string[]> {
  const [series] = await real.query("tidemark", "SELECT * FROM m");
  if (series === undefined) return [];
  const { columns, values } = series;
  return values
    .map((row) => {
      const known = columns.flatMap((name, at) => (row[at] === null ? [] : [[name, row[at]]]));
      const fields = known.filter(([name]) => name !== "time" && name !== "g");
      const cellOf = (name: string) => row[columns.indexOf(name)];
      return JSON.stringify([cellOf("time"), cellOf("g") ?? undefined, fields.toSorted()]);
    })
    .toSorted();
}

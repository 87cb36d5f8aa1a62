/** Each query of each board is asked of a real Elasticsearch, InfluxDB and Prometheus: it finds something, and the same in all. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type Asking, boardsOf, type Chosen, type Drawn, targetsOf } from "./board-files.ts";
import * as es from "./elasticsearch-query.ts";
import { exposedWorld } from "./exposed.ts";
import { type Filled, startFilled } from "./filled.ts";
import * as influx from "./influxdb-query.ts";
import * as prom from "./prometheus-query.ts";
import { differences, hasLike, likesOf } from "./same.ts";
import { CLUSTER, GROUPS, HOSTILE, HOSTILE_STORED, SPAN, TOPIC, worldPoints } from "./world.ts";

let stores: Filled;
const ofElasticsearch = (asked: Omit<Asking, "span">) =>
  es.drawnOf(stores.urls.elasticsearch, { ...asked, span: SPAN });
const ofInfluxdb = (asked: Omit<Asking, "span">) => influx.drawnOf(stores.urls.influxdb, { ...asked, span: SPAN });

before(async () => {
  stores = await startFilled({ points: worldPoints(), history: exposedWorld() });
});
after(() => stores[Symbol.asyncDispose]());

const ALL: Chosen = {};
const ONE: Chosen = { cluster: CLUSTER, group: HOSTILE_STORED };
const OF_TOPIC: Chosen = { cluster: CLUSTER, topic: TOPIC };

function chosenFor(name: string): Chosen {
  if (name.startsWith("group ")) return ONE;
  return name.startsWith("topic ") ? OF_TOPIC : ALL;
}

const ofEs = targetsOf(boardsOf("elasticsearch"));
const ofInflux = targetsOf(boardsOf("influxdb"));

test("both stores are asked the same", () => {
  assert.ok(ofEs.length > 50);
  assert.deepEqual(
    ofEs.map(({ name }) => name),
    ofInflux.map(({ name }) => name),
  );
});

for (const [index, { name, panel, target }] of ofEs.entries())
  test(`${name}: ${panel.title}`, async () => {
    const other = ofInflux[index];
    assert.ok(other !== undefined);
    const chosen = chosenFor(name);
    const left = await ofElasticsearch({ target, chosen });
    const right = await ofInfluxdb({ target: other.target, chosen });
    assert.ok(left.size > 0, "Elasticsearch finds nothing");
    assert.ok(right.size > 0, "InfluxDB finds nothing");
    // The newest point is the instant of a row in InfluxDB, and a column in Elasticsearch.
    if (panel.fieldConfig.defaults.unit === "dateTimeFromNow") return;
    assert.deepEqual(differences(left, right), []);
  });

const ofProm = targetsOf(boardsOf("prometheus"));

for (const asked of ofProm.filter(({ name }) => !name.startsWith("pipeline ")))
  test(`Prometheus, ${asked.name}: ${asked.panel.title}`, async () => {
    const { name, target } = asked;
    const stored = chosenFor(name);
    const chosen = stored === ONE ? { ...ONE, group: HOSTILE } : stored;
    const drawn = await prom.drawnOf(stores.urls.prometheus, { target, chosen, span: SPAN });
    assert.ok(drawn.size > 0, `Prometheus finds nothing: ${target.expr}`);
    if (!hasLike(asked)) return;
    const start = name.split(" ").slice(0, 2).join(" ");
    const same = ofEs.filter((one) => one.name.startsWith(`${start} `));
    const all = await Promise.all(same.map((one) => ofElasticsearch({ target: one.target, chosen: stored })));
    assert.deepEqual(differences(likesOf(drawn, all), drawn), []);
  });

test("a name that would end a query finds itself, and nothing else", async () => {
  const table = (targets: typeof ofEs) => targets.find(({ name }) => name === "overview 6 A")?.target;
  const [esTable, influxTable] = [table(ofEs), table(ofInflux)];
  assert.ok(esTable !== undefined && influxTable !== undefined);
  for (const group of [HOSTILE_STORED, ...GROUPS.slice(1)]) {
    const chosen = { cluster: CLUSTER, group };
    const drawn: readonly Drawn[] = [
      await ofElasticsearch({ target: esTable, chosen }),
      await ofInfluxdb({ target: influxTable, chosen }),
    ];
    for (const rows of drawn)
      assert.deepEqual([...new Set([...rows.keys()].map((key) => key.replace(/ #\d+$/, "")))], [`${CLUSTER} ${group}`]);
  }
});

test("variables list what there is, the name that would end a query too", async () => {
  const statement = `SHOW TAG VALUES FROM "tidemark_group" WITH KEY = "group" WHERE "cluster" =~ /^\${cluster:regex}$/`;
  const variable = boardsOf("influxdb")
    .flatMap(({ templating }) => templating.list)
    .find(({ name }) => name === "group");
  assert.equal(variable?.query, statement);
  const [series] = await influx.seriesOf(stores.urls.influxdb, influx.filledIn(statement, { cluster: CLUSTER }, SPAN));
  assert.deepEqual(
    series?.values.map(([, value]) => value).toSorted(),
    [HOSTILE_STORED, ...GROUPS.slice(1)].toSorted(),
  );
});

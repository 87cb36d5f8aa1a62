/** One recorded day: every panel that the stores can compare shows the same numbers in all three, bucket by bucket. */

import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { type AskedTarget, type Asking, boardsOf, type Chosen, type Span, targetsOf } from "./board-files.ts";
import * as es from "./elasticsearch-query.ts";
import type { Filled } from "./filled.ts";
import * as influx from "./influxdb-query.ts";
import * as prom from "./prometheus-query.ts";
import { DAY, startRecordedDay } from "./recorded-day.ts";
import { differences, hasLike, likesOf } from "./same.ts";

let stores: Filled;
before(async () => {
  stores = await startRecordedDay();
});
after(() => stores[Symbol.asyncDispose]());

const GROUPS = ["archive", "biller", "mailer"];
/** A partition that nobody reads has a row in InfluxDB alone. */
const ROWS_APART = "Who reads which partition?";
/** Of the shipper's own state nothing is recorded; the newest point is an instant here and a column there. */
const isCompared = ({ name, panel }: AskedTarget) =>
  !name.startsWith("pipeline ") && panel.title !== ROWS_APART && panel.fieldConfig.defaults.unit !== "dateTimeFromNow";

const ofEs = targetsOf(boardsOf("elasticsearch")).filter(isCompared);
const ofInflux = new Map(targetsOf(boardsOf("influxdb")).map((one) => [one.name, one]));
const ofProm = targetsOf(boardsOf("prometheus")).filter((one) => isCompared(one) && hasLike(one));

function choicesFor(name: string): readonly Chosen[] {
  if (name.startsWith("group ")) return GROUPS.map((group) => ({ cluster: "shop", group }));
  return name.startsWith("topic ")
    ? [
        { cluster: "shop", topic: "orders" },
        { cluster: "shop", topic: "clicks" },
      ]
    : [{}];
}

const LAST_MS = 120_000;
/** While each of the troubles lasts, and when all are over. */
const LOOKED_AT_HOURS = [2.5, 7, 12, 18, 22.1, 24];
const MOMENTS: readonly Span[] = LOOKED_AT_HOURS.map((hours) => {
  const toMs = DAY.fromMs + hours * 3_600_000 - 1;
  return { fromMs: toMs + 1 - LAST_MS, toMs };
});

/** A panel that always shows the last two minutes is looked at several times, any other shows the day. */
function spansOf({ timeFrom }: AskedTarget["panel"]): readonly Span[] {
  assert.ok(timeFrom === undefined || timeFrom === "2m", `no span is known for ${timeFrom}`);
  return timeFrom === undefined ? [DAY] : MOMENTS;
}

function askedOf({ name, panel, target }: AskedTarget): readonly Asking[] {
  return choicesFor(name).flatMap((chosen) => spansOf(panel).map((span) => ({ target, chosen, span })));
}

for (const one of ofEs)
  test(`Elasticsearch and InfluxDB, ${one.name}: ${one.panel.title}`, async () => {
    const other = ofInflux.get(one.name);
    assert.ok(other !== undefined);
    for (const asked of askedOf(one)) {
      const left = await es.drawnOf(stores.urls.elasticsearch, asked);
      const right = await influx.drawnOf(stores.urls.influxdb, { ...asked, target: other.target });
      assert.deepEqual(differences(left, right), [], JSON.stringify([asked.chosen, asked.span]));
    }
  });

for (const one of ofProm)
  test(`Elasticsearch and Prometheus, ${one.name}: ${one.panel.title}`, async () => {
    const start = one.name.split(" ").slice(0, 2).join(" ");
    const same = ofEs.filter(({ name }) => name.startsWith(`${start} `));
    for (const asked of askedOf(one)) {
      const drawn = await prom.drawnOf(stores.urls.prometheus, asked);
      const all = same.map(({ target }) => es.drawnOf(stores.urls.elasticsearch, { ...asked, target }));
      const like = likesOf(drawn, await Promise.all(all));
      assert.deepEqual(differences(like, drawn), [], JSON.stringify([asked.chosen, asked.span]));
    }
  });

test("it was no quiet day", async () => {
  const answers = await influx.seriesOf(
    stores.urls.influxdb,
    `SELECT COUNT("lag") FROM "tidemark_group" WHERE "status" = 'ERR' AND time <= ${DAY.toMs}ms GROUP BY "group"`,
  );
  assert.deepEqual(
    answers.map(({ tags }) => tags?.["group"]),
    GROUPS,
  );
});

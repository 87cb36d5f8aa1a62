/** Who gets OpenMetrics, the same numbers in both formats, and names that keep the rules of both. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ask, textOf } from "./ask.fixture.ts";
import { readExposition, readOpenMetrics } from "./exposition-reader.fixture.ts";
import { createMetricsHandler } from "./metrics.ts";
import {
  OPEN_METRICS_CONTENT_TYPE,
  openMetricsOf,
  prefersOpenMetrics,
  TEXT_CONTENT_TYPE,
  unitOf,
} from "./open-metrics.ts";
import { AT, commitTo, NOW_MS, setTopics, watchedCluster } from "./watched.fixture.ts";

const OPEN = "application/openmetrics-text";
const rows = [
  { name: "who names nothing gets text", accept: undefined, open: false },
  { name: "who takes anything gets text", accept: "*/*", open: false },
  { name: "a browser gets text", accept: "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", open: false },
  {
    name: "Prometheus 2.42 gets OpenMetrics",
    accept: `${OPEN};version=1.0.0,${OPEN};version=0.0.1;q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1`,
    open: true,
  },
  {
    name: "Prometheus 3 gets OpenMetrics",
    accept: `${OPEN};version=1.0.0;escaping=allow-utf-8;q=0.5,${OPEN};version=0.0.1;q=0.4,text/plain;version=1.0.0;escaping=allow-utf-8;q=0.3,text/plain;version=0.0.4;q=0.2,*/*;q=0.1`,
    open: true,
  },
  { name: "whoever likes text better gets text", accept: `${OPEN};q=0.5, text/plain;q=0.6`, open: false },
  { name: "equals are OpenMetrics", accept: `text/plain, ${OPEN}`, open: true },
  { name: "capitals say nothing", accept: "Application/OpenMetrics-Text; Q=0.5; Version=1.0.0", open: true },
  { name: "q=0 refuses it", accept: `${OPEN};q=0`, open: false },
  { name: "a version to come is not ours", accept: `${OPEN};version=2.0.0`, open: false },
  { name: "a q that is no number refuses it", accept: `${OPEN};q=much`, open: false },
] as const;

for (const { name, accept, open } of rows) test(name, () => assert.equal(prefersOpenMetrics(accept), open));

/** One of each type as the registry writes them, with a help that has to be escaped. */
const OWN = String.raw`# HELP a_total says "so" \ and\nmore
# TYPE a_total counter
a_total{x="\""} 3

# HELP wait_seconds_total Waited.
# TYPE wait_seconds_total counter
wait_seconds_total 0.5

# HELP h_seconds Spread.
# TYPE h_seconds histogram
h_seconds_bucket{le="0.1"} 0
h_seconds_bucket{le="+Inf"} 1
h_seconds_sum 0.2
h_seconds_count 1

# HELP none_total Without a series.
# TYPE none_total counter
`;

function busyHandler() {
  const { state, view } = watchedCluster("c");
  setTopics(state, { t: [100, 50] });
  commitTo(state, { group: "g", topic: "t", offset: 60 });
  view.verdicts.judge(AT, NOW_MS);
  return createMetricsHandler({ clusters: [view], own: async () => OWN });
}

test("a scrape in OpenMetrics is what a strict reader of it takes, with its content type, and varies by what was asked", async () => {
  const handler = busyHandler();
  const answer = await ask(handler, "/metrics", { headers: { accept: OPEN } });
  assert.ok(answer !== undefined);
  assert.deepEqual([answer.contentType, answer.headers], [OPEN_METRICS_CONTENT_TYPE, { vary: "accept" }]);
  const families = readOpenMetrics(await textOf(answer));
  assert.deepEqual(families.get("a")?.type, "counter");
  assert.deepEqual(families.get("a")?.samples, [{ labels: { x: '"' }, value: 3 }]);
  assert.deepEqual([families.get("wait_seconds")?.unit, families.get("h_seconds")?.unit], ["seconds", "seconds"]);
  assert.equal(families.get("tidemark_group_commit_age_seconds")?.unit, "seconds");
  assert.equal(families.get("tidemark_group_lag")?.samples[0]?.value, 40);
  assert.deepEqual(families.get("none"), { help: "Without a series.", type: "counter", samples: [] });
});

test("both formats have the same lag series, and one after the other changes neither", async () => {
  const handler = busyHandler();
  const get = async (accept: string | undefined) => {
    const answer = await ask(handler, "/metrics", { headers: { accept } });
    assert.ok(answer !== undefined);
    return [answer.contentType, await textOf(answer)] as const;
  };
  const [, firstText] = await get(undefined);
  const [, open] = await get(OPEN);
  const [contentType, text] = await get(undefined);
  assert.equal(contentType, TEXT_CONTENT_TYPE);
  const lagOf = (whole: string) => whole.slice(whole.indexOf("# HELP tidemark_group_")).replace("# EOF\n", "");
  assert.equal(lagOf(open), lagOf(text));
  assert.equal(lagOf(firstText), lagOf(text));
  assert.match(text, /^# TYPE a_total counter$/m);
  assert.ok(readExposition(lagOf(text)).size > 10);
});

test("an empty exposition is its end alone", () => {
  assert.equal(readOpenMetrics(`${openMetricsOf("\n")}# EOF\n`).size, 0);
});

for (const [family, unit] of [
  ["a_seconds", "seconds"],
  ["a_bytes", "bytes"],
  ["a_ratio", "ratio"],
  ["a_seconds_lower", undefined],
  ["seconds", undefined],
  ["lag", undefined],
] as const)
  test(`the unit of ${family} is ${unit}`, () => assert.equal(unitOf(family), unit));

for (const text of [
  "# HELP m h\n# TYPE m gauge\nm 1\n",
  "# HELP m h\n# TYPE m gauge\n\nm 1\n# EOF\n",
  "# HELP m h\n# TYPE m counter\nm 1\n# EOF\n",
  "# HELP m_total h\n# TYPE m_total counter\nm_total_total 1\n# EOF\n",
  "# HELP m h\n# TYPE m gauge\n# UNIT m seconds\nm 1\n# EOF\n",
  "# EOF\n# EOF\n",
])
  test(`the reader of OpenMetrics refuses ${JSON.stringify(text)}`, () => assert.throws(() => readOpenMetrics(text)));

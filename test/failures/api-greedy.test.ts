/** One client that asks for too much. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createMetricsHandler } from "../../collector/http/metrics.ts";
import { createV4Handler } from "../../collector/http/v4.ts";
import { ANSWER_BYTES_MAX } from "../../collector/http/v4-page.ts";
import { commitTo, setTopics, watchedCluster } from "../../collector/http/watched.fixture.ts";
import { get, raw, requestOf, serving } from "./raw-http.fixture.ts";

const GROUPS = "/v4/clusters/c/groups";

function watched() {
  const one = watchedCluster("c");
  setTopics(one.state, { t: [100] });
  commitTo(one.state, { group: "g", topic: "t", offset: 60 });
  const feed = { read: async () => assert.fail("the feed is not asked") };
  return { ...one, handlers: [createV4Handler({ clusters: [one.view], feed })] };
}

test("H8: an address that asks for more than its share is told how long to wait, alone; no page has more than 10 MB; one rendering serves all", async () => {
  const { state, handlers } = watched();
  await using limited = await serving(handlers, { requestsPerSecond: 1 });
  const ask = (from: string) => raw(limited.address.port, requestOf("GET", "/v4/clusters"), from);
  const statuses: number[] = [];
  for (let i = 0; i < 12; i += 1) statuses.push((await ask("127.0.0.1")).status);
  assert.deepEqual(statuses.slice(0, 10), new Array(10).fill(200));
  assert.equal(statuses.at(-1), 429);
  assert.match((await ask("127.0.0.1")).headers.get("retry-after") ?? "", /^[1-9]\d*$/);
  assert.equal((await ask("127.0.0.2")).status, 200);

  for (let i = 0; i < 700; i += 1) commitTo(state, { group: `${i}-${"n".repeat(32_000)}`, topic: "t", offset: 60 });
  await using server = await serving(handlers);
  const names = new Set<string>();
  for (let cursor = ""; ; ) {
    const path = cursor === "" ? GROUPS : `${GROUPS}?cursor=${encodeURIComponent(cursor)}`;
    const { body } = await get(server.address.port, path);
    assert.ok(Buffer.byteLength(body) < ANSWER_BYTES_MAX + 200_000);
    const { groups, next } = JSON.parse(body);
    for (const { group } of groups) names.add(group);
    if (next === undefined) break;
    cursor = next;
  }
  assert.equal(names.size, 701);

  const { state: fewer, view } = watched();
  let rendered = 0;
  const counted = {
    ...view,
    slices: () => {
      rendered += 1;
      return view.slices();
    },
  };
  await using scraped = await serving([createMetricsHandler({ clusters: [counted], own: async () => "" })]);
  await Promise.all([1, 2, 3].map(() => get(scraped.address.port, "/metrics")));
  await get(scraped.address.port, "/metrics");
  assert.equal(rendered, 1);
  fewer.touch();
  await get(scraped.address.port, "/metrics");
  assert.equal(rendered, 2);
});

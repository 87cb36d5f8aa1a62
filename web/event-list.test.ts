/** What happened to a group, on its page. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { History } from "../shipper/schema/history.ts";
import { groupHref } from "./group-link.ts";
import { EMPTY, serving, wordsOf } from "./page.fixture.ts";
import { evaluationOf, NOW_MS } from "./web.fixture.ts";

test("a group's page lists what happened to it, in the words of the history and with none of its markup", async () => {
  const events = [
    { atMs: NOW_MS - 60_000, event: "rebalance", text: "generation 1 -> 2, 3 members" },
    { atMs: NOW_MS - 600_000, event: "deploy", text: "<b>checkout</b> 1.4.2: where 2 partitions stood is kept" },
  ];
  const history: History = { ...EMPTY, group: async (query) => ({ ...(await EMPTY.group(query)), events }) };
  await serving({ groups: [evaluationOf("b")], history }, async (get) => {
    const answer = await get(groupHref({ cluster: "prod", group: "b" }));
    assert.match(
      wordsOf(answer),
      /What happened in this range newest first rebalance generation 1 -&gt; 2, 3 members 60 s ago deploy &lt;b&gt;checkout.+ 10 min ago/,
    );
    assert.doesNotMatch(answer.text, /<b>/);
  });
});

test("a group to which nothing happened has no such list", async () => {
  await serving({ groups: [evaluationOf("b")] }, async (get) => {
    assert.doesNotMatch(wordsOf(await get(groupHref({ cluster: "prod", group: "b" }))), /What happened/);
  });
});

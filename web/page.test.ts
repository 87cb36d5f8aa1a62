/** The page over a real socket: what is answered, with which headers, and what it says when things are not well. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { History } from "../shipper/schema/history.ts";
import { groupHref } from "./group-link.ts";
import type { ClusterState } from "./live-state.ts";
import { EMPTY, OK_CLUSTER, serving, wordsOf } from "./page.fixture.ts";
import { evaluationOf, NOW_MS, partitionOf } from "./web.fixture.ts";

test("the first page loads nothing from elsewhere and has no inline script or style", async () => {
  await serving({ groups: [evaluationOf("a")] }, async (get) => {
    const { headers, text } = await get("/");
    assert.match(headers.get("content-security-policy") ?? "", /^default-src 'self'/);
    assert.equal(headers.get("x-content-type-options"), "nosniff");
    assert.equal(headers.get("cache-control"), "no-store");
    assert.doesNotMatch(text, /<style|\sstyle=|\son[a-z]+=|<script(?![^>]*\ssrc="\/assets\/)/);
    assert.doesNotMatch(text, /(src|href)="(https?:)?\/\//);
  });
});

test("every asset that a page names is served, and kept by the browser", async () => {
  await serving({ groups: [evaluationOf("a")] }, async (get) => {
    const { text } = await get("/groups/prod/a");
    const named = [...text.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((match) => match[1] ?? "");
    assert.equal(named.length, 9);
    for (const path of named) {
      const asset = await get(path.replaceAll("&amp;", "&"));
      assert.equal(asset.status, 200, path);
      assert.match(asset.headers.get("cache-control") ?? "", /immutable/);
    }
  });
});

test("an asset of another digest is not kept, and what is not in the list is no asset", async () => {
  await serving({}, async (get) => {
    assert.equal((await get("/assets/frame.css?v=old")).headers.get("cache-control"), "no-cache");
    for (const path of ["/assets/nothing.css", "/assets/..%2Fpage.ts", "/assets/__proto__", "/elsewhere"])
      assert.equal((await get(path)).status, 404, path);
  });
});

const HOSTILE = [
  "<script>alert(1)</script>",
  '"><img src=x onerror=alert(1)>',
  "a b/c%2Fd",
  "..",
  ".",
  "",
  "🌊",
  "مجموعة",
  "a\u202eb",
];

test("hostile names are text, and their links lead to their own page", async () => {
  await serving(
    { groups: HOSTILE.map((name) => evaluationOf(name, { partitions: [partitionOf(name, 0)] })) },
    async (get) => {
      const first = await get("/");
      assert.doesNotMatch(first.text, /<script>|<img/);
      for (const name of HOSTILE) {
        const href = groupHref({ cluster: "prod", group: name });
        assert.ok(first.text.includes(`href="${href.replaceAll("&", "&amp;").replaceAll("'", "&#39;")}"`), name);
        const page = await get(href);
        assert.equal(page.status, 200, name);
        assert.doesNotMatch(page.text, /<script>|<img/);
      }
    },
  );
});

const states: readonly { readonly name: string; readonly cluster: ClusterState; readonly says: RegExp }[] = [
  {
    name: "warming, with how far",
    cluster: { ...OK_CLUSTER, state: "warming", progress: 0.639 },
    says: /prod is warming\. 63 % replayed/,
  },
  {
    name: "warming is never 100 % before its end",
    cluster: { ...OK_CLUSTER, state: "warming", progress: 0.9999 },
    says: /99 % replayed/,
  },
  {
    name: "stale, and why",
    cluster: { ...OK_CLUSTER, state: "stale", reason: "no leader" },
    says: /prod is stale: no leader\. What is shown is 4 s old/,
  },
  {
    name: "unreachable",
    cluster: { cluster: "prod", state: "unreachable" },
    says: /prod cannot be reached.*Nothing is known of it yet/,
  },
  { name: "an old tick", cluster: { ...OK_CLUSTER, lastTickAtMs: NOW_MS - 45_000 }, says: /prod : last tick 45 s ago/ },
  { name: "no tick yet", cluster: { cluster: "prod", state: "warming" }, says: /No tick yet/ },
];
for (const { name, cluster, says } of states)
  test(`the page says plainly: ${name}`, async () => {
    await serving({ clusters: [cluster], groups: [evaluationOf("a")] }, async (get) => {
      assert.match(wordsOf(await get("/")), says);
      assert.match(wordsOf(await get("/groups/prod/a")), says);
    });
  });

test("a tick of a slower interval is not old", async () => {
  const cluster = { ...OK_CLUSTER, lastTickAtMs: NOW_MS - 45_000, tickIntervalMs: 60_000 };
  await serving({ clusters: [cluster] }, async (get) => assert.doesNotMatch(wordsOf(await get("/")), /overdue/));
});

test("a group's page explains the verdict and lists the worst partition first", async () => {
  const partitions = [
    partitionOf("orders", 0),
    partitionOf("orders", 1, { status: "WARN", lag: 900 }),
    partitionOf("orders", 2, { status: "STOP", lag: 40, owner: "/10.0.0.1", client_id: "c-1" }),
  ];
  await serving({ groups: [evaluationOf("a", { status: "ERR", partitions })] }, async (get) => {
    const page = await get("/groups/prod/a");
    const words = wordsOf(page);
    assert.match(words, /Of 3 partitions, 1 has lag and no longer commits; 1 commits, but its lag only grows\./);
    assert.match(words, /STOP.*orders 2.*40.*c-1 \/10\.0\.0\.1.*WARN.*orders 1.*900.*OK.*orders 0/);
    assert.match(page.text, /<title>ERR · a · Tidemark<\/title>/);
  });
});

test("what all partitions do is said of all, and a single topic is not listed", async () => {
  const stopped = [0, 1].map((partition) => partitionOf("orders", partition, { status: "STOP", lag: 3 }));
  const groups = [
    evaluationOf("both", { status: "ERR", partitions: stopped }),
    evaluationOf("one", { status: "ERR", partitions: stopped.slice(1) }),
  ];
  await serving({ groups }, async (get) => {
    const both = await get("/groups/prod/both");
    assert.match(wordsOf(both), /All 2 partitions have lag and no longer commit\./);
    assert.doesNotMatch(both.text, /topics-title/);
    assert.match(wordsOf(await get("/groups/prod/one")), /Its one partition has lag and no longer commits\./);
  });
});

test("what is not known is a dash that is read out, never a zero", async () => {
  const { lag: _, ...unknown } = evaluationOf("a", { status: "unauthorised", partitions: [] });
  await serving({ groups: [unknown] }, async (get) => assert.match(wordsOf(await get("/")), /Lag.*– not known/));
});

test("a history that cannot be read takes only the lines with it", async () => {
  const broken = () => Promise.reject(new Error("the disk is away"));
  await serving({ groups: [evaluationOf("a")], history: { sparklines: broken, group: broken } }, async (get) => {
    for (const path of ["/", "/groups/prod/a"]) {
      const page = await get(path);
      assert.equal(page.status, 200);
      assert.match(wordsOf(page), /History cannot be read: the disk is away/);
    }
  });
});

test("many viewers cost one reading of the history", async () => {
  let readings = 0;
  const counting: History = {
    ...EMPTY,
    sparklines: async () => {
      readings += 1;
      return new Map([["a", [{ atMs: NOW_MS - 60_000, lag: 7, status: "OK" }]]]);
    },
  };
  await serving({ groups: [evaluationOf("a")], history: counting }, async (get) => {
    await Promise.all(["/", "/?q=a", "/?status=ERR"].map(get));
    assert.match((await get("/")).text, /last 7, highest 7/);
    assert.equal(readings, 1);
  });
});

test("a range is asked for by name; an unknown one is the last hour", async () => {
  const asked: number[] = [];
  const history: History = {
    ...EMPTY,
    group: async ({ sinceMs, untilMs }) => {
      asked.push((untilMs - sinceMs) / 3_600_000);
      return { points: [], troubles: [], events: [], topics: [], topicsLeftOut: 0 };
    },
  };
  await serving({ groups: [evaluationOf("a")], history }, async (get) => {
    for (const range of ["", "?range=6h", "?range=24h", "?range=7d", "?range=9y"]) await get(`/groups/prod/a${range}`);
  });
  assert.deepEqual(asked, [1, 6, 24, 168, 1]);
});

test("a group that is not there is 404, in words", async () => {
  await serving({}, async (get) => {
    const { status, text } = await get("/groups/prod/gone");
    assert.equal(status, 404);
    assert.match(text, /No such group/);
  });
});

test("an empty page says what to do", async () => {
  await serving({ clusters: [] }, async (get) => assert.match(wordsOf(await get("/")), /No cluster is configured/));
  await serving({}, async (get) => assert.match(wordsOf(await get("/")), /Start a consumer that commits/));
  await serving({ groups: [evaluationOf("a")] }, async (get) =>
    assert.match(wordsOf(await get("/?q=zzz")), /No group fits this filter/),
  );
});

test("what is announced stands on every page, with a link to each group it names, and on a group's what is its own", async () => {
  const incident = { cluster: "prod", group: "<a>", label: "one partition is stuck", sinceMs: NOW_MS - 20_000 };
  const announcement = { title: "A simulated cluster.", text: "Nothing here is real.", incidents: [incident] };
  await serving({ groups: [evaluationOf("b")], announcement }, async (get) => {
    const answer = await get("/");
    const banner = /A simulated cluster\. Nothing here is real\. /;
    assert.match(wordsOf(answer), new RegExp(`${banner.source}Played now: &lt;a&gt; one partition is stuck for 20 s`));
    assert.match(answer.text, new RegExp(`href="${groupHref(incident)}"`));
    const other = wordsOf(await get(groupHref({ cluster: "prod", group: "b" })));
    assert.match(other, new RegExp(`${banner.source}Nothing is played`));
    assert.doesNotMatch(other, /one partition is stuck/);
  });
});

test("a group's page says which partition was in trouble, and when", async () => {
  const trouble = {
    topic: "orders",
    partition: 3,
    status: "STALL",
    firstAtMs: NOW_MS - 300_000,
    lastAtMs: NOW_MS - 60_000,
  };
  const history: History = {
    sparklines: async () => new Map(),
    group: async () => ({
      points: [],
      troubles: [{ ...trouble, ticks: 24 }],
      events: [],
      topics: [],
      topicsLeftOut: 0,
    }),
  };
  await serving({ groups: [evaluationOf("b")], history }, async (get) => {
    const words = wordsOf(await get(groupHref({ cluster: "prod", group: "b" })));
    assert.match(words, /Trouble in this range newest first STALL orders 3 last seen 60 s ago, first 5 min ago/);
  });
});

test("why nobody knows, and for how long, is said of the group and of each partition", async () => {
  const why = { reason: "leader_unreachable", reason_seconds: 31.6 } as const;
  const partitions = [partitionOf("orders", 0, { status: "stale", ...why }), partitionOf("orders", 1)];
  const group = evaluationOf("b", { status: "stale", partitions_stale: 1, partitions, ...why });
  await serving({ groups: [group] }, async (get) => {
    const words = wordsOf(await get(groupHref({ cluster: "prod", group: "b" })));
    assert.match(words, /known last\. The partition.+s leader does not answer\. For 31 s\./);
    assert.match(words, /stale The partition.+s leader does not answer\. For 31 s\. orders 0/);
  });
});

test("generation, an open transaction and the nearness of the log start are plain facts of a group", async () => {
  const partitions = [
    partitionOf("orders", 0, { lag: 10, committed_offset: 120, start_offset: 100, end_offset: 130 }),
    partitionOf("orders", 1, { lag: 0, committed_offset: 5, start_offset: 5, end_offset: 5 }),
  ];
  const group = evaluationOf("b", {
    generation: 41,
    pending_transaction_seconds: 75.2,
    loss_seconds: 7_500,
    partitions,
  });
  await serving({ groups: [group] }, async (get) => {
    const words = wordsOf(await get(groupHref({ cluster: "prod", group: "b" })));
    assert.match(words, /Generation 41 one more with each rebalance/);
    assert.match(words, /Open transaction 75 s holds offsets/);
    assert.match(
      words,
      /Findings what lag and commits do not tell Open transaction Offsets of the group have waited for 75 s/,
    );
    assert.match(words, /Until data loss 2 h at least, if nothing more is read/);
    assert.match(words, /Above the log start 20 records, on the nearest partition/);
  });
});

test("of a group that is polled the last commit is between two polls", async () => {
  const inferred = { commit_times: "inferred" } as const;
  const polled = evaluationOf("polled", { ...inferred, commit_age_seconds: 3.2, commit_age_seconds_upper: 13.4 });
  const { commit_age_seconds: _, ...unseen } = evaluationOf("unseen", inferred);
  await serving({ groups: [polled, unseen] }, async (get) => {
    assert.match(wordsOf(await get(groupHref(polled))), /Last commit 3 s ago between 3 s and 13 s, seen by polls/);
    assert.match(wordsOf(await get(groupHref(unseen))), /Last commit .{0,20}seen by polls/);
  });
});

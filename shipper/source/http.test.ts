/** The feed over real sockets: answers that can be used, and those that must not move the cursor. */

import assert from "node:assert/strict";
import { once } from "node:events";
import type { RequestListener } from "node:http";
import { createServer } from "node:http";
import { test } from "node:test";
import type { FeedAnswer } from "../../collector/model/feed.ts";
import { createLogger } from "../../runtime/logger.ts";
import { secretOf } from "../../runtime/secret.ts";
import type { HttpFeedStats } from "./http.ts";
import { createHttpFeed } from "./http.ts";

const line = (group: string, at: number): string =>
  `${JSON.stringify({
    cluster: "c",
    group,
    at,
    status: "OK",
    complete: 1,
    partitions_bad: 0,
    partitions_stale: 0,
    partitions_without_commit: 0,
    partitions: [{ topic: "t", partition: 0, status: "OK", lag: 1, committed_offset: 5, end_offset: 6 }],
  })}\n`;
const cursorLine = '{"cursor":"next"}\n';

interface Result {
  readonly answer: FeedAnswer;
  readonly stats: HttpFeedStats;
}

async function ask(listener: RequestListener): Promise<Result> {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const feed = createHttpFeed({
    from: `http://127.0.0.1:${address.port}/`,
    token: secretOf("s3cret"),
    random: () => 0,
    logger: createLogger("silent"),
  });
  try {
    const answer = await feed.read("here & now", 2_500, new AbortController().signal);
    return { answer, stats: feed.stats() };
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

const SAME: FeedAnswer = { kind: "ticks", ticks: [], cursor: "here & now" };

test("lines of one tick stand together; the cursor, the wait and the token go along", async () => {
  let asked = "";
  let authorization: string | undefined;
  const { answer } = await ask((request, response) => {
    asked = request.url ?? "";
    authorization = request.headers.authorization;
    response.end(line("a", 10) + line("b", 10) + line("a", 20) + cursorLine);
  });
  assert.equal(asked, "/v4/evaluations?after=here+%26+now&wait=2");
  assert.equal(authorization, "Bearer s3cret");
  assert.ok(answer.kind === "ticks");
  assert.equal(answer.cursor, "next");
  assert.deepEqual(
    answer.ticks.map(({ at, evaluations }) => [at, [...evaluations].map(({ group }) => group)]),
    [
      [10, ["a", "b"]],
      [20, ["a"]],
    ],
  );
});

test("a line cut anywhere by the network is put together, names included", async () => {
  const bytes = Buffer.from(line('grüße 🎉 "/%', 10) + cursorLine);
  const { answer } = await ask((_request, response) => {
    for (let at = 0; at < bytes.length; at += 7) response.write(bytes.subarray(at, at + 7));
    response.end();
  });
  assert.ok(answer.kind === "ticks");
  assert.equal([...(answer.ticks[0]?.evaluations ?? [])][0]?.group, 'grüße 🎉 "/%');
});

test("a cursor too old is told with the oldest one and the ticks that are gone", async () => {
  const { answer } = await ask((_request, response) => {
    response.writeHead(410).end('{"oldest":"o","ticks_gone":7}');
  });
  assert.deepEqual(answer, { kind: "gone", oldest: "o", ticksGone: 7 });
});

test("a line that is no evaluation costs itself only, and is counted", async () => {
  const rounded = line("big", 10).replace('"committed_offset":5', '"committed_offset":9007199254740993');
  const { answer, stats } = await ask((_request, response) => {
    response.end(`not json\n${rounded}${line("a", 10)}${cursorLine}`);
  });
  assert.ok(answer.kind === "ticks");
  assert.equal(answer.cursor, "next");
  assert.equal(answer.ticks.length, 1);
  assert.equal(stats.linesRefused, 2);
});

const unusable: readonly { readonly name: string; readonly listener: RequestListener }[] = [
  { name: "an answer without its cursor", listener: (_request, response) => response.end(line("a", 10)) },
  { name: "lines behind the cursor", listener: (_request, response) => response.end(cursorLine + line("a", 10)) },
  { name: "an empty answer", listener: (_request, response) => response.end() },
  { name: "a page of HTML", listener: (_request, response) => response.end("<html>") },
  { name: "503", listener: (_request, response) => response.writeHead(503).end("warming") },
  { name: "401", listener: (_request, response) => response.writeHead(401).end() },
  { name: "a redirect", listener: (_request, response) => response.writeHead(302, { location: "/x" }).end() },
  { name: "410 without an oldest cursor", listener: (_request, response) => response.writeHead(410).end("{}") },
  {
    name: "410 with the cursor that was sent",
    listener: (_request, response) => response.writeHead(410).end('{"oldest":"here & now","ticks_gone":1}'),
  },
  {
    name: "a connection cut in the middle",
    listener: (_request, response) => {
      response.write(line("a", 10), () => response.destroy());
    },
  },
];

for (const { name, listener } of unusable) {
  test(`${name} moves no cursor, and is counted as a failure`, async () => {
    const { answer, stats } = await ask(listener);
    assert.deepEqual(answer, SAME);
    assert.equal(stats.failures, 1);
    assert.equal(stats.condition, "down");
  });
}

test("told to stop while it waits, the read rejects at once", async () => {
  const stop = new AbortController();
  const server = createServer(() => stop.abort()).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  const from = `http://127.0.0.1:${address.port}`;
  const feed = createHttpFeed({ from, token: undefined, random: () => 0, logger: createLogger("silent") });
  await assert.rejects(feed.read("", 20_000, stop.signal), { name: "AbortError" });
  server.closeAllConnections();
  server.close();
});

/** A server that has just started is asked again, one that refuses is not, and nobody is asked for ever. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { AskError, mustAnswer } from "./http.ts";

/** Answers with these statuses, one after the other, and then with the last of them. */
async function startServer(statuses: readonly number[]) {
  let asked = 0;
  const server = createServer((_, response) => {
    response.statusCode = statuses[Math.min(asked, statuses.length - 1)] ?? 500;
    asked++;
    response.end(`answer ${asked}`);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  const { port } = server.address() as AddressInfo;
  return {
    ask: { method: "PUT", url: `http://127.0.0.1:${port}/`, authorization: "Basic x", body: { a: 1 } } as const,
    asked: () => asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await new Promise((closed) => server.close(closed));
    },
  };
}

const atOnce = async (): Promise<void> => undefined;

test("what is not ready is asked until it is", async () => {
  await using server = await startServer([503, 503, 200]);
  assert.equal(await mustAnswer(server.ask, atOnce), "answer 3");
});

test("a refusal is an error at once, and says who refused what", async () => {
  await using server = await startServer([403]);
  await assert.rejects(mustAnswer(server.ask, atOnce), /PUT http:.*it answers 403/);
  assert.equal(server.asked(), 1);
});

test("one that is never ready is given up, and the error says no secret", async () => {
  await using server = await startServer([503]);
  await assert.rejects(mustAnswer(server.ask, atOnce), (error: unknown) => {
    assert.ok(error instanceof AskError);
    assert.match(error.message, /no good answer in 60 tries; the last: 503/);
    assert.doesNotMatch(error.message, /Basic/);
    return true;
  });
  assert.equal(server.asked(), 60);
});

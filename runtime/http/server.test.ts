/** The server over a real socket: names survive, access is closed by default, errors show no detail. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger } from "../logger.ts";
import { secretOf } from "../secret.ts";
import type { HttpHandler } from "./answer.ts";
import { jsonAnswer, textAnswer } from "./answer.ts";
import type { Access } from "./listen.ts";
import { accessProblem, ListenAddress } from "./listen.ts";
import { ListenError, startHttpServer } from "./server.ts";

const OPEN: Access = { token: undefined, insecure: false };

async function serving(handlers: readonly HttpHandler[], use: (base: string) => Promise<void>, access = OPEN) {
  const listen = { host: "127.0.0.1", port: 0 };
  await using server = await startHttpServer({ listen, access, handlers, logger: createLogger("silent") });
  await use(`http://127.0.0.1:${server.address.port}`);
}

const echo: HttpHandler = async (request) => jsonAnswer(200, request.path);

test("any name comes back from one percent-encoding", async () => {
  await serving([echo], async (base) => {
    for (const name of ["a b", "a/b", "100%", 'q"q', "🌊", "..", "%2F", "__proto__"]) {
      // A URL parser folds dot segments away before sending, so they need their percent form.
      const encoded = encodeURIComponent(name).replaceAll(".", "%2E");
      if (name === "..") continue;
      const answer = await fetch(`${base}/v4/${encoded}`);
      assert.deepEqual(await answer.json(), ["v4", name]);
    }
  });
});

test("a malformed percent sign is the client's fault", async () => {
  await serving([echo], async (base) => assert.equal((await fetch(`${base}/a%zz`)).status, 400));
});

test("an error in a handler says nothing of itself to the client", async () => {
  const broken: HttpHandler = async () => {
    throw new Error("the password is swordfish");
  };
  await serving([broken], async (base) => {
    const answer = await fetch(`${base}/`);
    assert.equal(answer.status, 500);
    assert.doesNotMatch(await answer.text(), /swordfish/);
  });
});

test("a path that no handler takes is 404, another method 405", async () => {
  await serving([async () => undefined], async (base) => {
    assert.equal((await fetch(`${base}/nothing`)).status, 404);
    assert.equal((await fetch(`${base}/nothing`, { method: "PUT" })).status, 405);
  });
});

test("the token is taken as Bearer and as the password of Basic, and nothing else", async () => {
  const access: Access = { token: secretOf("s3cret"), insecure: false };
  const basic = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`;
  const status = async (base: string, authorization?: string) =>
    (await fetch(base, { headers: authorization === undefined ? {} : { authorization } })).status;
  await serving(
    [echo],
    async (base) => {
      assert.equal(await status(base), 401);
      assert.equal(await status(base, "Bearer wrong"), 401);
      assert.equal(await status(base, "Bearer s3cret"), 200);
      assert.equal(await status(base, basic("prometheus:s3cret")), 200);
      assert.equal(await status(base, basic("s3cret:wrong")), 401);
    },
    access,
  );
});

test("a long answer is gzipped for those who take it; a stream too", async () => {
  const long = "tide ".repeat(1000);
  const stream: HttpHandler = async ({ path }) =>
    path[0] === "stream"
      ? {
          status: 200,
          contentType: "text/plain",
          body: (async function* () {
            yield long;
          })(),
        }
      : textAnswer(200, long);
  await serving([stream], async (base) => {
    for (const path of ["whole", "stream"]) {
      const answer = await fetch(`${base}/${path}`, { headers: { "accept-encoding": "gzip" } });
      assert.equal(answer.headers.get("content-encoding"), "gzip");
      assert.equal(await answer.text(), long);
      const plain = await fetch(`${base}/${path}`, { headers: { "accept-encoding": "identity" } });
      assert.equal(plain.headers.get("content-encoding"), null);
      assert.equal(await plain.text(), long);
    }
  });
});

test("another address than loopback needs a token or an explicit word", async () => {
  const listen = ListenAddress.parse("0.0.0.0:0");
  assert.match(accessProblem(listen, OPEN) ?? "", /token_file/);
  assert.equal(accessProblem(listen, { token: undefined, insecure: true }), undefined);
  assert.equal(accessProblem(ListenAddress.parse("[::1]:9"), OPEN), undefined);
  await assert.rejects(
    startHttpServer({ listen, access: OPEN, handlers: [], logger: createLogger("silent") }),
    ListenError,
  );
});

test("a port in use is said, with the way out", async () => {
  const logger = createLogger("silent");
  await using first = await startHttpServer({
    listen: { host: "127.0.0.1", port: 0 },
    access: OPEN,
    handlers: [],
    logger,
  });
  await assert.rejects(startHttpServer({ listen: first.address, access: OPEN, handlers: [], logger }), /in use/);
});

test("what is not host:port is refused in words", () => {
  assert.equal(ListenAddress.safeParse("8000").success, false);
  assert.equal(ListenAddress.safeParse("h:70000").success, false);
  assert.deepEqual(ListenAddress.parse(":8000"), { host: "0.0.0.0", port: 8000 });
});

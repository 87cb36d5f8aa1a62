/** Tokens from an endpoint on loopback: how it is asked, and each way in which it gives none, in words and without the secret. */

import assert from "node:assert/strict";
import { once } from "node:events";
import type { IncomingMessage, RequestListener } from "node:http";
import { createServer } from "node:http";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import type { z } from "zod";
import { SaslConfig } from "./security-config.ts";
import { fetchToken } from "./token-endpoint.ts";

const SECRET = "s3cr3t & more/%";

async function endpoint(listener: RequestListener) {
  const server = createServer(listener).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  assert.ok(typeof address === "object" && address !== null);
  return {
    url: `http://127.0.0.1:${address.port}/token`,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

type Overrides = Partial<z.input<typeof SaslConfig>>;

function fetched(url: string, overrides: Overrides = {}) {
  const base = { mechanism: "oauthbearer", token_url: url, client_id: "tide:mark", client_secret: SECRET };
  const config = SaslConfig.parse({ ...base, ...overrides });
  assert.ok(config.mechanism === "oauthbearer");
  return fetchToken(config);
}

async function asked(overrides: Overrides): Promise<{ request: IncomingMessage; body: URLSearchParams }> {
  const seen = Promise.withResolvers<{ request: IncomingMessage; body: URLSearchParams }>();
  await using one = await endpoint(async (request, response) => {
    seen.resolve({ request, body: new URLSearchParams(await text(request)) });
    response.end('{"access_token":"abc","token_type":"Bearer","expires_in":"3600"}');
  });
  assert.deepEqual(await fetched(one.url, overrides), { value: "abc", lifetimeMs: 3_600_000 });
  return seen.promise;
}

test("id and secret go in a Basic header, form-encoded, and nothing of them in the body", async () => {
  const { request, body } = await asked({ scope: "kafka.read more", audience: "brokers" } as Overrides);
  const basic = Buffer.from(request.headers.authorization?.replace("Basic ", "") ?? "", "base64").toString();
  assert.equal(basic, "tide%3Amark:s3cr3t+%26+more%2F%25");
  assert.equal(request.method, "POST");
  const want = { grant_type: "client_credentials", scope: "kafka.read more", audience: "brokers" };
  assert.deepEqual(Object.fromEntries(body), want);
});

test("or in the body, and then there is no header", async () => {
  const { request, body } = await asked({ client_auth: "body" } as Overrides);
  assert.equal(request.headers.authorization, undefined);
  assert.deepEqual([body.get("client_id"), body.get("client_secret")], ["tide:mark", SECRET]);
});

const rows: readonly (readonly [name: string, status: number, body: string, says: RegExp])[] = [
  [
    "a wrong secret",
    401,
    `{"error":"invalid_client","error_description":"not ${SECRET}\\nat all"}`,
    /^http\S+ gives us no token: invalid_client \(not \[redacted\] at all\); mend `client_id`/,
  ],
  ["a scope that is not ours", 400, '{"error":"invalid_scope"}', /gives us no token: invalid_scope; mend/],
  ["a proxy before it that lets nobody in", 403, "<html>", /gives us no token: it answers 403/],
  ["trouble of its own", 503, "<html>", /^no token from http\S+: it answers 503, and no token/],
  [
    "trouble of its own, in its own form",
    500,
    '{"error":"server_error"}',
    /^no token from \S+ server_error, and no token/,
  ],
  ["a redirect", 302, "", /^no token from \S+ it answers 302/],
  ["what is no token", 200, '{"token":"abc"}', /^no token from \S+ its answer holds no access_token/],
  [
    "a token that would break the message",
    200,
    '{"access_token":"a\\u0001b"}',
    /holds no access_token that can be used/,
  ],
  [
    "a token that is as good as over",
    200,
    '{"access_token":"abc","expires_in":15}',
    /it lives for 15 s; .* more than 15/,
  ],
  ["an answer without end", 200, " ".repeat(70_000), /its answer is longer than 65536 bytes/],
];
for (const [name, status, body, says] of rows) {
  test(`${name} is said in words`, async () => {
    await using one = await endpoint((_, response) => {
      response.writeHead(status, { location: "http://127.0.0.1:1/" }).end(body);
    });
    await assert.rejects(fetched(one.url), (error: Error) => {
      assert.match(error.message, says);
      assert.ok(!error.message.includes(SECRET), "the secret is not told");
      return true;
    });
  });
}

test("nobody there, and a secret file that is not there", async () => {
  await assert.rejects(fetched("http://127.0.0.1:1/"), /^TokenEndpointError: no token from .*ECONNREFUSED/);
  const file = { client_secret: undefined, client_secret_file: "/nowhere/secret" } as Overrides;
  await assert.rejects(fetched("http://127.0.0.1:1/", file), /the secret file \/nowhere\/secret cannot be read/);
});

test("a secret goes to https, or to this machine", () => {
  const parsed = (token_url: string) =>
    SaslConfig.safeParse({ mechanism: "oauthbearer", token_url, client_id: "c", client_secret: "s" }).success;
  assert.deepEqual(
    [
      "https://idp/t",
      "http://localhost:1/t",
      "http://[::1]:1/t",
      "http://idp/t",
      "http://127.0.0.1.example/",
      "https://user:word@idp/t",
      "no",
    ].map(parsed),
    [true, true, true, false, false, false, false],
  );
});

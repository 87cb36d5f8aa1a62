/** Clients that are slow or say nothing: the server alone ends what is waited for here. */

import assert from "node:assert/strict";
import { EventEmitter, once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { HttpHandler } from "../../runtime/http/answer.ts";
import { jsonAnswer } from "../../runtime/http/answer.ts";
import { createHttpCounts } from "../../runtime/http/server.ts";
import { untilTold } from "../../runtime/lifecycle.ts";
import { done, notYet, until } from "../real/until.ts";
import { selfSigned } from "../stores/certificate.ts";
import { get, serving, whenClosed } from "./raw-http.fixture.ts";

const LIMITS = {
  headersTimeoutMs: 300,
  requestTimeoutMs: 600,
  keepAliveTimeoutMs: 300,
  stalledMsMax: 300,
  handshakeTimeoutMs: 300,
  lookEveryMs: 50,
};

/** Answers without end, waits, or reads what is sent. */
function handlerOf() {
  const cut = Promise.withResolvers<void>();
  const waiting = new EventEmitter();
  const handler: HttpHandler = async (request) => {
    if (request.method === "POST") await request.body(1e9);
    if (request.path[0] === "waiting") {
      waiting.emit("waiting");
      await untilTold(request.signal);
    }
    if (request.path[0] !== "endless") return jsonAnswer(200, request.path);
    const body = (async function* () {
      try {
        for (;;) yield "x".repeat(65_536);
      } finally {
        cut.resolve();
      }
    })();
    return { status: 200, contentType: "text/plain", body };
  };
  return { handler, cut: cut.promise, waiting };
}

function opened(port: number, bytes: string, trickle = ""): Socket {
  const socket = connect({ host: "127.0.0.1", port });
  socket.on("error", () => undefined);
  socket.write(bytes);
  if (trickle !== "") {
    const timer = setInterval(() => socket.write(trickle), 50);
    socket.once("close", () => clearInterval(timer));
  }
  return socket;
}

const kinds: Readonly<Record<string, (port: number) => Socket>> = {
  "says nothing": (port) => opened(port, ""),
  "stops in its headers": (port) => opened(port, "GET / HTTP/1.1\r\nhost: h\r\n"),
  "sends a header now and then": (port) => opened(port, "GET / HTTP/1.1\r\nhost: h\r\n", "x-a: b\r\n"),
  "stops in its body": (port) => opened(port, "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\n\r\n"),
  "sends a byte of its body now and then": (port) =>
    opened(port, "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 9999\r\n\r\n", "x"),
  "asks nothing more": (port) => opened(port, "GET / HTTP/1.1\r\nhost: h\r\n\r\n"),
};

test("H1: who is slow or says nothing is let go, a newcomer takes the place of the idlest, and others are answered meanwhile", async () => {
  const { handler, cut } = handlerOf();
  await using server = await serving([handler], { limits: LIMITS });
  const { port } = server.address;
  const slow = Object.entries(kinds).map(async ([kind, open]) => [kind, await whenClosed(open(port))] as const);
  const unread = opened(port, "GET /endless HTTP/1.1\r\nhost: h\r\n\r\n");
  unread.pause();
  assert.equal((await get(port, "/in/between")).status, 200);
  const told = new Map(await Promise.all(slow));
  assert.match(told.get("asks nothing more") ?? "", /^HTTP\/1\.1 200 /);
  for (const [kind, text] of told) if (kind !== "asks nothing more") assert.doesNotMatch(text, / 200 /, kind);
  await cut;
  unread.destroy();
  await manyConnections();
});

async function manyConnections(): Promise<void> {
  const { handler, waiting } = handlerOf();
  const counts = createHttpCounts();
  // Nobody is let go for being slow here: places alone count.
  await using server = await serving([handler], { limits: { connectionsMax: 4 }, counts });
  const { port } = server.address;
  const idle: Socket[] = [];
  for (let i = 0; i < 4; i += 1) {
    const socket = opened(port, "");
    await once(socket, "connect");
    idle.push(socket);
  }
  assert.equal((await get(port, "/newcomer")).status, 200);
  assert.deepEqual(counts, { evicted: 1, refused: 0, limited: 0 });
  assert.equal(await whenClosed(idle[0] ?? assert.fail()), "");
  for (const socket of [...idle.slice(1), opened(port, "")]) {
    assert.equal(socket.closed, false);
    const isBusy = once(waiting, "waiting");
    socket.write("GET /waiting HTTP/1.1\r\nhost: h\r\n\r\n");
    idle.push(socket);
    await isBusy;
  }
  assert.equal(await placeLeft(port), false);
  assert.deepEqual(counts, { evicted: 1, refused: 1, limited: 0 });
  for (const socket of idle) socket.destroy();
  await until("there are places again", async () => ((await placeLeft(port)) ? done(undefined) : notYet("none")), {
    timeoutMs: 20_000,
    everyMs: 20,
  });
}

async function placeLeft(port: number): Promise<boolean> {
  return (await get(port, "/newcomer")).status === 200;
}

test("a TLS handshake that never comes is not waited for", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-slow-"));
  const tls = { cert_file: join(folder, "cert"), key_file: join(folder, "key") };
  writeFileSync(tls.cert_file, selfSigned().cert);
  writeFileSync(tls.key_file, selfSigned().key);
  await using server = await serving([handlerOf().handler], { limits: LIMITS, tls });
  await whenClosed(opened(server.address.port, ""));
  rmSync(folder, { recursive: true });
});

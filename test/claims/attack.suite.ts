/**
 * A collector as a process, 500 sockets of another address that are slow in three ways and come back each second when they are let go, and a client that
 * asks at a steady rate meanwhile: every request is answered, the sockets are let go, memory stays, and SIGTERM ends it with 0.
 */

import assert from "node:assert/strict";
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { Agent, get } from "node:http";
import { connect, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as pause } from "node:timers/promises";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { furnishedCluster } from "../simulated/collector.fixture.ts";

const MAIN = resolve(import.meta.dirname, "../../cli/main.ts");
const SLOW_SOCKETS = 500;
const PER_SECOND = 1_000;
const CONNECTIONS = 20;
const BACK_AFTER_MS = 1_000;
/** They are let go after 10 s and a second; a machine that is busy may take longer to say so. */
const REAPED_MS_MAX = 40_000;
/** More than these would be what slow sockets cost; less is what a process of its age has. */
const RSS_BYTES_MORE_MAX = 50_000_000;
/** Half as many requests as are counted: a heap grows to its size first. */
const WARM_UP_MAX = 10_000;
const PATHS = ["/v3/kafka", "/v3/kafka/sim/consumer", "/v4/clusters", "/v4/clusters/sim/groups", "/readyz"] as const;

export interface AttackResult {
  readonly answered: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly rssMoreBytes: number;
  /** Until the last slow socket was let go. */
  readonly reapedMs: number;
  readonly opened: number;
}

/** Throws where the claim does not hold; times are told, not judged. */
export async function attack(requests: number): Promise<AttackResult> {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-attack-"));
  await using brokers = await startBrokers({ view: furnishedCluster(), random: randomOf(1, "brokers") });
  const config = { clusters: { sim: { brokers: brokers.bootstrap } }, collector: { listen: "127.0.0.1:0" } };
  const file = join(folder, "tidemark.yaml");
  writeFileSync(file, JSON.stringify(config));
  const child = spawn(
    process.execPath,
    ["--disable-warning=ExperimentalWarning", MAIN, "collector", "--config", file],
    {
      stdio: ["ignore", "ignore", "pipe"],
    },
  );
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  try {
    const port = await portOf(child);
    const ask = (path: string) => answerTo({ agent, port, path });
    while ((await ask("/readyz")).status !== 200) await pause(50);
    await steadily(Math.min(requests / 2, WARM_UP_MAX), ask);
    const before = await residentBytes(ask);
    const slow = besiege(port);
    const latencies = await steadily(requests, ask);
    const rssMoreBytes = (await residentBytes(ask)) - before;
    const stoppedMs = performance.now();
    const opened = await slow.stop();
    const reapedMs = performance.now() - stoppedMs;
    assert.ok(rssMoreBytes < RSS_BYTES_MORE_MAX, `${rssMoreBytes} bytes of memory more`);
    const last = besiege(port);
    const ended = once(child, "exit");
    child.kill("SIGTERM");
    const [code] = await ended;
    await last.stop();
    assert.equal(code, 0);
    const at = (share: number) => latencies[Math.floor((latencies.length - 1) * share)] ?? 0;
    return { answered: latencies.length, p50Ms: at(0.5), p99Ms: at(0.99), rssMoreBytes, reapedMs, opened };
  } finally {
    agent.destroy();
    child.kill("SIGKILL");
    rmSync(folder, { recursive: true });
  }
}

async function portOf({ stderr }: ChildProcess): Promise<number> {
  assert.ok(stderr !== null);
  const lines = createInterface({ input: stderr });
  for await (const line of lines) {
    const port = Number(/"event":"http.listening".*"port":(\d+)/.exec(line)?.[1]);
    if (!(port > 0)) continue;
    // What is said after that is read and let go, so that it never waits for us.
    stderr.resume();
    return port;
  }
  return assert.fail("it ended before it listened");
}

type Ask = (path: string) => Promise<{ readonly status: number; readonly text: string }>;

/** A connection that was kept may be closed for a newcomer just then: clients ask again on another, as HTTP has it. */
function answerTo(asked: {
  readonly agent: Agent;
  readonly port: number;
  readonly path: string;
}): Promise<{ readonly status: number; readonly text: string }> {
  const { agent, port, path } = asked;
  return new Promise((settle, reject) => {
    const request = get({ agent, host: "127.0.0.1", port, path }, (response) => {
      let text = "";
      response.setEncoding("utf8").on("data", (part: string) => {
        text += part;
      });
      response.on("error", reject).on("end", () => settle({ status: response.statusCode ?? 0, text }));
    });
    request.on("error", (cause: NodeJS.ErrnoException) => {
      if (request.reusedSocket && (cause.code === "ECONNRESET" || cause.code === "EPIPE"))
        answerTo(asked).then(settle, reject);
      else reject(cause);
    });
  });
}

/** So many requests at the steady rate, each answered with 200; how long each took, sorted. */
async function steadily(requests: number, ask: Ask): Promise<readonly number[]> {
  const startMs = performance.now();
  const running: Promise<number | Error>[] = [];
  while (running.length < requests) {
    const due = Math.min(requests, ((performance.now() - startMs) / 1_000) * PER_SECOND);
    while (running.length < due) {
      const path = PATHS[running.length % PATHS.length] ?? PATHS[0];
      running.push(timed(ask, path).catch((cause: Error) => cause));
    }
    await pause(5);
  }
  const ended = await Promise.all(running);
  const failed = ended.filter((one) => typeof one !== "number");
  assert.deepEqual([...new Set(failed.map(({ message }) => message))], [], `${failed.length} got no answer`);
  return ended.filter((one) => typeof one === "number").toSorted((one, other) => one - other);
}

async function timed(ask: Ask, path: string): Promise<number> {
  const sentMs = performance.now();
  const { status } = await ask(path);
  assert.equal(status, 200, path);
  return performance.now() - sentMs;
}

async function residentBytes(ask: Ask): Promise<number> {
  const { text } = await ask("/metrics");
  return Number(/^process_resident_memory_bytes (\S+)$/m.exec(text)?.[1] ?? assert.fail("no memory is told"));
}

const BEGINNINGS = [
  "",
  "GET /metrics HTTP/1.1\r\nhost: h\r\n",
  "POST / HTTP/1.1\r\nhost: h\r\ncontent-length: 9\r\nx-a: b",
] as const;

/** Slow sockets that come back; told to stop, they wait to be let go, and say how often they came. */
function besiege(port: number) {
  const open = new Set<Socket>();
  const trickle = setInterval(() => {
    for (const socket of open) if (socket.localPort !== undefined && socket.localPort % 2 === 0) socket.write("x");
  }, 1_000);
  let opened = 0;
  let isStopped = false;
  const none = Promise.withResolvers<void>();
  const begin = (): void => {
    if (isStopped) return;
    opened += 1;
    const socket = connect({ host: "127.0.0.1", port, localAddress: "127.0.0.2" });
    open.add(socket);
    socket.on("error", () => undefined).resume();
    socket.write(BEGINNINGS[opened % BEGINNINGS.length] ?? "");
    socket.once("close", () => {
      open.delete(socket);
      if (isStopped && open.size === 0) none.resolve();
      setTimeout(begin, BACK_AFTER_MS).unref();
    });
  };
  for (let i = 0; i < SLOW_SOCKETS; i += 1) begin();
  return {
    stop: async (): Promise<number> => {
      isStopped = true;
      const late = AbortSignal.timeout(REAPED_MS_MAX);
      if (open.size > 0) await Promise.race([none.promise, once(late, "abort")]);
      clearInterval(trickle);
      const left = open.size;
      for (const socket of open) socket.destroy();
      assert.equal(left, 0, `${left} slow sockets are still there`);
      return opened;
    },
  };
}

/** One cluster that is down, refuses us, hangs or sends garbage, and one that is well: the well one does not notice. */

import assert from "node:assert/strict";
import type { Socket } from "node:net";
import { suite, test } from "node:test";
import { createLiveState } from "../../cli/live-state.ts";
import { addCollectorMetrics, createOwnMetrics } from "../../cli/own-metrics.ts";
import { ask, textOf } from "../../collector/http/ask.fixture.ts";
import { createHealthHandler } from "../../collector/http/health.ts";
import { createV4Handler } from "../../collector/http/v4.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { done, notYet } from "../real/until.ts";
import type { Fleeting } from "./clusters.fixture.ts";
import { strangePeer, watchAll } from "./clusters.fixture.ts";
import { commitAll, differences, furnishedCluster } from "./collector.fixture.ts";

const MIB = 1_048_576;
const BYTES_CLAIMED = 200 * MIB;

/** Ill clusters: how their peer answers, and what is said of it. */
const ILLS: readonly (readonly [what: string, answer: (socket: Socket, request: Buffer) => void, said: RegExp])[] = [
  ["hangs up at each request", (socket) => socket.destroy(), /./],
  ["is a web server", (socket) => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"), /not Kafka|closed/i],
  ["answers with bytes that mean nothing", (socket, request) => socket.write(garbageAnswer(request)), /./],
  ["speaks TLS", (socket) => socket.write(Buffer.from([0x15, 3, 3, 0, 2, 2, 80])), /it speaks TLS: set `tls`/],
  ["names a size beyond all reason", (socket) => socket.write(Buffer.alloc(64, 0x7f)), /not Kafka/],
];

/** A frame of the right form, with the correlation id of the request, and noise behind it. */
function garbageAnswer(request: Buffer): Buffer {
  const noise = Buffer.alloc(4_096, 0xa5);
  const head = Buffer.alloc(8);
  head.writeInt32BE(4 + noise.length);
  request.copy(head, 4, 8, 12);
  return Buffer.concat([head, noise]);
}

/** Right, fresh, and ticking, ten ticks long, while the other is as it is. */
async function staysWell({ collector, view, until }: Fleeting, cluster: ReturnType<typeof furnishedCluster>) {
  const well = view("well");
  const right = () => {
    const [first] = differences(well, cluster);
    return first === undefined && well.condition().kind === "ok" ? done(undefined) : notYet(first ?? "not ok");
  };
  await until("the well one is right", right);
  const ticks = collector.ticks.ticks;
  for (const committedOffset of [60, 70]) {
    commitAll(cluster, "classic", committedOffset);
    await until(`a commit of ${committedOffset} is followed`, right);
  }
  await until("ten ticks", () =>
    collector.ticks.ticks >= ticks + 10 ? done(undefined) : notYet(String(collector.ticks.ticks)),
  );
}

/** The reason is wherever somebody may look, and nobody says that all is well. */
async function isSaidEverywhere({ collector, view }: Fleeting, said: RegExp): Promise<void> {
  const condition = view("ill").condition();
  assert.equal(condition.kind, "unreachable");
  const v4 = await ask(createV4Handler({ clusters: collector.views, feed: collector.feed }), "/v4/clusters");
  assert.ok(v4 !== undefined);
  const { clusters } = JSON.parse(await textOf(v4));
  assert.deepEqual(
    clusters.map((one: { cluster: string; condition: string }) => [one.cluster, one.condition]),
    [
      ["ill", "unreachable"],
      ["well", "ok"],
    ],
  );
  assert.match(clusters[0].reason, said);
  const registry = createOwnMetrics("0");
  addCollectorMetrics(registry, collector);
  assert.match(await registry.metrics(), /tidemark_cluster_condition\{cluster="ill",condition="unreachable"\} 1/);
  registry.clear();
  const page = createLiveState(collector.views, () => 200).clusters();
  assert.match(page.find(({ cluster }) => cluster === "ill")?.reason ?? "", said);
  const ready = await ask(createHealthHandler(collector.readiness), "/readyz");
  assert.equal(ready?.status, 200);
  assert.match(JSON.stringify(collector.readiness()), /"ready":true,"reasons":\["cluster ill is unreachable: /);
}

suite("one cluster is ill from the start, and the other is well", { concurrency: true }, () => {
  for (const [what, answer, said] of ILLS)
    test(`one ${what}`, async () => {
      const cluster = furnishedCluster();
      await using brokers = await startBrokers({ view: cluster, random: randomOf(1, "brokers") });
      await using peer = await strangePeer(answer);
      await using watching = watchAll({ ill: { brokers: [peer.address] }, well: { brokers: brokers.bootstrap } });
      await staysWell(watching, cluster);
      const metadata = brokers.requests().get("Metadata");
      await watching.until("the ill one was asked five times and is unreachable", () => {
        const isSaid = watching.view("ill").condition().kind === "unreachable";
        return peer.requests() >= 5 && isSaid ? done(undefined) : notYet(`${peer.requests()} times`);
      });
      assert.equal(brokers.requests().get("Metadata"), metadata, "the well one is not asked anew");
      await isSaidEverywhere(watching, said);
    });

  test("one refuses us: wrong credentials are said in words", async () => {
    const cluster = furnishedCluster();
    await using brokers = await startBrokers({ view: cluster, random: randomOf(1, "brokers") });
    const sasl = { mechanisms: ["PLAIN"], users: new Map([["tidemark", "right"]]) } as const;
    await using closed = await startBrokers({ view: furnishedCluster(), random: randomOf(2, "brokers"), sasl });
    const client = { mechanism: "plain", username: "tidemark", password: "wrong" };
    const ill = { brokers: closed.bootstrap, sasl: client };
    await using watching = watchAll({ ill, well: { brokers: brokers.bootstrap } });
    await staysWell(watching, cluster);
    await watching.until("it is refused", () => {
      const { kind } = watching.view("ill").condition();
      return kind === "unreachable" ? done(undefined) : notYet(kind);
    });
    await isSaidEverywhere(watching, /authentic/i);
  });

  test("one has no certificate where it says: it does not hold up the start of the other", async () => {
    const cluster = furnishedCluster();
    await using brokers = await startBrokers({ view: cluster, random: randomOf(1, "brokers") });
    const ill = { brokers: brokers.bootstrap, tls: { ca_file: "no-such-file.pem" } };
    await using watching = watchAll({ ill, well: { brokers: brokers.bootstrap } });
    await staysWell(watching, cluster);
    await watching.until("it is said", () => {
      const { kind } = watching.view("ill").condition();
      return kind === "unreachable" ? done(undefined) : notYet(kind);
    });
    await isSaidEverywhere(watching, /no-such-file\.pem cannot be read/);
  });

  test("one accepts and never answers: it is warming, not connected yet, and the other is right meanwhile", async () => {
    const cluster = furnishedCluster();
    await using brokers = await startBrokers({ view: cluster, random: randomOf(1, "brokers") });
    await using peer = await strangePeer(() => {});
    await using watching = watchAll({ ill: { brokers: [peer.address] }, well: { brokers: brokers.bootstrap } });
    await staysWell(watching, cluster);
    assert.notEqual(watching.view("ill").condition().kind, "ok");
    assert.equal(watching.collector.readiness().reasons.length, 1);
    // Nobody has to wait for an answer that never comes.
    await peer[Symbol.asyncDispose]();
  });
});

test("a peer that names a size that no answer has, and sends that much, is cut off before it takes the memory of others", async () => {
  const cluster = furnishedCluster();
  await using brokers = await startBrokers({ view: cluster, random: randomOf(1, "brokers") });
  const noise = Buffer.alloc(MIB);
  const flood = (socket: Socket): void => {
    const head = Buffer.alloc(4);
    head.writeInt32BE(BYTES_CLAIMED);
    socket.write(head);
    const pour = (): void => {
      if (!socket.destroyed && socket.write(noise)) setImmediate(pour);
    };
    socket.on("drain", pour);
    pour();
  };
  await using peer = await strangePeer(flood);
  await using watching = watchAll({ ill: { brokers: [peer.address] }, well: { brokers: brokers.bootstrap } });
  let most = 0;
  await watching.until("it was asked four times", () => {
    most = Math.max(most, process.memoryUsage().arrayBuffers);
    return peer.requests() >= 4 ? done(undefined) : notYet(`${peer.requests()} times`);
  });
  await staysWell(watching, cluster);
  assert.ok(most < BYTES_CLAIMED / 2, `${Math.round(most / MIB)} MiB of buffers`);
});

test("a cluster that is polled is warming until it was polled, however many ticks that takes", async () => {
  await using brokers = await startBrokers({ view: furnishedCluster(), random: randomOf(1, "brokers") });
  // End offsets come before polls, and take a while.
  for (const broker of [1, 2, 3])
    brokers.faults.begin({ fault: "slow", broker, delayMs: 3_600_000, api: "ListOffsets" });
  await using watching = watchAll({ c: { brokers: brokers.bootstrap, source: "polling", poll_interval: "200ms" } });
  const { collector, view } = watching;
  await watching.until("it is reached, and judged", () => {
    const isReached = view("c").reach().kind === "reachable" && brokers.requests().has("ListOffsets");
    return isReached && collector.ticks.ticks >= 5 ? done(undefined) : notYet(String(collector.ticks.ticks));
  });
  assert.deepEqual([view("c").condition().kind, brokers.requests().has("ListGroups")], ["warming", false]);
  assert.equal(collector.readiness().ready, false);
  // Nobody has to wait for an answer that never comes.
  for (const broker of [1, 2, 3]) brokers.faults.begin({ fault: "broker-down", broker });
  await brokers.settled();
});

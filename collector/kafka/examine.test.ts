/** A look at simulated brokers over real sockets: who answers, what may be read, and what to do where it may not. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import type { z } from "zod";
import { createLogger } from "../../runtime/logger.ts";
import type { Cluster } from "../../simulator/cluster/cluster.ts";
import { createCluster } from "../../simulator/cluster/create-cluster.ts";
import type { BrokersOptions } from "../../simulator/wire/brokers.ts";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import type { WireFault } from "../../simulator/wire/faults.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { ClusterConfig } from "../config.ts";
import { examineCluster } from "./examine.ts";

const AT_MS = 1_700_000_000_000;
const GROUPS = ["a", "b", "c", "d"];

function world(version: "2.8" | "4.1" = "4.1"): Cluster {
  const random = randomOf(1, "cluster");
  const cluster = createCluster({ clusterId: "c", version, brokers: [1, 2, 3], offsetsPartitions: 6, random });
  cluster.createTopic({ topic: "orders", partitions: 2 }, AT_MS);
  for (const group of GROUPS)
    cluster.commit({ group, offsets: [{ topic: "orders", partition: 0, committedOffset: 0 }], atMs: AT_MS });
  return cluster;
}

interface Looked {
  readonly lines: readonly string[];
}

interface Setting {
  readonly view?: Cluster;
  readonly faults?: readonly WireFault[];
  readonly options?: Partial<BrokersOptions>;
  readonly config?: Partial<z.input<typeof ClusterConfig>>;
}

async function look({ view = world(), faults = [], options, config }: Setting = {}): Promise<Looked> {
  await using brokers = await startBrokers({ view, random: randomOf(1, "brokers"), ...options });
  for (const fault of faults) brokers.faults.begin(fault);
  await brokers.settled();
  const findings = await examineCluster({
    config: ClusterConfig.parse({ brokers: [...brokers.bootstrap], ...config }),
    timeoutMs: 1_500,
    nowMs: () => AT_MS,
    logger: createLogger("silent"),
  });
  const lines = findings.map(({ level, what, detail, remedy }) => `${level} ${what}: ${detail}; ${remedy ?? ""}`);
  return { lines };
}

const bad = ({ lines }: Looked): readonly string[] => lines.filter((line) => !line.startsWith("ok"));

test("a cluster that answers in all is ok in all, and each thing is said once", async () => {
  const looked = await look();
  assert.deepEqual(bad(looked), []);
  const said = looked.lines.map((line) => line.slice(0, line.indexOf(":")));
  assert.deepEqual(said, [
    "ok bootstrap",
    "ok brokers",
    "ok requests",
    "ok topic __consumer_offsets",
    "ok topics",
    "ok topic configurations",
    "ok groups",
  ]);
  assert.match(
    looked.lines.join("\n"),
    /3 of 3 configured.*\n.*3 of 3 brokers.*\n(.*\n)*ok topics: 1 are(.*\n)*.*groups: 4 are/,
  );
});

test("what an old broker cannot do is said with what is not known for it", async () => {
  const looked = await look({ view: world("2.8") });
  assert.deepEqual(bad(looked), []);
  assert.match(looked.lines.join("\n"), /ShareGroupDescribe \(broker 1, 2, 3: there are no share groups\)/);
});

test("no broker, one broker that is down, and one that takes requests and never answers", async () => {
  const down = (broker: number): WireFault => ({ fault: "broker-down", broker });
  const none = await look({ faults: [down(1), down(2), down(3)] });
  assert.deepEqual(
    none.lines.map((line) => line.slice(0, 4)),
    ["fail", "fail", "fail"],
  );
  assert.match(none.lines.join("\n"), /mend its address in `brokers`/);
  const one = await look({ faults: [down(2)] });
  assert.match(one.lines.join("\n"), /ok bootstrap: 2 of 3/);
  assert.match(bad(one).join("\n"), /^warn broker 127/);
  const hung = await look({ faults: [{ fault: "hung", broker: 3 }] });
  assert.match(bad(hung).join("\n"), /fail broker 3: 127\.0\.0\.1:\d+ does not answer.*advertised\.listeners/);
});

const denials: readonly (readonly [name: string, faults: readonly WireFault[], says: RegExp])[] = [
  [
    "describing the offsets topic",
    [{ fault: "deny-topic", topic: "__consumer_offsets" }],
    /^fail topic __consumer_offsets: we may not describe it; kafka-acls\.sh .*--operation Describe --operation Read --topic __consumer_offsets; or set `source: polling`, which does without$/,
  ],
  [
    "reading the offsets topic",
    [{ fault: "error", api: "Fetch", code: 29, topic: "__consumer_offsets" }],
    /^fail topic __consumer_offsets: we may not read it; kafka-acls/,
  ],
  [
    "topics",
    [{ fault: "deny-topic", topic: "orders" }],
    /^fail topics: none is visible, and groups are: 4, .*--operation Describe --topic '\*'$/,
  ],
  [
    "configurations",
    [{ fault: "error", api: "DescribeConfigs", code: 29, topic: "orders" }],
    /^warn topic configurations: we may not read those of 1 of 1 .*--operation DescribeConfigs/,
  ],
  [
    "groups",
    GROUPS.map((group) => ({ fault: "deny-group", group }) as const),
    /^warn groups: none is visible.*--operation Describe --group '\*'$/,
  ],
  [
    "offsets of a group",
    [{ fault: "error", api: "OffsetFetch", code: 30, group: "a" }],
    /^fail groups: 4 are listed, but 1 of 4 do not tell us their offsets/,
  ],
];
for (const [name, faults, says] of denials) {
  test(`denied: ${name}; the command that grants it is said`, async () => {
    const [line, ...more] = bad(await look({ faults }));
    assert.match(line ?? "", says);
    assert.deepEqual(more, []);
  });
}

test("a topic that is hidden while groups have offsets is told as such; with none of them it is made some day", async () => {
  const whole = world();
  const isHidden = (name: string): boolean => name === "__consumer_offsets";
  const view: Cluster = {
    ...whole,
    topic: (name) => (isHidden(name) ? undefined : whole.topic(name)),
    topics: () => [...whole.topics()].filter(({ name }) => !isHidden(name)),
  };
  const [line, ...more] = bad(await look({ view }));
  assert.equal(
    line,
    "fail topic __consumer_offsets: it is hidden: 4 groups have offsets, and there is no such topic; set `source: polling`",
  );
  assert.deepEqual(more, []);
  const faults = GROUPS.map((group) => ({ fault: "deny-group", group }) as const);
  assert.match(bad(await look({ view, faults })).join("\n"), /^warn topic __consumer_offsets: there is none/);
});

test("who polls needs no right to the offsets topic, and every right to groups", async () => {
  const config = { source: "polling" } as const;
  const topic = "__consumer_offsets";
  const faults: readonly WireFault[] = [
    { fault: "deny-topic", topic },
    { fault: "error", api: "Fetch", code: 29, topic },
  ];
  const looked = await look({ config, faults });
  assert.deepEqual(bad(looked), []);
  assert.match(looked.lines.join("\n"), /^ok topic __consumer_offsets: not needed: commits are polled each 10 s/m);
  const denied = await look({ config, faults: [{ fault: "error", api: "OffsetFetch", code: 30, group: "a" }] });
  assert.match(bad(denied)[0] ?? "", /^fail groups: 4 are listed, but 1 of 4/);
});

test("a wrong password is told as such, and is itself not told; the right one is granted by its name", async () => {
  const sasl = (password: string) => ({ mechanism: "plain", username: "ours", password }) as const;
  const options = { sasl: { mechanisms: ["PLAIN"], users: new Map([["ours", "right-0815"]]) } } as const;
  const wrong = await look({ options, config: { sasl: sasl("wrong-4711") } });
  assert.match(bad(wrong)[0] ?? "", /^fail broker .*mend `sasl`/);
  assert.doesNotMatch(wrong.lines.join("\n"), /wrong-4711/);
  const faults: readonly WireFault[] = [{ fault: "deny-topic", topic: "orders" }];
  const right = await look({ options, faults, config: { sasl: sasl("right-0815") } });
  assert.match(bad(right).join("\n"), /--allow-principal 'User:ours'/);
});

test("a command that grants a right is one for a shell, whatever we are called", async () => {
  const [username, password] = ["o'hara'; exit 1; '", "right-0815"];
  const sasl = { mechanism: "plain", username, password } as const;
  const options = { sasl: { mechanisms: ["PLAIN"], users: new Map([[username, password]]) } } as const;
  const looked = await look({ options, faults: [{ fault: "deny-topic", topic: "orders" }], config: { sasl } });
  const [command = ""] = /kafka-acls\.sh .*/.exec(bad(looked).join("\n")) ?? [];
  const script = `say() { printf '%s|' "$@"; }; ${command.replace("kafka-acls.sh", "say")}`;
  const said = execFileSync("sh", ["-c", script], { encoding: "utf8" });
  assert.match(said, /\|--allow-principal\|User:o'hara'; exit 1; '\|--operation\|/);
});

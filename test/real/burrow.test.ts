/**
 * # A real Burrow as the source, where BURROW_BIN names one
 *
 * It keeps what the port of commits promises, and a product that asks it and no broker shows Burrow's own verdicts and lags, for every group
 * of the population that Burrow can be asked for.
 */

import { suite, test } from "node:test";
import { type CommitStage, commitSourceSuite } from "../../collector/kafka/commit-source.suite.ts";
import { noteSkipped } from "../notices.ts";
import { openCommitStage } from "./commit-stage.fixture.ts";
import { createPopulation } from "./groups.ts";
import { type Broker, startBroker } from "./kafka/broker.ts";
import { CLUSTER, startProduct } from "./product.ts";
import { type Burrow, burrowBinary, OWN_GROUP, startBurrow } from "./shadow/burrow.ts";
import type { GroupVerdict } from "./shadow/verdicts.ts";
import { verdictsOf } from "./shadow/verdicts.ts";
import { done, notYet, until } from "./until.ts";

const TIMEOUT_MS = 90_000;
const REFRESH_S = 1;

const binary = burrowBinary();
if (binary === undefined) {
  const reason = "BURROW_BIN names no program: the source was tried on a stand-in alone";
  test("a real Burrow", { skip: reason }, () => undefined);
  await noteSkipped({ server: "Burrow", reason });
} else {
  const broker = await startBroker({ version: "4.1.2" });
  await oneCommit(broker);
  const burrow = await startBurrow({ binary, brokers: [broker.bootstrap], cluster: CLUSTER, refreshS: REFRESH_S });
  suite("a real Burrow", () => {
    commitSourceSuite("burrow", () => stageBehind(burrow, broker));
    test("what is shown of it is what it says itself", () => showsTheSame(burrow, broker));
    // The last of the suite: a hook would run while the others are under way.
    test("it still runs", async () => {
      const isRunning = burrow.running;
      await burrow[Symbol.asyncDispose]();
      await broker[Symbol.asyncDispose]();
      if (!isRunning) throw new Error("Burrow ended meanwhile");
    });
  });
}

/** Burrow does not start where nobody has committed yet: there is no offsets topic then. */
async function oneCommit(broker: Broker): Promise<void> {
  await using stage = await openCommitStage(broker);
  await stage.commit("the-first", 0, 1);
}

/** Burrow drops commits of a topic that it has not seen yet. */
async function stageBehind(burrow: Burrow, broker: Broker): Promise<CommitStage> {
  const stage = await openCommitStage(broker);
  const knows = async () => {
    const { status } = await fetch(`${burrow.url}/v3/kafka/${CLUSTER}/topic/${stage.topic}`);
    return status === 200 ? done(undefined) : notYet(`${status}`);
  };
  await until(`topic ${stage.topic} in Burrow`, knows, { timeoutMs: TIMEOUT_MS });
  return { ...stage, brokers: [], burrow: { url: burrow.url, cluster: CLUSTER }, deleteOffset: undefined };
}

async function showsTheSame(burrow: Burrow, broker: Broker): Promise<void> {
  await using population = await createPopulation(broker);
  const cluster = { source: "burrow", poll_interval: "1s", burrow: { url: burrow.url, cluster: CLUSTER } };
  await using product = await startProduct({ brokers: [], command: "collector", cluster });
  await product.ready();
  await population.rest();
  const look = async () => {
    const [ours, theirs] = await Promise.all([product, burrow].map(({ url }) => verdictsOf(url, CLUSTER)));
    if (ours === undefined || theirs === undefined || theirs.size < population.groups.length / 2)
      return notYet("one of the two does not tell");
    const found = [...theirs].flatMap(([group, own]) =>
      isSeen(group) ? differences(group, own, ours.get(group)) : [],
    );
    return found.length === 0 ? done(undefined) : notYet(`${found.length}: ${found.slice(0, 5).join("; ")}`);
  };
  await until("Burrow's own verdicts", look, { timeoutMs: TIMEOUT_MS, everyMs: 250 });
}

/** No route of Burrow leads to a name with a slash. */
function isSeen(group: string): boolean {
  return group !== OWN_GROUP && !group.includes("/");
}

function differences(group: string, theirs: GroupVerdict, ours: GroupVerdict | undefined): readonly string[] {
  if (ours === undefined) return [`${group} is missing`];
  const all = [...theirs.partitions].flatMap(([place, own]) => {
    const other = ours.partitions.get(place);
    const same = other?.status === own.status && other.currentLag === own.currentLag && other.complete === own.complete;
    return same ? [] : [`${group} ${place}: ${JSON.stringify(other)}, Burrow ${JSON.stringify(own)}`];
  });
  return ours.status === theirs.status ? all : [...all, `${group}: ${ours.status}, Burrow ${theirs.status}`];
}

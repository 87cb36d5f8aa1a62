/**
 * # Kafka's own consumer, asked what it says of itself
 *
 * A child that runs AskedConsumer.java: it polls, commits and pauses when it is told, and each answer has its position and what its metrics
 * say of lag. Java compiles the file when it starts, which takes a JDK.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { kafkaJars } from "./jars.ts";
import type { Target } from "./tools.ts";

const PROGRAM = resolve(import.meta.dirname, "AskedConsumer.java");
const ANSWER_TIMEOUT_MS = 60_000;
const SMALL = ["-Xmx96m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:-UsePerfData"];

/** Of its only partition; NaN: the client has no such number. */
export interface ClientLag {
  readonly position: number;
  /** At the last fetch that was returned. */
  readonly recordsLag: number;
  /** The greatest of the window, of all partitions of the client. */
  readonly recordsLagMax: number;
  readonly partitionRecordsLagMax: number;
}

export interface AskedConsumer extends AsyncDisposable {
  /** Polls until the position is at least this. */
  poll(position: number): Promise<ClientLag>;
  /** Polls once, for 100 ms. */
  look(): Promise<ClientLag>;
  commit(): Promise<ClientLag>;
  pause(): Promise<ClientLag>;
  resume(): Promise<ClientLag>;
}

/** `properties` are those of Kafka's consumer, group.id among them. The topic has one partition. */
export async function startAskedConsumer(
  broker: Target,
  { topic, properties }: { readonly topic: string; readonly properties: Readonly<Record<string, string>> },
): Promise<AskedConsumer> {
  const all = { "bootstrap.servers": broker.bootstrap, ...properties };
  const pairs = Object.entries(all).map(([name, value]) => `${name}=${value}`);
  const jars = `${await kafkaJars(broker.version)}/*`;
  const child = spawn("java", [...SMALL, "-cp", jars, PROGRAM, topic, ...pairs]);
  let said = "";
  child.stderr.on("data", (some: Buffer) => {
    said = (said + some.toString()).slice(-4_000);
  });
  const gone = once(child, "exit");
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const ask = async (request: string): Promise<ClientLag> => {
    child.stdin.write(`${request}\n`);
    const late = AbortSignal.timeout(ANSWER_TIMEOUT_MS);
    const answer = await Promise.race([lines.next(), once(late, "abort").then(() => undefined)]);
    if (answer === undefined || answer.done === true) throw new Error(`no answer to ${request}: ${said}`);
    return parseAnswer(answer.value);
  };
  return {
    poll: (position) => ask(`poll ${position}`),
    look: () => ask("look"),
    commit: () => ask("commit"),
    pause: () => ask("pause"),
    resume: () => ask("resume"),
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await gone;
    },
  };
}

function parseAnswer(line: string): ClientLag {
  const values = new Map(line.split(" ").map((pair) => [pair.split("=")[0], Number(pair.split("=")[1])]));
  const read = (name: string) => values.get(name) ?? Number.NaN;
  return {
    position: read("position"),
    recordsLag: read("records-lag"),
    recordsLagMax: read("records-lag-max"),
    partitionRecordsLagMax: read("partition-records-lag-max"),
  };
}

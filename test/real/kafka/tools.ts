/**
 * # Kafka's own command-line tools
 *
 * The classes that Kafka ships, run as its shell scripts would. ConsumerGroupCommand is the oracle: what it prints at rest is
 * what we have to say. Each call starts a JVM (some 1.3 s), so a test asks once for everything.
 */

import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { type Child, startChild } from "../child.ts";
import { scratchDir } from "../places.ts";
import type { Broker } from "./broker.ts";
import { type DescribedPartition, type DescribedState, parseDescribed, parseStates } from "./describe.ts";
import { kafkaJars } from "./jars.ts";

const run = promisify(execFile);
const TOOL_TIMEOUT_MS = 60_000;
const OUTPUT_BYTES_MAX = 64 * 1024 * 1024;
const GROUPS = "org.apache.kafka.tools.consumer.group.ConsumerGroupCommand";
const CONFIGS = "kafka.admin.ConfigCommand";
const CONSOLE_SHARE_CONSUMER = "org.apache.kafka.tools.consumer.ConsoleShareConsumer";
const CONSOLE_CONSUMER = "org.apache.kafka.tools.consumer.ConsoleConsumer";

class ToolFailed extends Error {
  override readonly name = "ToolFailed";
  constructor(tool: string, said: string, options: ErrorOptions) {
    super(`${tool} failed; it said:\n${said}`, options);
  }
}

/** Names travel as arguments and come back as text: without these Java would use the machine's locale for both. */
const JAVA = ["-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-XX:-UsePerfData"].concat([
  "-Dfile.encoding=UTF-8",
  "-Dsun.stdout.encoding=UTF-8",
  "-Dsun.jnu.encoding=UTF-8",
]);

/** A broker that a tool can be pointed at. */
export type Target = Pick<Broker, "version" | "bootstrap">;

async function runTool(broker: Target, tool: string, args: readonly string[]): Promise<string> {
  const java = [...JAVA, "-cp", `${await kafkaJars(broker.version)}/*`, tool, "--bootstrap-server", broker.bootstrap];
  const env = { ...process.env, LC_ALL: "C.UTF-8" };
  const options = { env, timeout: TOOL_TIMEOUT_MS, maxBuffer: OUTPUT_BYTES_MAX };
  const { stdout } = await run("java", [...java, ...args], options).catch((cause: unknown) => {
    throw new ToolFailed(tool, saidBy(cause), { cause });
  });
  return stdout;
}

function saidBy(cause: unknown): string {
  const { stdout, stderr } = cause as { readonly stdout?: string; readonly stderr?: string };
  return `${stdout ?? ""}${stderr ?? ""}`.trim().slice(-4_000);
}

/** Committed offset, end offset and lag of every partition of every group. The oracle. */
export async function describeAllGroups(broker: Target): Promise<readonly DescribedPartition[]> {
  return parseDescribed(await runTool(broker, GROUPS, ["--describe", "--all-groups", "--offsets"]));
}

/** Every topic and partition, as TopicCommand prints them. */
export function describeTopics(broker: Target): Promise<string> {
  return runTool(broker, "org.apache.kafka.tools.TopicCommand", ["--describe"]);
}

/** State and number of members of every group. */
export async function describeStates(broker: Target): Promise<readonly DescribedState[]> {
  return parseStates(await runTool(broker, GROUPS, ["--describe", "--all-groups", "--state"]));
}

export async function listGroups(broker: Broker): Promise<readonly string[]> {
  return (await runTool(broker, GROUPS, ["--list"])).split("\n").filter((line) => line !== "");
}

export async function deleteGroup(broker: Target, group: string): Promise<void> {
  await runTool(broker, GROUPS, ["--delete", "--group", group]);
}

/** Sets the group's committed offsets of one topic; `to` is an option of the tool, such as `--to-earliest`. */
export async function resetOffsets(
  broker: Target,
  target: { readonly group: string; readonly topic: string; readonly to: readonly string[] },
): Promise<void> {
  const { group, topic, to } = target;
  await runTool(broker, GROUPS, ["--reset-offsets", "--execute", "--group", group, "--topic", topic, ...to]);
}

/** Sets the group's committed offsets to those of a file, topic,partition,offset a line. */
export async function resetFromFile(
  broker: Target,
  { group, file }: { readonly group: string; readonly file: string },
): Promise<void> {
  await runTool(broker, GROUPS, ["--reset-offsets", "--execute", "--group", group, "--from-file", file]);
}

export async function createTopic(broker: Broker, topic: string, partitions: number): Promise<void> {
  const args = ["--create", "--topic", topic, "--partitions", String(partitions), "--replication-factor", "1"];
  await runTool(broker, "org.apache.kafka.tools.TopicCommand", args);
}

export async function deleteTopic(broker: Broker, topic: string): Promise<void> {
  await runTool(broker, "org.apache.kafka.tools.TopicCommand", ["--delete", "--topic", topic]);
}

/** Moves the log-start offset of one partition up to `beforeOffset`, as retention would. */
export async function deleteRecords(
  broker: Broker,
  target: { readonly topic: string; readonly partition: number; readonly beforeOffset: number },
): Promise<void> {
  const { topic, partition, beforeOffset } = target;
  const dir = await scratchDir("tools");
  const file = resolve(dir, "offsets.json");
  await writeFile(file, JSON.stringify({ partitions: [{ topic, partition, offset: beforeOffset }], version: 1 }));
  await runTool(broker, "org.apache.kafka.tools.DeleteRecordsCommand", ["--offset-json-file", file]);
  await rm(dir, { recursive: true, force: true });
}

export interface ConsoleConsumer {
  readonly group: string;
  readonly topic: string;
  readonly protocol: "classic" | "consumer" | "share";
  /** Makes it a static member (KIP-345). */
  readonly instanceId?: string;
}

/** A member made by Kafka's own client. Its log is removed when it is disposed of. */
export async function startConsoleConsumer(broker: Broker, consumer: ConsoleConsumer): Promise<Child> {
  const dir = await scratchDir("tools");
  const main = consumer.protocol === "share" ? CONSOLE_SHARE_CONSUMER : CONSOLE_CONSUMER;
  const child = await startChild({
    command: "java",
    args: [...JAVA, "-cp", `${await kafkaJars(broker.version)}/*`, main, ...consoleArguments(broker, consumer)],
    logFile: resolve(dir, "console-consumer.log"),
  });
  return {
    ...child,
    get running() {
      return child.running;
    },
    [Symbol.asyncDispose]: async () => {
      await child.kill();
      await rm(dir, { recursive: true, force: true });
    },
  };
}

function consoleArguments(broker: Broker, consumer: ConsoleConsumer): readonly string[] {
  const { group, topic, protocol, instanceId } = consumer;
  const properties = [
    `client.id=console-${protocol}`,
    // A share consumer acknowledges what it has read, and commits nothing.
    ...(protocol === "share" ? [] : [`group.protocol=${protocol}`, "auto.commit.interval.ms=200"]),
    ...(instanceId === undefined ? [] : [`group.instance.id=${instanceId}`]),
  ];
  const own = properties.flatMap((property) => ["--consumer-property", property]);
  const from = protocol === "share" ? [] : ["--from-beginning"];
  return ["--bootstrap-server", broker.bootstrap, "--topic", topic, "--group", group, ...from, ...own];
}

/** Forgets the group's committed offsets of one topic; nobody may read it by then. */
export async function deleteOffsets(
  broker: Broker,
  { group, topic }: { readonly group: string; readonly topic: string },
): Promise<void> {
  await runTool(broker, GROUPS, ["--delete-offsets", "--group", group, "--topic", topic]);
}

/** Where a share group begins that has read nothing: at what is there already, instead of what comes. */
export async function shareFromEarliest(broker: Broker, group: string): Promise<void> {
  const change = ["--alter", "--entity-type", "groups", "--entity-name", group];
  await runTool(broker, CONFIGS, [...change, "--add-config", "share.auto.offset.reset=earliest"]);
}

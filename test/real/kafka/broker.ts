/**
 * # One real broker
 *
 * A KRaft node that is broker and controller at once, in a small form (a heap of 192 MiB, serial collector, a small cleaner
 * buffer: its default of 128 MB is allocated at once, and the broker would die just after its port has opened).
 * `PLAINTEXT` is always there, for the broker itself and for Kafka's tools; others are those that are asked for.
 */

import { existsSync } from "node:fs";
import { mkdir, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type Child, startChild } from "../child.ts";
import { scratchDir } from "../places.ts";
import { freePorts } from "../ports.ts";
import { done, notYet, until } from "../until.ts";
import { askApiVersions } from "./api-versions.ts";
import { type KafkaVersion, kafkaJars } from "./jars.ts";
import { requireJava } from "./java.ts";
import { formatArguments, type Login, type SecuredListener, securedProperties } from "./security.ts";

/** Some seconds as a rule; a machine that is at its limit has taken more than a minute. */
const READY_TIMEOUT_MS = 120_000;
const STOP_GRACE_MS = 20_000;
const CLUSTER_ID = "VGlkZW1hcmtUZXN0Q2x1cw";

export interface BrokerOptions {
  readonly version: KafkaVersion;
  /** Chosen where absent. */
  readonly port?: number;
  /** Made and removed with the broker where absent. */
  readonly dataDir?: string;
  readonly offsetsPartitions?: number;
  readonly heapMiB?: number;
  readonly properties?: Readonly<Record<string, string>>;
  readonly secured?: readonly SecuredListener[];
  /** Users of both SCRAM mechanisms. */
  readonly scramUsers?: readonly Login[];
  /** Of its JVM, such as which URLs it may read. */
  readonly systemProperties?: Readonly<Record<string, string>>;
}

export interface Broker extends AsyncDisposable {
  readonly version: KafkaVersion;
  /** host:port of the plain listener. */
  readonly bootstrap: string;
  /** host:port of a secured listener. */
  listener(name: string): string;
  readonly dataDir: string;
  /** Of the process that runs now, or ran last. */
  readonly pid: number;
  /** SIGTERM: leaves its log in order. */
  stop(): Promise<void>;
  /** SIGKILL. */
  kill(): Promise<void>;
  /** Starts again on the same ports and data; stops it first where it runs. */
  restart(): Promise<void>;
  logTail(): Promise<string>;
}

interface Layout {
  readonly options: BrokerOptions;
  readonly jars: string;
  readonly dataDir: string;
  readonly port: number;
  readonly controllerPort: number;
  /** By the names of secured listeners. */
  readonly securePorts: ReadonlyMap<string, number>;
}

export async function startBroker(options: BrokerOptions): Promise<Broker> {
  await requireJava();
  const layout = await layOut(options);
  await format(layout);
  return handleOf(layout, await launch(layout));
}

async function layOut(options: BrokerOptions): Promise<Layout> {
  const jars = await kafkaJars(options.version);
  const dataDir = options.dataDir ?? (await scratchDir("brokers"));
  await mkdir(dataDir, { recursive: true });
  const names = (options.secured ?? []).map(({ name }) => name);
  const [port, controllerPort, ...rest] = await freePorts(2 + names.length);
  if (port === undefined || controllerPort === undefined) throw new Error("no free ports");
  const securePorts = new Map(names.map((name, index) => [name, rest[index] ?? 0]));
  return { options, jars, dataDir, port: options.port ?? port, controllerPort, securePorts };
}

async function format(layout: Layout): Promise<void> {
  await writeFile(resolve(layout.dataDir, "server.properties"), propertiesText(serverProperties(layout)));
  await writeFile(resolve(layout.dataDir, "log4j2.properties"), LOG4J2);
  await writeFile(resolve(layout.dataDir, "log4j.properties"), LOG4J);
  if (existsSync(resolve(layout.dataDir, "log", "meta.properties"))) return;
  const args = ["format", "-t", CLUSTER_ID, "-c", resolve(layout.dataDir, "server.properties")];
  const main = ["kafka.tools.StorageTool", ...args, ...formatArguments(layout.options.scramUsers ?? [])];
  await using child = await startJava(layout, main, 128);
  const end = await child.ended;
  if (end !== "exit code 0") throw new Error(`formatting a log folder for Kafka: ${end}\n${await child.logTail()}`);
}

async function launch(layout: Layout): Promise<Child> {
  const main = ["kafka.Kafka", resolve(layout.dataDir, "server.properties")];
  const child = await startJava(layout, main, layout.options.heapMiB ?? 192);
  try {
    const look = async () => {
      if (!child.running) return done("ended");
      await askApiVersions(layout.port);
      // The port opens before the last parts are up; one that dies of it does so within a moment.
      return child.running ? done("ready") : notYet("answers, but its process is gone");
    };
    const state = await until("an answer of the broker", look, { timeoutMs: READY_TIMEOUT_MS, everyMs: 100 });
    if (state === "ended") throw new Error(`its process ended: ${await child.ended}`);
    return child;
  } catch (cause) {
    await child.kill();
    const tail = await child.logTail();
    throw new Error(`Kafka ${layout.options.version} did not start on port ${layout.port}; its log ends:\n${tail}`, {
      cause,
    });
  }
}

function startJava(layout: Layout, main: readonly string[], heapMiB: number): Promise<Child> {
  const small = ["-Xms64m", `-Xmx${heapMiB}m`, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-XX:-UsePerfData"];
  const logging = [
    `-Dlog4j2.configurationFile=${resolve(layout.dataDir, "log4j2.properties")}`,
    `-Dlog4j.configuration=file:${resolve(layout.dataDir, "log4j.properties")}`,
  ];
  const own = Object.entries(layout.options.systemProperties ?? {}).map(([name, value]) => `-D${name}=${value}`);
  return startChild({
    command: "java",
    args: [...small, ...logging, ...own, "-cp", `${layout.jars}/*`, ...main],
    logFile: resolve(layout.dataDir, "broker.log"),
  });
}

function serverProperties(layout: Layout): Readonly<Record<string, string>> {
  const { options, port, controllerPort, securePorts, dataDir } = layout;
  const secured = options.secured ?? [];
  const secure = [...securePorts].map(([name, at]) => `,${name}://127.0.0.1:${at}`).join("");
  const secureMap = secured.map(({ name, protocol }) => `,${name}:${protocol}`).join("");
  return {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.quorum.voters": `1@127.0.0.1:${controllerPort}`,
    "controller.listener.names": "CONTROLLER",
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}${secure}`,
    "advertised.listeners": `PLAINTEXT://127.0.0.1:${port}${secure}`,
    "listener.security.protocol.map": `PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT${secureMap}`,
    "inter.broker.listener.name": "PLAINTEXT",
    "log.dirs": resolve(dataDir, "log"),
    "offsets.topic.num.partitions": String(options.offsetsPartitions ?? 3),
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.num.partitions": "3",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    ...(options.version.startsWith("3.")
      ? { "group.coordinator.rebalance.protocols": "classic,consumer" }
      : { "share.coordinator.state.topic.replication.factor": "1", "share.coordinator.state.topic.min.isr": "1" }),
    "group.initial.rebalance.delay.ms": "0",
    // A killed broker may register again only when its last registration has run out (9 s by default).
    "broker.session.timeout.ms": "3000",
    "broker.heartbeat.interval.ms": "500",
    "log.cleaner.dedupe.buffer.size": "4194304",
    "auto.create.topics.enable": "false",
    ...securedProperties(secured),
    ...options.properties,
  };
}

function propertiesText(properties: Readonly<Record<string, string>>): string {
  return `${Object.entries(properties)
    .map(([key, value]) => `${key}=${value}`)
    .join("\n")}\n`;
}

const LOG4J2 = `rootLogger.level=INFO
rootLogger.appenderRef.console.ref=console
appender.console.type=Console
appender.console.name=console
appender.console.layout.type=PatternLayout
appender.console.layout.pattern=%d %p %c{1} %m%n
`;

const LOG4J = `log4j.rootLogger=INFO, console
log4j.appender.console=org.apache.log4j.ConsoleAppender
log4j.appender.console.layout=org.apache.log4j.PatternLayout
log4j.appender.console.layout.ConversionPattern=%d %p %c{1} %m%n
`;

function handleOf(layout: Layout, first: Child): Broker {
  let child = first;
  const { options, port, securePorts, dataDir } = layout;
  return {
    version: options.version,
    bootstrap: `127.0.0.1:${port}`,
    listener: (name) => {
      const at = securePorts.get(name);
      if (at === undefined) throw new Error(`the broker has no listener ${name}`);
      return `127.0.0.1:${at}`;
    },
    dataDir,
    get pid() {
      return child.pid;
    },
    stop: () => child.stop(STOP_GRACE_MS),
    kill: () => child.kill(),
    restart: async () => {
      await child.stop(STOP_GRACE_MS);
      child = await launch(layout);
    },
    logTail: () => child.logTail(),
    [Symbol.asyncDispose]: async () => {
      await child.kill();
      if (options.dataDir === undefined) await rm(dataDir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

/**
 * # The pages for those who come from another tool, step by step
 *
 * What a page shows is done as it stands there, in its order, on a real Kafka and a real InfluxDB: its configuration is written, what it
 * says to run is run, and Tidemark is started where it says so. Only names and addresses are put in, and ticks come each second.
 * The other tools are in no registry. Where BURROW_BIN names a Burrow it is compared with; where there is none, and for the
 * other tools, the comparison is made with ourselves, so that its commands are seen to work.
 */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { rm, writeFile } from "node:fs/promises";
import { delimiter, resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { Kafka, logLevel } from "kafkajs";
import { noteSkipped } from "../notices.ts";
import { startChild } from "./child.ts";
import { type Influx, startInflux } from "./influxdb/server.ts";
import { type Broker, startBroker } from "./kafka/broker.ts";
import { kafkaScripts } from "./kafka/scripts.ts";
import { resetOffsets } from "./kafka/tools.ts";
import { REPOSITORY, scratchDir } from "./places.ts";
import { freePort } from "./ports.ts";
import { type Burrow, burrowBinary, startBurrow } from "./shadow/burrow.ts";
import { fillTopic, topicsReady } from "./topics.ts";
import { done, notYet, until } from "./until.ts";

const run = promisify(execFile);
const PAGES = resolve(REPOSITORY, "docs/migrate");
const STEP_TIMEOUT_MS = 90_000;
const COMMAND_TIMEOUT_MS = 30_000;
const OURS = "127.0.0.1:8010";
const FAST = { TIDEMARK_EVALUATE__INTERVAL: "1s", TIDEMARK_EVALUATE__BURROW__OFFSET_REFRESH: "1s" };

const binary = burrowBinary();
if (binary === undefined)
  await noteSkipped({ server: "a Burrow beside Tidemark, as docs/migrate says", reason: "BURROW_BIN names none" });

interface Page {
  readonly name: string;
  /** Where the page expects the old tool. */
  readonly old: string | undefined;
  /** The old tool itself; undefined: none is at hand. */
  readonly start?: () => Promise<AsyncDisposable & { readonly url: string }>;
  /** What its functions say of us, so that no two nothings are called the same. */
  readonly says: { readonly command: string; readonly want: RegExp };
}

const pages: readonly Page[] = [
  {
    name: "from-kafka-consumer-groups",
    old: undefined,
    says: { command: "ours", want: /^orders clicks 0 10\norders clicks 1 10\norders clicks 2 10$/m },
  },
  {
    name: "from-burrow-and-telegraf",
    old: undefined,
    says: { command: "newest tidemark", want: /"group":"orders".*30/ },
  },
  {
    name: "from-burrow",
    old: "127.0.0.1:8000",
    ...(binary === undefined ? {} : { start: () => startReal(binary) }),
    says: { command: `series http://${OURS} lag_total`, want: /^\S+consumer_group="orders"} 30$/m },
  },
  {
    name: "from-kafka-exporter",
    old: "127.0.0.1:9308",
    says: { command: `series http://${OURS}`, want: /^\S+{consumergroup="orders",topic="clicks"} 30$/m },
  },
  {
    name: "from-kafka-lag-exporter",
    old: "127.0.0.1:8000",
    says: { command: `series http://${OURS}`, want: /^\S+{cluster_name="prod",group="orders"} 30$/m },
  },
];

function startReal(program: string): Promise<Burrow> {
  return startBurrow({ binary: program, brokers: [broker.bootstrap], cluster: "prod", refreshS: 1 });
}

let broker: Broker;
let influx: Influx;
let scripts: string;

before(async () => {
  [broker, influx] = await Promise.all([startBroker({ version: "4.1.2" }), startInflux()]);
  scripts = await kafkaScripts(broker.version);
  const kafka = new Kafka({ brokers: [broker.bootstrap], logLevel: logLevel.NOTHING });
  const [admin, producer] = [kafka.admin(), kafka.producer()];
  await Promise.all([admin.connect(), producer.connect()]);
  await admin.createTopics({ topics: [{ topic: "clicks", numPartitions: 3 }], waitForLeaders: false });
  await topicsReady(admin, ["clicks"]);
  await fillTopic(admin, producer, { topic: "clicks", partitions: 3, records: 10 });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
  await resetOffsets(broker, { group: "orders", topic: "clicks", to: ["--to-earliest"] });
});
after(async () => {
  await rm(scripts, { recursive: true, force: true });
  await influx[Symbol.asyncDispose]();
  await broker[Symbol.asyncDispose]();
});

for (const page of pages)
  test(page.name, async () => {
    await using stack = new AsyncDisposableStack();
    const dir = await scratchDir("migrate");
    stack.defer(() => rm(dir, { recursive: true, force: true, maxRetries: 3 }));
    const port = await freePort();
    const tool = page.start === undefined ? undefined : stack.use(await page.start());
    const here = (text: string) =>
      text
        .replaceAll("kafka-1:9092", broker.bootstrap)
        .replaceAll("http://influx:8086", influx.url)
        .replaceAll(page.old ?? OURS, tool === undefined ? OURS : new URL(tool.url).host)
        .replaceAll(OURS, `127.0.0.1:${port}`)
        .replaceAll("./data", resolve(dir, "data"))
        .replaceAll("--config tidemark.yaml", `--config ${resolve(dir, "tidemark.yaml")}`)
        .replaceAll("--from burrow.toml", `--from ${resolve(dir, "burrow.toml")}`);
    const text = readFileSync(resolve(PAGES, `${page.name}.md`), "utf8");
    const functions: string[] = [];
    for (const block of blocksOf(text)) {
      const [, file] = /^# (tidemark\.yaml|burrow\.toml)$/m.exec(block.text) ?? [];
      if (block.language !== "sh") {
        if (file !== undefined) await writeFile(resolve(dir, file), here(block.text));
      } else if (/^\.\/tidemark all --config \S+\n$/.test(block.text)) {
        const args = ["all", "--config", resolve(dir, "tidemark.yaml")];
        const logFile = resolve(dir, "tidemark.log");
        stack.use(await startChild({ command: resolve(REPOSITORY, "tidemark"), args, logFile, env: FAST, cwd: dir }));
      } else {
        functions.push(
          ...here(block.text)
            .matchAll(/^[a-z]+\(\) .+$/gm)
            .map(([line]) => line),
        );
        await runStep(here(block.text));
      }
    }
    const said = await bash([...functions, here(page.says.command)].join("\n"));
    assert.match(said, page.says.want);
    assert.deepEqual(unknownSeries(text, await bash(`curl -sf ${here(`http://${OURS}/metrics`)}`)), []);
  });

/** Names of ours, and labels that are asked for, of which `/metrics` shows none. */
function unknownSeries(page: string, metrics: string): readonly string[] {
  const names = [...page.matchAll(/tidemark_(?:group|partition|tick)_\w+/g)].map(([name]) => `# TYPE ${name} `);
  const labels = [...page.matchAll(/(tidemark_\w+)\{(\w+)="/g)].map(([, name, label]) => `${name}{…${label}="`);
  const isShown = (wanted: string) => new RegExp(`^${wanted.replace("{…", '\\{([^}]*",)?')}`, "m").test(metrics);
  return [...new Set([...names, ...labels])].filter((wanted) => !isShown(wanted));
}

interface Block {
  readonly language: string;
  readonly text: string;
}

function blocksOf(page: string): readonly Block[] {
  return [...page.matchAll(/^```(yaml|toml|sh)\n(.*?)^```$/gms)].map(([, language = "", text = ""]) => ({
    language,
    text,
  }));
}

/** A comparison may come before both have read all; whatever else fails has failed. */
async function runStep(script: string): Promise<void> {
  const attempt = () =>
    bash(script).then(done, (cause: unknown) => {
      const { stdout = "", stderr = "" } = cause as { readonly stdout?: string; readonly stderr?: string };
      const said = `${script}\n${stdout}${stderr}`;
      if (!script.includes("diff <(")) throw new Error(said, { cause });
      return notYet(said);
    });
  if (script.includes("diff <(")) await until("equality", attempt, { timeoutMs: STEP_TIMEOUT_MS, everyMs: 500 });
  else await attempt();
}

async function bash(script: string): Promise<string> {
  const env = { ...process.env, ...FAST, PATH: `${scripts}${delimiter}${process.env["PATH"]}` };
  const options = { cwd: REPOSITORY, env, timeout: COMMAND_TIMEOUT_MS };
  return (await run("bash", ["-euo", "pipefail", "-c", script], options)).stdout;
}

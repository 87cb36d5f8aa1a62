/**
 * # npm run local: a real broker, real groups, and Tidemark on them
 *
 * Kafka 4.1 from its Maven artefacts on 127.0.0.1:9092, the population of the tests (groups.ts), and
 * `./tidemark all --config examples/local.yaml` as it stands. Ctrl-C ends all of it.
 */

import { spawn } from "node:child_process";
import { once } from "node:events";
import { resolve } from "node:path";
import { createPopulation } from "./groups.ts";
import { startBroker } from "./kafka/broker.ts";
import { REPOSITORY } from "./places.ts";

const PORT = 9092;
const PAGE = "http://127.0.0.1:8000/";
const END_MS_MAX = 20_000;

const stop = new AbortController();
for (const signal of ["SIGINT", "SIGTERM"] as const) process.on(signal, () => stop.abort());

console.log(`starting Kafka 4.1 on 127.0.0.1:${PORT}; the first time its artefacts are fetched with Maven`);
await using broker = await startBroker({ version: "4.1.2", port: PORT });
console.log("making groups: healthy, slow, stopped, stalled, rewound, and others");
await using _population = await createPopulation(broker);
const product = spawn(
  resolve(REPOSITORY, "tidemark"),
  ["all", "--config", resolve(REPOSITORY, "examples/local.yaml")],
  {
    cwd: REPOSITORY,
    stdio: "inherit",
  },
);
const ended = once(product, "exit");
console.log(`\n  Tidemark shows them at ${PAGE}\n  Ctrl-C ends the broker, the groups and Tidemark\n`);
stop.signal.addEventListener("abort", () => product.kill("SIGTERM"));
if (stop.signal.aborted) product.kill("SIGTERM");
await ended;
// Clients whose broker has died would wait for it for ever; what is left ends with this process.
setTimeout(() => process.exit(1), END_MS_MAX).unref();

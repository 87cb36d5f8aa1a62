/**
 * # tidemark: the command line
 *
 * What its commands take, and with which code they end: exit-codes.ts has the table.
 */

import { systemClock } from "../runtime/clock.ts";
import { ConfigError, nearestOf } from "../runtime/config/load.ts";
import { Duration } from "../runtime/config/units.ts";
import { asError } from "../runtime/error.ts";
import { createLogger } from "../runtime/logger.ts";
import { needCluster, readConfig, readConfigText } from "./config.ts";
import { EXIT } from "./exit-codes.ts";
import type { Flag, Values } from "./flags.ts";
import { parsed } from "./flags.ts";
import { HELP } from "./help.ts";
import type { Source, TakeCommand } from "./run-take.ts";
import type { FileContext } from "./serve.ts";
import { VERSION } from "./version.ts";

interface Command {
  /** Its own flags, beside those of all commands. */
  readonly flags: readonly Flag[];
  /** What may follow its name, where something has to. */
  readonly verbs?: readonly string[];
  /** Answers with the exit code. */
  readonly run: (values: Values, signal: AbortSignal, verb: string) => Promise<number>;
}

const EVERY_COMMAND: readonly Flag[] = ["help", "version"];

/** Of commands that ask a running collector. */
const OF_COLLECTOR: readonly Flag[] = ["cluster", "config", "group", "token-file", "url"];
const CONFIG_FILE = "tidemark.yaml";

/** Loaded when they are run: a collector does not carry the shipper and the page in its memory. */
const COMMANDS: Readonly<Record<string, Command>> = {
  collector: watching(async (context) => (await import("./run-collector.ts")).runCollector(context)),
  shipper: taking(
    configured(async (context) => (await import("./run-shipper.ts")).runShipper(context)),
    async (command) => (await import("./run-take.ts")).remoteSource(command),
  ),
  all: taking(
    watching(async (context) => (await import("./run-all.ts")).runAll(context)),
    async (command, file) => {
      needCluster(command.config, file);
      return (await import("./run-take.ts")).ownSource(command);
    },
  ),
  check: { flags: ["config", "json"], run: check },
  provision: { flags: ["config", "dry-run", "force"], run: provision },
  dlq: {
    flags: ["config", "dry-run", "reason", "since", "sink", "until"],
    verbs: ["list", "show", "replay", "purge"],
    run: dlq,
  },
  migrate: { flags: ["from"], verbs: ["burrow"], run: migrate },
  deploy: { flags: [...OF_COLLECTOR, "name", "release"], run: deploy },
  offsets: { flags: [...OF_COLLECTOR, "deploy", "json"], verbs: ["diff", "export"], run: offsets },
  demo: { flags: ["port", "scenario", "seconds", "seed"], run: demo },
  replay: { flags: ["config", "every-tick", "lenient", "trace"], run: replay },
};

function configured(run: (context: FileContext) => Promise<void>): Command {
  return {
    flags: ["config"],
    run: async ({ config: file = CONFIG_FILE }, signal) => {
      const { config, text } = readConfigText(file, process.env);
      await run({ config, file, text, logger: createLogger(config.log.level), signal });
      endSoon();
      return EXIT.ok;
    },
  };
}

/** Needs a cluster to watch. */
function watching(run: (context: FileContext) => Promise<void>): Command {
  return configured(async (context) => {
    needCluster(context.config, context.file);
    return run(context);
  });
}

/** Beside its run without end: a look at what it would write, and one turn. */
function taking(command: Command, open: (command: TakeCommand, file: string) => Promise<Source>): Command {
  return {
    flags: [...command.flags, "once", "sink", "test", "wait"],
    run: async (values, signal, verb) => {
      const { config: file = CONFIG_FILE, once, sink, test } = values;
      if (once && test) return usage("one of --once and --test");
      if (!once && !test) return sink === undefined ? command.run(values, signal, verb) : usage("--sink is for --test");
      const waitMs = Duration.safeParse(values.wait).data;
      if (waitMs === undefined) return usage("--wait is a duration, such as 60s");
      const config = readConfig(file, process.env);
      if (sink !== undefined && !Object.hasOwn(config.sinks, sink)) return usage(`no sink is named "${sink}"`);
      const logger = createLogger(config.log.level);
      const { stdout } = process;
      const take = { config, logger, signal, clock: systemClock, waitMs, sink, stdout, complain };
      await using source = await open(take, file);
      const { runOnce, runTest } = await import("./run-take.ts");
      return (await (once ? runOnce : runTest)(take, source)) ? EXIT.ok : EXIT.unavailable;
    },
  };
}

async function replay(values: Values, signal: AbortSignal): Promise<number> {
  const { trace, config: file, lenient, "every-tick": everyTick } = values;
  if (trace === undefined) return usage("replay needs --trace FILE (- for standard input)");
  const { runReplay } = await import("./run-replay.ts");
  const evaluate = file === undefined ? undefined : readConfig(file, process.env).evaluate;
  const { stdin, stdout } = process;
  await runReplay({ trace, evaluate, everyTick, lenient, stdin, stdout, clock: systemClock }, signal);
  return EXIT.ok;
}

/** For each request, and for each cluster, store and collector in all. */
const CHECK_REQUEST_MS = 5_000;
const CHECK_PART_MS = 20_000;

async function check({ config: file = CONFIG_FILE, json }: Values): Promise<number> {
  const { runCheck } = await import("./check/run-check.ts");
  try {
    const config = readConfig(file, process.env);
    const limits = { requestTimeoutMs: CHECK_REQUEST_MS, partTimeoutMs: CHECK_PART_MS };
    return (await runCheck({ config, asJson: json, ...limits, say })) ? EXIT.ok : EXIT.failing;
  } catch (caught) {
    if (!(caught instanceof ConfigError)) throw caught;
    process.stderr.write(`tidemark: ${caught.message}\n`);
    return EXIT.checkConfig;
  } finally {
    endSoon();
  }
}

const LINGER_MS = 1_000;

/** All is said and done: a server that hangs, or a reader of ours that reads no more, is not waited for. */
function endSoon(): void {
  setTimeout(() => process.exit(), LINGER_MS).unref();
}

async function provision({ config: file = CONFIG_FILE, "dry-run": dryRun, force }: Values): Promise<number> {
  const config = readConfig(file, process.env);
  const { runProvision } = await import("./run-provision.ts");
  return (await runProvision(config, { dryRun, force, say })) ? EXIT.ok : EXIT.unavailable;
}

async function dlq(values: Values, signal: AbortSignal, word: string): Promise<number> {
  const { config: file = CONFIG_FILE, sink, reason, since, until, "dry-run": dryRun } = values;
  const { DLQ_VERBS, runDlq } = await import("./run-dlq.ts");
  const { ALL_LETTERS, timeMsOf } = await import("./dlq-filter.ts");
  const verb = DLQ_VERBS.find((known) => known === word);
  if (verb === undefined) return usage("dlq needs one of list, show, replay, purge");
  const nowMs = systemClock.nowMs();
  const sinceMs = since === undefined ? ALL_LETTERS.sinceMs : timeMsOf(since, nowMs);
  const untilMs = until === undefined ? ALL_LETTERS.untilMs : timeMsOf(until, nowMs);
  if (sinceMs === undefined || untilMs === undefined)
    return usage("--since and --until are times, such as 2026-11-21T03:00Z, or durations, such as 2h ago: 2h");
  const { sinks, shipper } = readConfig(file, process.env);
  const asked = { dataDir: shipper.data_dir, sinks, verb, sink, reason, sinceMs, untilMs, dryRun, say };
  return (await runDlq(asked, signal)) ? EXIT.ok : EXIT.unavailable;
}

async function migrate({ from }: Values, _signal: AbortSignal, word: string): Promise<number> {
  const { MIGRATE_VERBS, migratedBurrow } = await import("./migrate/run-migrate.ts");
  if (!MIGRATE_VERBS.some((known) => known === word)) return usage(`migrate needs one of ${MIGRATE_VERBS.join(", ")}`);
  return from === undefined ? usage("migrate needs --from FILE, such as burrow.toml") : say(migratedBurrow(from));
}

async function deploy({ name, release: version, ...values }: Values, signal: AbortSignal): Promise<number> {
  const { askedOf } = await import("./deploys/asked.ts");
  const asked = askedOf(values, CONFIG_FILE);
  if (typeof asked === "string") return usage(asked);
  if (name === undefined) return usage("deploy needs --name NAME");
  await (await import("./deploys/run-deploy.ts")).runDeploy({ ...asked, name, version, say }, signal);
  return EXIT.ok;
}

async function offsets(
  { deploy, json: asJson, ...values }: Values,
  signal: AbortSignal,
  word: string,
): Promise<number> {
  const { askedOf } = await import("./deploys/asked.ts");
  const { OFFSETS_VERBS, runOffsets } = await import("./deploys/run-offsets.ts");
  const verb = OFFSETS_VERBS.find((known) => known === word);
  if (verb === undefined) return usage("offsets needs one of diff, export");
  const asked = askedOf(values, CONFIG_FILE);
  if (typeof asked === "string") return usage(asked);
  await runOffsets({ ...asked, verb, deploy, asJson, say, complain }, signal);
  return EXIT.ok;
}

function complain(text: string): void {
  process.stderr.write(text);
}

async function demo({ port, scenario, seconds, seed }: Values, signal: AbortSignal): Promise<number> {
  const numbers = {
    port: Number(port),
    seconds: seconds === undefined ? undefined : Number(seconds),
    seed: Number(seed),
  };
  if (!Number.isInteger(numbers.port) || numbers.port < 1 || numbers.port > PORT_MAX)
    return usage("--port is a port, such as 8000");
  if (numbers.seconds !== undefined && !(numbers.seconds > 0)) return usage("--seconds is a number above 0");
  if (!Number.isInteger(numbers.seed)) return usage("--seed is a whole number");
  const { runDemo } = await import("./demo/run-demo.ts");
  return runDemo({ ...numbers, scenarioFile: scenario, say }, signal);
}

const PORT_MAX = 65_535;

async function main(args: readonly string[]): Promise<number> {
  const { values, positionals, tokens } = parsed(args);
  if (values.version) return say(`${VERSION}\n`);
  const [name, ...more] = positionals;
  if (values.help || name === undefined) return say(HELP);
  const command = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (command === undefined) return unknownCommand(name);
  const [verb = "", ...rest] = command.verbs === undefined ? ["", ...more] : more;
  const [surplus] = rest;
  if (surplus !== undefined) return unknownCommand(surplus);
  const taken: readonly string[] = [...EVERY_COMMAND, ...command.flags];
  const foreign = tokens.find((token) => token.kind === "option" && !taken.includes(token.name));
  if (foreign?.kind === "option") return usage(`${name} does not take ${foreign.rawName}`);
  return command.run(values, stopSignal(), verb);
}

function say(text: string): number {
  process.stdout.write(text);
  return EXIT.ok;
}

function usage(problem: string): number {
  process.stderr.write(`tidemark: ${problem}\n`);
  return EXIT.usage;
}

function unknownCommand(word: string): number {
  const nearest = nearestOf(word, Object.keys(COMMANDS));
  const hint = nearest === undefined ? "" : `; did you mean "${nearest}"?`;
  return usage(`unknown command "${word}"${hint} (known: ${Object.keys(COMMANDS).join(", ")})`);
}

/** The first signal stops softly, the second at once. */
function stopSignal(): AbortSignal {
  const stop = new AbortController();
  for (const name of ["SIGTERM", "SIGINT"] as const) {
    process.on(name, () => {
      if (stop.signal.aborted) process.exit(1);
      stop.abort();
    });
  }
  return stop.signal;
}

/** By name: some come from a worker thread, where the class is another. */
const UNAVAILABLE: ReadonlySet<string> = new Set([
  "CollectorError",
  "ListenError",
  "FileLockedError",
  "FileNewerError",
  "NetworkFileSystemError",
  "TraceFileError",
]);

function exitCodeOf(error: Error): number {
  if (error instanceof ConfigError) return EXIT.config;
  if (UNAVAILABLE.has(error.name)) return EXIT.unavailable;
  if (error.name === "TraceError") return EXIT.data;
  return "code" in error && String(error.code).startsWith("ERR_PARSE_ARGS") ? EXIT.usage : EXIT.bug;
}

/** What nobody has caught: said once, then out, for a supervisor to start us again. What is on disk is whole at any moment. */
process.on("uncaughtException", (error) => {
  process.stderr.write(`tidemark: ${error.stack ?? error.message}\n`);
  process.exit(EXIT.bug);
});

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (caught) {
  const error = asError(caught);
  process.exitCode = exitCodeOf(error);
  process.stderr.write(`tidemark: ${process.exitCode === EXIT.bug ? (error.stack ?? error.message) : error.message}\n`);
}

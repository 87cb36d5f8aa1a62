/**
 * # The test tiers
 *
 *   node test/run.ts every-change|real|long [--short] [FILTER...]
 * - every-change: all `*.test.ts` that need no server; real: those in test/real, first two at a time what mostly waits for Kafka, then
 *   the others one at a time; long: `*.long.test.ts`, the full counts.
 * - --short: of the long tests the short counts (claims/counts.ts).
 * - A FILTER keeps the files whose path contains it.
 * What has been compiled once is kept for the processes that follow, of which there are hundreds. The last lines name every server that was skipped and why. A tier that finds no test is a mistake, not a success.
 */

import { spawn } from "node:child_process";
import { glob, mkdir } from "node:fs/promises";
import { resolve } from "node:path";
import { LONG_FORM_VARIABLE } from "./claims/counts.ts";
import { NOTICES_VARIABLE, takeNotices } from "./notices.ts";

const ROOT = resolve(import.meta.dirname, "..");

interface Tier {
  /** How many files at a time; of a file for which `isBeside` is true, two. */
  readonly concurrency: number;
  isBeside?(path: string): boolean;
  /** Of one test file: a hanging server must not hang the run. */
  readonly timeoutMs: number;
  readonly needsFiles: boolean;
  takes(path: string): boolean;
}

const isReal = (path: string) => path.startsWith("test/real/");
const isLong = (path: string) => path.endsWith(".long.test.ts");

/** Of test/real: they wait for most of their time, for one broker, and judge no speed. What is new is alone until it was tried. */
const BESIDE: ReadonlySet<string> = new Set(
  [
    "check compare differential exposition group-kinds kafka/describe kill main-job migrate operator page polling records-lag-max security",
    "simulator-tools",
  ].flatMap((names) => names.split(" ")),
);

const TIERS: Readonly<Record<string, Tier>> = {
  "every-change": {
    concurrency: 2,
    timeoutMs: 240_000,
    needsFiles: true,
    takes: (path) => !isReal(path) && !isLong(path),
  },
  real: {
    concurrency: 1,
    isBeside: (path) => BESIDE.has(path.slice("test/real/".length, -".test.ts".length)),
    timeoutMs: 600_000,
    needsFiles: true,
    takes: (path) => isReal(path) && !isLong(path),
  },
  long: { concurrency: 1, timeoutMs: 3_600_000, needsFiles: false, takes: isLong },
};

/** Test files of a tier, as paths from the repository's root, sorted. */
async function testFiles(tier: Tier, filters: readonly string[]): Promise<readonly string[]> {
  const exclude = (path: string) => /(^|\/)(node_modules|\.cache|\.git)(\/|$)/.test(path);
  const paths: string[] = [];
  for await (const path of glob("**/*.test.ts", { cwd: ROOT, exclude })) paths.push(path);
  const wanted = (path: string) => filters.length === 0 || filters.some((filter) => path.includes(filter));
  return paths.filter((path) => tier.takes(path) && wanted(path)).sort();
}

async function run(name: string, options: readonly string[]): Promise<number> {
  const tier = TIERS[name];
  const form = options.includes("--short") ? "short" : "full";
  const filters = options.filter((option) => option !== "--short");
  if (tier === undefined) {
    console.error(`test/run.ts: no tier "${name}"; there is ${Object.keys(TIERS).join(", ")}`);
    return 2;
  }
  const files = await testFiles(tier, filters);
  if (files.length === 0) {
    console.error(`test/run.ts: no test files for ${[name, ...filters].join(" ")}`);
    return tier.needsFiles ? 1 : 0;
  }
  const notices = resolve(ROOT, ".cache", `notices-${process.pid}.jsonl`);
  await mkdir(resolve(ROOT, ".cache"), { recursive: true });
  await takeNotices(notices);
  const [beside, alone] = [true, false].map((is) => files.filter((path) => (tier.isBeside?.(path) ?? false) === is));
  let code = 0;
  for (const [some = [], concurrency] of [[beside, 2] as const, [alone, tier.concurrency] as const])
    if (some.length > 0) code = (await runNode({ ...tier, concurrency }, { files: some, notices, form })) || code;
  for (const line of await takeNotices(notices)) console.log(line);
  return code;
}

/** kafkajs 2.2.4 arms timers in the past, which newer versions of Node warn of at every connection. */
const QUIET = ["--disable-warning=ExperimentalWarning", "--disable-warning=TimeoutNegativeWarning"];
/** Every test, whatever it is about, runs under the law of conservation. */
const WATCH = `--import=${resolve(ROOT, "test/conservation.ts")}`;
/** Each file is a process that would compile the same modules: the greater part of what the short ones take. */
const COMPILED = resolve(ROOT, ".cache", "compiled");

function runNode(
  tier: Tier,
  { files, notices, form }: { readonly files: readonly string[]; readonly notices: string; readonly form: string },
): Promise<number> {
  const limits = [`--test-concurrency=${tier.concurrency}`, `--test-timeout=${tier.timeoutMs}`];
  const child = spawn(process.execPath, [...QUIET, WATCH, "--test", ...limits, ...files], {
    cwd: ROOT,
    env: { ...process.env, [NOTICES_VARIABLE]: notices, [LONG_FORM_VARIABLE]: form, NODE_COMPILE_CACHE: COMPILED },
    stdio: ["ignore", "inherit", "inherit"],
  });
  return new Promise((settle, reject) => {
    child.once("error", reject);
    child.once("exit", (code) => settle(code ?? 1));
  });
}

const [tierName = "", ...options] = process.argv.slice(2);
process.exitCode = await run(tierName, options);

/**
 * # tidemark check: what stands between this configuration and a run
 *
 * One line a finding: ok, warn or FAIL, where, what, and what to do. Everything is asked at once, and each part has its time:
 * what has not ended by then is told as such, so that it ends even where everything hangs. Nothing is written but a file in the
 * data folder, which goes again, and no secret is ever said.
 */

import { examineBurrow } from "../../collector/burrow/examine-burrow.ts";
import { examineCluster } from "../../collector/kafka/examine.ts";
import { systemClock } from "../../runtime/clock.ts";
import { asError } from "../../runtime/error.ts";
import type { Finding } from "../../runtime/finding.ts";
import { fail, ok, warn } from "../../runtime/finding.ts";
import { accessProblem } from "../../runtime/http/listen.ts";
import { createLogger } from "../../runtime/logger.ts";
import { secretFromFile } from "../../runtime/secret.ts";
import { examineSink } from "../../shipper/provision/examine-sink.ts";
import { examineFeed } from "../../shipper/source/examine-feed.ts";
import type { Config } from "../config.ts";
import { accessOf, ownUrlOf } from "../config.ts";
import type { DataDir } from "./data-dir.ts";
import { examineDataDir } from "./data-dir.ts";
import { examineFiles } from "./secret-files.ts";

export interface CheckOptions {
  readonly config: Config;
  readonly asJson: boolean;
  /** For a connection, or an answer. */
  readonly requestTimeoutMs: number;
  /** For everything that is asked of one cluster, store or collector. */
  readonly partTimeoutMs: number;
  readonly say: (text: string) => void;
}

export interface PlacedFinding extends Finding {
  /** In the configuration, such as `sinks.es`. */
  readonly where: string;
}

interface Part {
  readonly where: string;
  readonly look: () => Promise<readonly Finding[]>;
}

/** Whether nothing fails. */
export async function runCheck(options: CheckOptions): Promise<boolean> {
  const { config, say, asJson, partTimeoutMs } = options;
  const files = await examineFiles(config);
  const looked = await Promise.all(partsOf(options).map((part) => within(part, partTimeoutMs)));
  const findings = [...files.findings.map((one) => ({ ...one, where: "configuration" })), ...looked.flat()];
  const redacted = findings.map((one) => ({ ...one, detail: files.redact(one.detail) }));
  say(asJson ? `${JSON.stringify(reportOf(redacted))}\n` : textOf(redacted));
  return !redacted.some(({ level }) => level === "fail");
}

function partsOf({ config, requestTimeoutMs: timeoutMs }: CheckOptions): readonly Part[] {
  const { clusters, collector, evaluate, shipper, sinks } = config;
  const logger = createLogger("silent");
  const ofClusters = Object.entries(clusters).map(([name, cluster]) => ({
    where: `clusters.${name}`,
    look: () =>
      cluster.source === "burrow"
        ? examineBurrow({ cluster: name, config: cluster, intervals: evaluate.window, timeoutMs, logger })
        : examineCluster({ config: cluster, timeoutMs, nowMs: systemClock.nowMs, logger }),
  }));
  const ofSinks = Object.entries(sinks).map(([name, sink]) => ({
    where: `sinks.${name}`,
    look: () => examineSink(sink, timeoutMs),
  }));
  const saved = collector.data_dir;
  const ofSaved = {
    where: "collector",
    look: () => examineDataDir({ dir: saved ?? "", bytesWanted: 0, freeShareMin: 0 }),
  };
  return [
    { where: "clusters", look: async () => noClusters(config) },
    ...ofClusters,
    { where: "collector", look: async () => listening(collector) },
    ...(saved === undefined ? [] : [ofSaved]),
    { where: "shipper", look: async () => listening(shipper) },
    { where: "shipper", look: () => examineDataDir(dataDirOf(config)) },
    { where: "shipper.from", look: () => feed(config, timeoutMs) },
    ...ofSinks,
  ];
}

function noClusters({ clusters, shipper }: Config): readonly Finding[] {
  if (Object.keys(clusters).length > 0) return [];
  if (shipper.from !== undefined) return [ok("clusters", "none, and a shipper needs none")];
  return [
    fail("clusters", "none is named, and no collector as `shipper.from` either", "name a cluster with its brokers"),
  ];
}

function listening(served: Config["collector"] | Config["shipper"]): readonly Finding[] {
  const problem = accessProblem(served.listen, accessOf(served));
  const { host, port } = served.listen;
  if (problem !== undefined) return [fail("listen", problem, "set `token_file`, or listen on 127.0.0.1")];
  return [ok("listen", `${host}:${port}, ${served.token_file === undefined ? "without a token" : "with a token"}`)];
}

/** With what spool and embedded histories may come to. */
function dataDirOf({ shipper: { data_dir: dir, spool }, sinks }: Config): DataDir {
  const histories = Object.values(sinks).map((sink) => (sink.type === "sqlite" ? sink.bytes_max : 0));
  const bytesWanted = histories.reduce((sum, bytes) => sum + bytes, spool.bytes_max);
  return { dir, bytesWanted, freeShareMin: spool.free_disk_min };
}

/** Where no address is given, a collector need not be there: `tidemark all` is both in one process. */
async function feed({ collector, shipper }: Config, timeoutMs: number): Promise<readonly Finding[]> {
  const { from, from_token_file: file } = shipper;
  const token = file === undefined ? undefined : secretFromFile(file);
  const findings = await examineFeed({ from: from ?? ownUrlOf(collector), token, timeoutMs });
  if (from !== undefined) return findings;
  return findings.map((one) =>
    one.level === "fail" ? warn(one.what, one.detail, "nothing, where `tidemark all` is what you run") : one,
  );
}

async function within({ where, look }: Part, timeoutMs: number): Promise<readonly PlacedFinding[]> {
  const { promise, resolve } = Promise.withResolvers<readonly Finding[]>();
  const late = fail("time", `no end after ${timeoutMs / 1_000} s`, "something takes what is sent and does not answer");
  const timer = setTimeout(() => resolve([late]), timeoutMs);
  look().then(resolve, (caught: unknown) =>
    resolve([fail("look", asError(caught).message, "mend what it names; see the other lines")]),
  );
  const findings = await promise;
  clearTimeout(timer);
  return findings.map((one) => ({ ...one, where }));
}

const WORDS = { ok: "ok  ", warn: "warn", fail: "FAIL" } as const;

function textOf(findings: readonly PlacedFinding[]): string {
  const lines = findings.map(({ level, where, what, detail, remedy }) => {
    const todo = remedy === undefined ? "" : ` -> ${oneLine(remedy)}`;
    return `${WORDS[level]}  ${where}: ${what}: ${oneLine(detail)}${todo}\n`;
  });
  const { oks, warnings, failures } = countsOf(findings);
  return `${lines.join("")}${oks} ok, ${warnings} to look at, ${failures} to mend\n`;
}

/** A server's own words may have any form. */
function oneLine(text: string): string {
  return text.replaceAll(/\s+/g, " ").trim();
}

function countsOf(findings: readonly PlacedFinding[]) {
  const count = (wanted: Finding["level"]): number => findings.filter(({ level }) => level === wanted).length;
  return { oks: count("ok"), warnings: count("warn"), failures: count("fail") };
}

function reportOf(findings: readonly PlacedFinding[]) {
  const { oks, warnings, failures } = countsOf(findings);
  return { ok: oks, warn: warnings, fail: failures, findings };
}

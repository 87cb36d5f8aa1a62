/**
 * # One real Prometheus, over history that is given to it
 *
 * Debian's `prometheus`, 2.42. History comes as OpenMetrics and is made into blocks by its own promtool; nothing is scraped, or one
 * product's own metrics, without the lag series, which are the history's. Or there is no history, and all of a product is scraped.
 */

import { execFile } from "node:child_process";
import { rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { startChild } from "../child.ts";
import { programsOf } from "../debian-package.ts";
import { scratchDir } from "../places.ts";
import { freePorts } from "../ports.ts";
import { done, notYet, until } from "../until.ts";

const run = promisify(execFile);
const READY_TIMEOUT_MS = 60_000;

export interface Prometheus extends AsyncDisposable {
  readonly url: string;
}

/** The folder of `prometheus` and `promtool`. */
export function prometheusHome(): Promise<string> {
  return programsOf({ name: "prometheus", program: "prometheus", folder: "prometheus-2" });
}

interface Scraped {
  /** Host and port. */
  readonly target: string;
  /** What the one who scrapes adds, such as `namespace` in Kubernetes. */
  readonly labels?: Readonly<Record<string, string>>;
  readonly withoutLagSeries?: boolean;
}

function scrapeConfig(scraped: Scraped | undefined): string {
  if (scraped === undefined) return "scrape_configs: []\n";
  const { target, labels, withoutLagSeries } = scraped;
  const dropped = { source_labels: ["__name__"], regex: "tidemark_(group|partition)_.*", action: "drop" };
  const job = {
    job_name: "tidemark",
    scrape_interval: "1s",
    static_configs: [{ targets: [target], labels }],
    metric_relabel_configs: withoutLagSeries === true ? [dropped] : [],
  };
  return `${JSON.stringify({ scrape_configs: [job] })}\n`;
}

/** `history`: OpenMetrics with timestamps, its families apart. `scraped`: host and port of a product whose own metrics are scraped. */
export function startPrometheus(history: string, scraped?: string): Promise<Prometheus> {
  return start(scraped === undefined ? undefined : { target: scraped, withoutLagSeries: true }, history);
}

/** Without history: all that a product says is scraped, each second. */
export function startScraping(scraped: Scraped): Promise<Prometheus> {
  return start(scraped, undefined);
}

async function start(scraped: Scraped | undefined, history: string | undefined): Promise<Prometheus> {
  const home = await prometheusHome();
  const dir = await scratchDir("prometheus");
  const [port] = await freePorts(1);
  if (port === undefined) throw new Error("no free port");
  const [data, openMetrics, config] = ["data", "history.txt", "prometheus.yml"].map((name) => resolve(dir, name));
  if (data === undefined || openMetrics === undefined || config === undefined) throw new Error("no folder");
  await writeFile(config, scrapeConfig(scraped));
  if (history !== undefined) {
    await writeFile(openMetrics, history);
    await run(resolve(home, "promtool"), ["tsdb", "create-blocks-from", "openmetrics", openMetrics, data]);
  }
  const child = await startChild({
    command: resolve(home, "prometheus"),
    args: [
      `--config.file=${config}`,
      `--storage.tsdb.path=${data}`,
      "--storage.tsdb.retention.time=100y",
      `--web.listen-address=127.0.0.1:${port}`,
    ],
    logFile: resolve(dir, "out.log"),
  });
  const url = `http://127.0.0.1:${port}`;
  const look = async () => {
    if (!child.running) return done("ended");
    const answer = await fetch(`${url}/-/ready`);
    return answer.ok ? done("ready") : notYet(`answers ${answer.status}`);
  };
  const state = await until("an answer of Prometheus", look, { timeoutMs: READY_TIMEOUT_MS, everyMs: 200 });
  if (state === "ended") throw new Error(`Prometheus did not start: ${await child.ended}\n${await child.logTail()}`);
  return {
    url,
    [Symbol.asyncDispose]: async () => {
      await child.kill();
      await rm(dir, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

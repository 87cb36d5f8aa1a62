/** A shipper as a process of its own, between a collector and a store that do as the test says. */

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { createInterface } from "node:readline";
import { createEndlessFeed } from "../../shipper/faults/endless-feed.ts";

const MAIN = resolve(import.meta.dirname, "../../cli/main.ts");
/** What comes from ticks alone: a heartbeat is no tick's. */
const TICK_KINDS = ["group", "group_topic", "partition", "topic"];

export interface Collector extends AsyncDisposable {
  readonly url: string;
  /** The newest cursor that was handed in: what lies before it is acknowledged. */
  acknowledged(): number;
  /** Resolves once the shipper waits for a tick that is not there. */
  readonly waitedFor: Promise<void>;
  /** Resolves once the last of the ticks, or as much of it as there will be, is on its way. */
  readonly sent: Promise<void>;
}

/** Ticks of the endless feed up to `ticks`, in answers of `ticksPerRead`; the last answer stops in its middle where told so. */
export async function startCollector(options: {
  readonly ticks: number;
  readonly ticksPerRead: number;
  readonly cutLast?: boolean;
}): Promise<Collector> {
  const { ticks, ticksPerRead, cutLast = false } = options;
  const [waitedFor, sent] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let acknowledged = 0;
  const feed = createEndlessFeed({ ticksEnd: ticks, ticksPerRead, acknowledged: () => {} });
  const answer = async (after: string, outgoing: ServerResponse): Promise<void> => {
    acknowledged = Math.max(acknowledged, Number(after));
    if (acknowledged >= ticks) return waitedFor.resolve();
    const read = await feed.read(after, 0, AbortSignal.timeout(60_000));
    if (read.kind !== "ticks") throw new Error("the endless feed has an end");
    const lines = [...read.ticks.flatMap(({ evaluations }) => [...evaluations]), { cursor: read.cursor }];
    const body = lines.map((line) => `${JSON.stringify(line)}\n`).join("");
    const isLast = Number(read.cursor) >= ticks;
    outgoing.writeHead(200, { "content-type": "application/x-ndjson" });
    if (isLast && cutLast) outgoing.write(body.slice(0, body.length / 2), () => sent.resolve());
    else outgoing.end(body, () => isLast && sent.resolve());
  };
  const server = createServer((incoming, outgoing) => {
    const url = new URL(incoming.url ?? "/", "http://localhost");
    void answer(url.searchParams.get("after") ?? "", outgoing);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  return {
    url: `http://127.0.0.1:${typeof address === "object" ? address?.port : 0}`,
    acknowledged: () => acknowledged,
    waitedFor: waitedFor.promise,
    sent: sent.promise,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}

export interface ShipperProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly dataDir: string;
  /** Writes the configuration anew. */
  configure(sinks: unknown): void;
  /** Resolves with the first line, from now or before, that holds the text. */
  said(text: string): Promise<string>;
  /** How it ended. */
  readonly ended: Promise<{ readonly code: number | null; readonly signal: string | null }>;
}

export function influxSinks(url: string) {
  return { store: { type: "influxdb", url, kinds: TICK_KINDS } };
}

export function startShipper(collector: Collector, sinks: unknown): ShipperProcess {
  const dataDir = mkdtempSync(join(tmpdir(), "tidemark-shipper-process-"));
  const file = join(dataDir, "tidemark.yaml");
  const configure = (wanted: unknown): void => {
    const shipper = { listen: "127.0.0.1:0", from: collector.url, data_dir: dataDir };
    writeFileSync(file, JSON.stringify({ shipper, sinks: wanted }));
  };
  configure(sinks);
  const flags = ["--disable-warning=ExperimentalWarning", MAIN, "shipper", "--config", file];
  const child = spawn(process.execPath, flags, { stdio: ["ignore", "inherit", "pipe"] });
  const ended = once(child, "close").then(([code, signal]) => ({ code, signal }));
  const lines: string[] = [];
  const waiting = new Map<string, PromiseWithResolvers<string>>();
  createInterface({ input: child.stderr }).on("line", (line) => {
    lines.push(line);
    for (const [text, { resolve: tell }] of waiting) if (line.includes(text)) tell(line);
  });
  const neverSaid = async (text: string): Promise<string> => {
    const { code } = await ended;
    throw new Error(`it ended with ${code} and never said ${text}:\n${lines.join("\n")}`);
  };
  return {
    child,
    dataDir,
    configure,
    ended,
    said: (text) => {
      const before = lines.find((line) => line.includes(text));
      if (before !== undefined) return Promise.resolve(before);
      const one = waiting.get(text) ?? Promise.withResolvers<string>();
      waiting.set(text, one);
      return Promise.race([one.promise, neverSaid(text)]);
    },
    [Symbol.asyncDispose]: async () => {
      child.kill("SIGKILL");
      await ended;
      rmSync(dataDir, { recursive: true });
    },
  };
}

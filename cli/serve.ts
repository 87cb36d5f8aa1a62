/**
 * # What every command that runs a process shares: its context, and serving until told to stop
 */

import type { HttpHandler } from "../runtime/http/answer.ts";
import type { HttpCounts } from "../runtime/http/server.ts";
import { startHttpServer } from "../runtime/http/server.ts";
import type { Actor } from "../runtime/lifecycle.ts";
import { runTogether } from "../runtime/lifecycle.ts";
import type { Logger } from "../runtime/logger.ts";
import type { Config } from "./config.ts";
import { accessOf } from "./config.ts";

export interface CommandContext {
  readonly config: Config;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}

/** Of a command whose configuration can be read again. */
export interface FileContext extends CommandContext {
  readonly file: string;
  /** What the configuration was read from. */
  readonly text: string;
}

interface Served {
  readonly served: Pick<Config["collector"], "listen" | "token_file" | "insecure" | "tls" | "requests_per_second">;
  /** What was not answered, for a metric. */
  readonly counts: HttpCounts;
  readonly handlers: readonly HttpHandler[];
  readonly actors: readonly Actor[];
}

/** Resources are open by now; what is served and what runs ends together. */
export async function serve(context: CommandContext, { served, counts, handlers, actors }: Served): Promise<void> {
  const { logger, signal } = context;
  const { listen, tls, requests_per_second: requestsPerSecond } = served;
  const access = accessOf(served);
  await using server = await startHttpServer({ listen, access, handlers, logger, tls, requestsPerSecond, counts });
  const { host, port } = server.address;
  const url = `${tls === undefined ? "http" : "https"}://${host}:${port}/`;
  logger.info({ event: "http.listening", host, port }, `listening on ${url}`);
  await runTogether(actors, signal);
}

/**
 * # tidemark shipper|all --test and --once
 *
 *     --test   the newest tick's points as line protocol, each behind "> "; nothing is written, no spool is touched
 *     --once   what the feed has, spooled and delivered to every sink; what a sink does not take stays in the spool
 *
 * `all` brings its own collector, and waits until that has read its window.
 */

import type { Writable } from "node:stream";
import type { Feed } from "../collector/model/feed.ts";
import type { Clock } from "../runtime/clock.ts";
import { sleep } from "../runtime/clock.ts";
import { selects } from "../shipper/deliver/selection.ts";
import { lineInNanoseconds } from "../shipper/encode/line-protocol.ts";
import { pointsOf } from "../shipper/encode/points.ts";
import { createThinning } from "../shipper/encode/thinning.ts";
import type { ShipperStats } from "../shipper/shipper.ts";
import { createCollector } from "./collector.ts";
import { createLineOutput } from "./line-output.ts";
import { openShipper } from "./open-shipper.ts";
import { remoteFeed } from "./run-shipper.ts";
import type { CommandContext } from "./serve.ts";
import { newestTick, takenOnce } from "./take.ts";

export interface TakeCommand extends CommandContext {
  readonly clock: Clock;
  /** For a first tick; and, with --once, for the sinks. */
  readonly waitMs: number;
  /** Points of this sink only; undefined: of all. */
  readonly sink: string | undefined;
  readonly stdout: Writable;
  /** What is said to a person. */
  readonly complain: (text: string) => void;
}

export interface Source extends AsyncDisposable {
  readonly feed: Feed;
  /** Why nothing can be read, if it is known. */
  readonly why: () => string | undefined;
}

export function remoteSource(context: CommandContext): Source {
  const feed = remoteFeed(context);
  return { feed, why: () => feed.stats().why, [Symbol.asyncDispose]: async () => {} };
}

const LOOK_MS = 100;

/** A collector of our own; resolves when it is ready, or the time is over. Its ticks are those since then. */
export async function ownSource(context: TakeCommand): Promise<Source> {
  const { clock, signal, waitMs } = context;
  const collector = createCollector(context);
  const stop = new AbortController();
  const running = collector.run(AbortSignal.any([signal, stop.signal]));
  const untilMs = clock.monotonicMs() + waitMs;
  while (collector.readiness().reasons.length > 0 && clock.monotonicMs() < untilMs && !signal.aborted)
    await sleep(LOOK_MS, signal);
  const sinceMs = collector.readiness().reasons.length === 0 ? clock.nowMs() : Number.POSITIVE_INFINITY;
  return {
    feed: since(collector.feed, sinceMs),
    why: () => collector.readiness().reasons[0],
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await running;
    },
  };
}

/** Without the ticks of before, which say that all is warming. */
function since(feed: Feed, sinceMs: number): Feed {
  return {
    read: async (cursor, waitMs, signal) => {
      const answer = await feed.read(cursor, waitMs, signal);
      return answer.kind === "gone" ? answer : { ...answer, ticks: answer.ticks.filter(({ at }) => at >= sinceMs) };
    },
  };
}

/** Whether there was something to look at. */
export async function runTest(command: TakeCommand, source: Source): Promise<boolean> {
  const { config, signal, sink: only, complain } = command;
  const tick = await newestTick(source.feed, command, signal);
  if (tick === undefined) return nothing(command, source);
  const sinks = Object.entries(config.sinks).flatMap(([name, sink]) =>
    only === undefined || name === only ? sink : [],
  );
  const wanted = sinks.map((sink) => selects({ ...sink, partitionPoints: sink.partition_points }));
  const output = createLineOutput(command.stdout);
  const thinning = createThinning(new Set(sinks.map((sink) => sink.partition_points)));
  let points = 0;
  for (const point of pointsOf(tick, thinning)) {
    const line = wanted.some((wants) => wants(point)) ? lineInNanoseconds(point) : undefined;
    if (line === undefined) continue;
    points += 1;
    output.write(`> ${line}`);
    await output.drained();
    if (output.isClosed()) break;
  }
  await output.flush();
  if (points === 0) complain(`the tick of ${new Date(tick.at).toISOString()} has no point for these sinks\n`);
  return points > 0;
}

function nothing({ complain, waitMs, signal }: TakeCommand, source: Source): boolean {
  const why = source.why();
  if (!signal.aborted) complain(`no tick within ${waitMs / 1_000} s${why === undefined ? "" : `: ${why}`}\n`);
  return false;
}

/** Whether a tick was read, and every sink has every point. */
export async function runOnce(command: TakeCommand, source: Source): Promise<boolean> {
  const { signal, complain, waitMs } = command;
  const ended = new AbortController();
  const taken = takenOnce(source.feed, { ...command, end: () => ended.abort() });
  await using shipper = await openShipper(command, { feed: taken.feed }, waitMs);
  const before = accountsOf(await shipper.stats());
  await shipper.run(AbortSignal.any([signal, ended.signal]));
  const stats = await shipper.stats();
  let isAllSent = true;
  for (const [name, { left, rejected }] of accountsOf(stats)) {
    const refused = rejected - (before.get(name)?.rejected ?? 0);
    const why = stats.sinks.get(name)?.why;
    if (left > 0) complain(`${name}: ${left} points are left in the spool${why === undefined ? "" : `: ${why}`}\n`);
    if (refused > 0) complain(`${name}: ${refused} points are refused for good; "tidemark dlq list" says why\n`);
    isAllSent &&= left === 0;
  }
  return taken.ticks() > 0 ? isAllSent : nothing(command, source);
}

/** What each sink has still to get, and was refused since ever. */
function accountsOf({ spool: { state } }: ShipperStats) {
  const accounts = state?.sinks ?? [];
  return new Map(
    accounts.map(([name, { point, rejected }]) => [name, { left: (state?.pointsIn ?? 0) - point, rejected }] as const),
  );
}

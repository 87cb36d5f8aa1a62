/**
 * # One round: everything that a Burrow tells of one cluster
 *
 *     /v3/kafka/C  /v3/kafka/C/consumer  /v3/kafka/C/topic     how often it polls, its groups, its topics
 *     /v3/kafka/C/topic/T       of each topic                  end offsets; told before any group
 *     /v3/kafka/C/consumer/G    of each group                  windows, owners, lags
 *
 * As linkedin/Burrow v1.9.5 has them: 3 + topics + groups requests, so many at a time. A round that is cut short, since Burrow is busy,
 * goes on the next time where it was cut.
 *
 * - A group that is listed and then not found has expired: it is gone. One that is not listed is gone after two rounds.
 * - A group that gives no answer costs itself: after two rounds nothing is known of it.
 * - While windows are older than those that are known, or parts of a group are missing, nothing is gone: Burrow replays.
 * - Lists that lose half of what they had are those of a Burrow that begins anew: nothing is known, for as long as its replay may take.
 * - Burrow asks the brokers each `offset-refresh`, so that an end offset was true at some time in that span before we asked.
 */

import type { z } from "zod";
import type { Clock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { IngestCounts } from "../ingest/ingest-counts.ts";
import type { Observer, UnavailableReason } from "../model/observation.ts";
import type { ToldGroup } from "./answers.ts";
import { ClustersAnswer, ConsumersAnswer, DetailAnswer, EndsAnswer, ModuleAnswer, TopicsAnswer } from "./answers.ts";
import type { BurrowAnswer, BurrowClient } from "./burrow-client.ts";
import { segment } from "./burrow-client.ts";
import type { Seen } from "./seen.ts";
import { createSeen } from "./seen.ts";
import { tellEnds } from "./tell-ends.ts";
import type { EndsOfTopic, ToldEnds } from "./told-ends.ts";
import { createToldEnds } from "./told-ends.ts";
import type { ToldWindows } from "./told-windows.ts";
import { createToldWindows, LOG_PARTITION } from "./told-windows.ts";

export type RoundOutcome =
  /** Whole: every listed group was asked. */
  | { readonly kind: "told"; readonly isWhole: boolean; readonly retryAfterMs?: number | undefined }
  | {
      readonly kind: "away";
      readonly reason: UnavailableReason;
      readonly why: string;
      readonly retryAfterMs?: number | undefined;
    };

export interface BurrowRounds {
  round(signal: AbortSignal): Promise<RoundOutcome>;
  readonly counts: Readonly<IngestCounts>;
}

export interface BurrowRoundsOptions {
  readonly client: Pick<BurrowClient, "ask">;
  /** As Burrow calls it. */
  readonly cluster: string;
  readonly atOnce: number;
  readonly intervals: number;
  readonly observer: Observer;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Absent: everything. */
  readonly names?: Watching;
}

/** What the configuration leaves out is not asked for. */
export interface Watching {
  isGroup(group: string): boolean;
  isTopic(topic: string): boolean;
  /** Left out of the newest lists. */
  readonly excluded: { groups: number; topics: number };
}

interface Rounds extends BurrowRoundsOptions {
  readonly root: string;
  readonly windows: ToldWindows;
  readonly seen: Seen;
  /** Of the last pass. */
  topics: ReadonlyMap<string, EndsOfTopic> | undefined;
  isWindowSaid: boolean;
}

const MS_PER_SECOND = 1_000;
const OFFSETS_TOPIC = "__consumer_offsets";

export function createBurrowRounds(options: BurrowRoundsOptions): BurrowRounds {
  const windows = createToldWindows(options);
  const root = `/v3/kafka/${segment(options.cluster)}`;
  const rounds: Rounds = { ...options, root, windows, seen: createSeen(), topics: undefined, isWindowSaid: false };
  return { counts: windows.counts, round: (signal) => playRound(rounds, signal) };
}

function watchedOf(
  names: Watching | undefined,
  groups: readonly string[],
  topics: readonly string[],
): Pick<Lists, "groups" | "topics"> {
  if (names === undefined) return { groups, topics };
  const watched = { groups: groups.filter(names.isGroup), topics: topics.filter(names.isTopic) };
  names.excluded.groups = groups.length - watched.groups.length;
  names.excluded.topics = topics.length - watched.topics.length;
  return watched;
}

interface Lists {
  readonly kind: "lists";
  readonly refreshMs: number;
  readonly groups: readonly string[];
  readonly topics: readonly string[];
  /** Those that are not watched, too: which are may change at any time. */
  readonly all: { readonly groups: readonly string[]; readonly topics: readonly string[] };
}

/** A topic is told from its second pass on: the first one shows whether its list is by partition number. */
async function playRound(rounds: Rounds, signal: AbortSignal): Promise<RoundOutcome> {
  const first = rounds.topics === undefined ? await pass(rounds, signal) : undefined;
  return first?.kind === "away" ? first : await pass(rounds, signal);
}

async function pass(rounds: Rounds, signal: AbortSignal): Promise<RoundOutcome> {
  const { observer, clock, seen, topics: before } = rounds;
  const askedAtMs = clock.nowMs();
  const lists = await askLists(rounds, signal);
  if (lists.kind === "away") return lists;
  const { groups, topics, refreshMs } = lists;
  if (seen.isBeginning(lists.all, askedAtMs))
    return { kind: "away", reason: "error", why: "its lists have lost half of what they had: it begins anew" };
  const ends = createToldEnds();
  const cutAtTopics = await askEach(rounds, topics, (topic) => askTopic(rounds, { topic, ends }, signal));
  if (cutAtTopics !== undefined) return awayOf(cutAtTopics);
  const listed = ends.result().flatMap((one) => tellable(one, before?.get(one.topic)) ?? []);
  const asked = { leaderAskedMs: askedAtMs - refreshMs, askedAtMs, answeredAtMs: clock.nowMs() };
  tellEnds(observer, listed, asked);
  const known = new Set(listed.map(({ topic }) => topic));
  const cut = await askEach(rounds, seen.inTurn(groups), (group) => askGroup(rounds, { group, known, ends }, signal));
  const result = ends.result();
  const told = result.filter(({ topic }) => known.has(topic));
  tellEnds(observer, told, { ...asked, answeredAtMs: clock.nowMs() }, listed);
  rounds.topics = new Map(result.map((one) => [one.topic, one]));
  endAbsent(rounds, groups);
  markMissed(rounds, groups);
  const unknown = { protocolType: "", state: undefined, type: undefined };
  const here = new Set([...groups, ...rounds.windows.names()]);
  observer.observe({ kind: "groups", groups: [...here].map((group) => ({ group, ...unknown })) });
  sayWindow(rounds);
  if (cut === undefined) return { kind: "told", isWhole: before !== undefined };
  return cut.kind === "busy" ? { kind: "told", isWhole: false, retryAfterMs: cut.retryAfterMs } : awayOf(cut);
}

/** Where the list was not by partition number, what groups have told the last time stands in for it until they tell anew. */
function tellable(now: EndsOfTopic, before: EndsOfTopic | undefined): EndsOfTopic | undefined {
  return before?.isShifted === true
    ? { ...before, partitions: Math.max(before.partitions, now.partitions) }
    : before && now;
}

async function askLists(rounds: Rounds, signal: AbortSignal): Promise<Lists | Extract<RoundOutcome, { kind: "away" }>> {
  const { client, root } = rounds;
  const module = await askFor(client, root, { schema: ModuleAnswer, signal });
  if (module.kind === "not-found") return unknownCluster(rounds, signal);
  if (module.kind !== "read") return awayOf(module);
  const groups = await askFor(client, `${root}/consumer`, { schema: ConsumersAnswer, signal });
  if (groups.kind !== "read") return awayOf(groups);
  const topics = await askFor(client, `${root}/topic`, { schema: TopicsAnswer, signal });
  if (topics.kind !== "read") return awayOf(topics);
  const refreshMs = module.body.module["offset-refresh"] * MS_PER_SECOND;
  const all = { groups: groups.body.consumers, topics: topics.body.topics };
  return { kind: "lists", refreshMs, all, ...watchedOf(rounds.names, all.groups, all.topics) };
}

async function unknownCluster(
  { client, cluster }: Rounds,
  signal: AbortSignal,
): Promise<Extract<RoundOutcome, { kind: "away" }>> {
  const all = await askFor(client, "/v3/kafka", { schema: ClustersAnswer, signal });
  const names = all.kind === "read" ? all.body.clusters.join(", ") : "";
  return { kind: "away", reason: "unauthorised", why: `Burrow knows no cluster ${cluster}; it knows: ${names}` };
}

type Unread = Exclude<BurrowAnswer, { readonly kind: "answered" }>;

async function askFor<Schema extends z.ZodType>(
  client: Rounds["client"],
  path: string,
  { schema, signal }: { readonly schema: Schema; readonly signal: AbortSignal },
): Promise<{ readonly kind: "read"; readonly body: z.output<Schema> } | Unread> {
  const answer = await client.ask(path, signal);
  if (answer.kind !== "answered") return answer;
  const { success, data, error } = schema.safeParse(answer.body);
  return success ? { kind: "read", body: data } : { kind: "failed", cause: error };
}

function awayOf(answer: Unread): Extract<RoundOutcome, { kind: "away" }> {
  switch (answer.kind) {
    case "not-found":
    case "no-route":
      return { kind: "away", reason: "error", why: "it has no such route: is it a Burrow?" };
    case "refused":
      return { kind: "away", reason: "unauthorised", why: `it answers ${answer.status}` };
    case "busy": {
      const { status, retryAfterMs } = answer;
      return { kind: "away", reason: "error", why: `it answers ${status}`, retryAfterMs };
    }
    case "failed":
      return { kind: "away", reason: "error", why: answer.cause.message };
    case "unreachable":
      return { kind: "away", reason: "broker-unreachable", why: answer.cause.message };
  }
}

/** What ends a round: nobody answers any more, or wants to. */
type Cut = Extract<Unread, { readonly kind: "refused" | "busy" | "unreachable" }>;

function cutOf(answer: Unread): Cut | undefined {
  switch (answer.kind) {
    case "refused":
    case "busy":
    case "unreachable":
      return answer;
    case "not-found":
    case "no-route":
    case "failed":
      return undefined;
  }
}

async function askEach(
  { atOnce }: Rounds,
  names: readonly string[],
  ask: (name: string) => Promise<Cut | undefined>,
): Promise<Cut | undefined> {
  const waiting = names.values();
  let cut: Cut | undefined;
  const work = async (): Promise<void> => {
    for (const name of waiting) {
      if (cut !== undefined) return;
      cut = (await ask(name)) ?? cut;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, work));
  return cut;
}

/** One that is deleted meanwhile, or that cannot be asked for, has no ends of its own; groups may still tell some. */
async function askTopic(
  { client, root }: Rounds,
  { topic, ends }: { readonly topic: string; readonly ends: ToldEnds },
  signal: AbortSignal,
): Promise<Cut | undefined> {
  const answer = await askFor(client, `${root}/topic/${segment(topic)}`, { schema: EndsAnswer, signal });
  if (answer.kind === "read") ends.topic(topic, answer.body.offsets);
  else if (answer.kind !== "not-found") ends.topic(topic, []);
  return answer.kind === "read" ? undefined : cutOf(answer);
}

interface Asking {
  readonly group: string;
  /** Topics that are told: what a group has of another one is of a topic that is gone, or that comes with the next pass. */
  readonly known: ReadonlySet<string>;
  readonly ends: ToldEnds;
}

async function askGroup(rounds: Rounds, { group, known, ends }: Asking, signal: AbortSignal): Promise<Cut | undefined> {
  const { client, root, windows, seen, clock, logger } = rounds;
  const answer = await askFor(client, `${root}/consumer/${segment(group)}`, { schema: DetailAnswer, signal });
  if (answer.kind === "not-found") {
    windows.end(group);
    seen.answered(group);
    return undefined;
  }
  if (answer.kind === "no-route" && seen.sayUnreachable(group))
    logger.warn({ event: "burrow.name-unreachable", group }, "Burrow cannot be asked for a group of this name");
  if (answer.kind !== "read") return cutOf(answer);
  seen.answered(group);
  const { topics } = answer.body;
  if (isBurrowItself(group, topics)) return undefined;
  ends.group(topics);
  const told: ToldGroup = new Map([...topics].filter(([topic]) => known.has(topic)));
  if (told.size > 0 || windows.has(group)) windows.take(group, told, { nowMs: clock.nowMs(), topics: known });
  return undefined;
}

/** It reports on itself as a group that has read the offsets topic. */
function isBurrowItself(group: string, told: ToldGroup): boolean {
  return group.startsWith("burrow-") && told.size === 1 && told.has(OFFSETS_TOPIC);
}

/** While Burrow replays, what is not listed may only be not there yet. */
function endAbsent(rounds: Rounds, groups: readonly string[]): void {
  const { windows, seen, clock } = rounds;
  const isReplaying = windows.isReplaying(clock.nowMs());
  for (const group of seen.absent(groups, windows.names())) {
    if (isReplaying) markUnknown(rounds, group);
    else windows.end(group);
  }
}

function markMissed(rounds: Rounds, groups: readonly string[]): void {
  for (const group of rounds.seen.missed(groups)) if (rounds.windows.has(group)) markUnknown(rounds, group);
}

function markUnknown({ windows, observer, clock }: Rounds, group: string): void {
  const [reason, atMs] = ["error" as const, clock.nowMs()];
  windows.silence(group);
  observer.observe({ kind: "group-unavailable", group, logPartition: LOG_PARTITION, reason, atMs });
}

function sayWindow(rounds: Rounds): void {
  const [theirs, ours] = [rounds.windows.cells(), rounds.intervals];
  if (rounds.isWindowSaid || theirs === 0 || theirs === ours) return;
  rounds.isWindowSaid = true;
  const sentence = "Burrow keeps another number of commits than `evaluate.window`: verdicts will differ from its own";
  rounds.logger.warn({ event: "burrow.window-differs", theirs, ours }, sentence);
}

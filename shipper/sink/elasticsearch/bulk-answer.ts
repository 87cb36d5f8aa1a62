/**
 * # The answer to a bulk request, item by item
 *
 *     2xx                              stored
 *     409                              there already: stored, a duplicate
 *     401 403 404, a block, a closed   the store refuses us or its index is not to be written: kept, and somebody is told
 *     408 425 429 5xx                  kept
 *     every other 4xx                  rejected, with its reason
 *
 * A block is told by its type, whatever its status: the one of a full disk (flood stage) comes as 429, others as 403, a
 * closed index as 400. An answer that is not one item per document says nothing, and all points come again. Of a point with two
 * documents the worse answer counts: it is kept while one is, and stored once both are. PURE.
 */

import { answerClass } from "../http/answer-class.ts";
import type { Hindrance, Rejection, WriteOutcome } from "../sink.ts";

interface Item {
  readonly status: number;
  readonly type: string;
  readonly reason: string;
}

class AnswerUnreadableError extends Error {
  constructor(points: number) {
    super(`it answered 200 to ${points} points with something else than one item per document; all are sent again`);
    this.name = "AnswerUnreadableError";
  }
}

class ItemError extends Error {
  constructor({ status, type, reason }: Item, points: number) {
    super(`${points} points: ${status} ${type}: ${reason}`);
    this.name = "ItemError";
  }
}

const STORE_STATES: ReadonlySet<string> = new Set([
  "cluster_block_exception",
  "index_closed_exception",
  "index_not_found_exception",
  "security_exception",
]);

type Fate = "stored" | "duplicate" | "held" | "kept" | "rejected";
/** Of a point's documents the one further on counts. */
const ORDER: readonly Fate[] = ["duplicate", "stored", "rejected", "kept", "held"];

/** `pointOfItem`: the index of each item's point, where some have two. */
export function outcomeOfBulk(body: unknown, points: number, pointOfItem?: readonly number[]): WriteOutcome {
  const items = itemsOf(body);
  if (items?.length !== (pointOfItem?.length ?? points)) {
    return { kind: "kept", retryAfterMs: undefined, cause: new AnswerUnreadableError(points) };
  }
  let duplicates = 0;
  const rejected: Rejection[] = [];
  const kept: number[] = [];
  const hindering: Record<"held" | "kept", Item[]> = { held: [], kept: [] };
  worstOfEach(items, pointOfItem).forEach(({ item, fate }, index) => {
    if (fate === "duplicate") duplicates += 1;
    else if (fate === "rejected") rejected.push({ index, reason: `${item.type}: ${item.reason}` });
    else if (fate !== "stored") {
      kept.push(index);
      hindering[fate].push(item);
    }
  });
  const hindrance = hindranceOf(hindering);
  return { kind: "written", duplicates, rejected, kept, ...(hindrance === undefined ? {} : { hindrance }) };
}

interface Judged {
  readonly item: Item;
  readonly fate: Fate;
}

/** By point; one document each where `pointOfItem` is absent. */
function worstOfEach(items: readonly Item[], pointOfItem: readonly number[] | undefined): readonly Judged[] {
  const worst: Judged[] = [];
  items.forEach((item, at) => {
    const fate = fateOf(item);
    const point = pointOfItem?.[at] ?? at;
    const known = worst[point];
    if (known === undefined || ORDER.indexOf(fate) > ORDER.indexOf(known.fate)) worst[point] = { item, fate };
  });
  return worst;
}

/** Being refused is told before being slow. */
function hindranceOf({ held, kept }: Readonly<Record<"held" | "kept", readonly Item[]>>): Hindrance | undefined {
  const [firstHeld, firstKept] = [held[0], kept[0]];
  if (firstHeld !== undefined) return { kind: "held", cause: new ItemError(firstHeld, held.length) };
  if (firstKept !== undefined) return { kind: "unreachable", cause: new ItemError(firstKept, kept.length) };
  return undefined;
}

function fateOf({ status, type }: Item): Fate {
  if (STORE_STATES.has(type)) return "held";
  if (status === 409) return "duplicate";
  switch (answerClass(status)) {
    case "done":
      return "stored";
    case "retry":
      return "kept";
    case "hold":
      return "held";
    case "too-large":
    case "refused":
      return "rejected";
  }
}

function itemsOf(body: unknown): readonly Item[] | undefined {
  const items = propertyOf(body, "items");
  if (!Array.isArray(items)) return undefined;
  const read = items.map((item: unknown) => itemOf(propertyOf(item, "create")));
  return read.every((item) => item !== undefined) ? read : undefined;
}

function itemOf(create: unknown): Item | undefined {
  const status = propertyOf(create, "status");
  if (typeof status !== "number") return undefined;
  const error = propertyOf(create, "error");
  return { status, type: text(propertyOf(error, "type")), reason: text(propertyOf(error, "reason")) };
}

const REASON_CHARS = 300;

function text(value: unknown): string {
  return typeof value === "string" ? value.slice(0, REASON_CHARS) : "";
}

function propertyOf(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

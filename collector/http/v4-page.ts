/**
 * # Pages: no answer of /v4 is longer than 10 MB
 *
 * A list ends after `limit` items, or before the item that would make it too long, and says where to go on. The first item is there
 * however long it is.
 */

import type { HttpAnswer } from "../../runtime/http/answer.ts";
import type { ClusterView } from "./cluster-view.ts";
import { groupIdOf, listedGroupOfId } from "./group-id.ts";

export const ANSWER_BYTES_MAX = 10_000_000;
const LIMIT_MAX = 10_000;

export interface Page<T> {
  /** What stands beside the list. */
  readonly head: object;
  readonly name: string;
  readonly items: readonly T[];
  readonly limit: number;
  readonly cursorOf: (last: T) => string;
}

export function pageAnswer<T>({ head, name, items, limit, cursorOf }: Page<T>): HttpAnswer {
  const texts: string[] = [];
  let bytes = 0;
  for (const item of items.slice(0, limit)) {
    const text = JSON.stringify(item);
    bytes += Buffer.byteLength(text) + 1;
    if (texts.length > 0 && bytes > ANSWER_BYTES_MAX) break;
    texts.push(text);
  }
  const last = items[texts.length - 1];
  const next = texts.length === items.length || last === undefined ? "" : `,"next":${JSON.stringify(cursorOf(last))}`;
  const start = JSON.stringify(head).slice(0, -1);
  const comma = start === "{" ? "" : ",";
  const body = `${start}${comma}${JSON.stringify(name)}:[${texts.join(",")}]${next}}`;
  return { status: 200, contentType: "application/json", body };
}

export type Limit =
  | { readonly kind: "limit"; readonly limit: number }
  | { readonly kind: "wrong"; readonly why: string };

export function limitOf(text: string | null, limitDefault: number): Limit {
  if (text === null) return { kind: "limit", limit: limitDefault };
  const limit = Number(text);
  const isFine = Number.isInteger(limit) && limit >= 1 && limit <= LIMIT_MAX;
  return isFine
    ? { kind: "limit", limit }
    : { kind: "wrong", why: `limit is not a whole number from 1 to ${LIMIT_MAX}` };
}

const CURSOR_LENGTH_MAX = 1_024;
const BY_ID = "#";

/** The group's name, or "#" and its id where it is empty, which looks like no cursor, too long for a URL, or begins so itself. */
export function groupCursor({ group }: { readonly group: string }): string {
  const isPlain =
    group !== "" && !group.startsWith(BY_ID) && encodeURIComponent(group.toWellFormed()).length <= CURSOR_LENGTH_MAX;
  return isPlain ? group : `${BY_ID}${groupIdOf(group)}`;
}

/** The name that a cursor stands for; undefined where that group is gone, and only its id was told. */
export async function groupOfCursor(view: ClusterView, cursor: string): Promise<string | undefined> {
  return cursor.startsWith(BY_ID) ? listedGroupOfId(view, cursor.slice(BY_ID.length)) : cursor;
}

interface RowName {
  readonly topic: string;
  readonly partition: number;
}

export function rowCursor({ topic, partition }: RowName): string {
  return `${partition} ${topic}`;
}

/** Rows after the one of the cursor, also where that one is gone; undefined where it is none. */
export function rowsAfter<T extends RowName>(rows: readonly T[], cursor: string): readonly T[] | undefined {
  const [, text, topic] = /^(\d{1,10}) (.*)$/s.exec(cursor) ?? [];
  if (text === undefined || topic === undefined) return undefined;
  const partition = Number(text);
  return rows.filter((row) => row.topic > topic || (row.topic === topic && row.partition > partition));
}

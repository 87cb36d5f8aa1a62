/**
 * # Reading one line of a trace
 *
 * From text, or from an object that already has a line's members (a simulated world tells its lines so). A line that
 * cannot be read says which member is wrong; what to do then is the caller's.
 */

import type { LineKind, TraceLine } from "./line.ts";
import { LINES } from "./line.ts";

export type LineRead =
  /** `unknownMembers`: how many members the form does not have; they are left out. */
  | { readonly kind: "line"; readonly line: TraceLine; readonly unknownMembers: number }
  | { readonly kind: "unknown-kind" }
  /** `field` is the path of the member that is wrong; undefined where the line as a whole is. */
  | { readonly kind: "unreadable"; readonly field: string | undefined; readonly problem: string };

type Members = Readonly<Record<string, unknown>>;

export function readLineText(text: string): LineRead {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { kind: "unreadable", field: undefined, problem: "not JSON" };
  }
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return readLine(value);
  return { kind: "unreadable", field: undefined, problem: "not an object" };
}

export function readLine(value: object): LineRead {
  const members = value as Members;
  const kind = kindOf(members);
  if (kind === undefined) return { kind: "unknown-kind" };
  const read = LINES[kind].safeParse(members);
  if (read.success) {
    const line = { kind, line: read.data } as TraceLine; // the schema of this very kind made it
    return { kind: "line", line, unknownMembers: countOf(members) - countOf(read.data) };
  }
  const [issue] = read.error.issues;
  return { kind: "unreadable", field: issue?.path.join("."), problem: issue?.message ?? "not as the form has it" };
}

/** The most frequent kinds first. */
function kindOf(members: Members): LineKind | undefined {
  if ("commit" in members) return members["commit"] === null ? "tombstone" : "commit";
  if ("end" in members) return "watermark";
  if ("unavailable" in members && "topic" in members) return "no-answer";
  if ("trace" in members) return "header";
  if ("truth" in members) return "truth";
  if ("log" in members) return "log";
  if ("group" in members) return kindOfGroup(members);
  return "topic" in members && "partitions" in members ? "topic" : undefined;
}

function kindOfGroup(members: Members): LineKind | undefined {
  if ("deploy" in members) return "deploy";
  if ("offsets" in members) return "offsets";
  if (members["state"] === null) return "group-tombstone";
  return "state" in members ? "group" : undefined;
}

/** Counted without a list of them: it is done twice for each of millions of lines. */
function countOf(members: object): number {
  let count = 0;
  for (const _ in members) count += 1;
  return count;
}

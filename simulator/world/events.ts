/**
 * # What happens in a world, for those who write it down
 */

import type { Cause } from "../trace/line.ts";

export interface CommitEvent {
  readonly group: string;
  readonly offsets: readonly { readonly topic: string; readonly partition: number; readonly committedOffset: number }[];
  /** Commit timestamp of the records. */
  readonly atMs: number;
  /** Offset of the first record in its partition of the offsets topic; the others follow one by one. */
  readonly order: number;
}

/** Something is the matter with a group, or only seems to be. */
export interface Condition {
  readonly group: string;
  readonly topic: string | undefined;
  readonly partition: number | undefined;
  readonly cause: Cause;
  readonly fromMs: number;
}

export interface WorldEvents {
  commit(event: CommitEvent, nowMs: number): void;
  /** The committed offsets of these partitions are gone; undefined: of all. */
  tombstones(group: string, offsets: CommitEvent["offsets"], nowMs: number): void;
  /** Members, state or generation have changed. */
  group(group: string, nowMs: number): void;
  /** Made, made anew, grown, deleted or configured. */
  topic(topic: string, nowMs: number): void;
  deploy(group: string, deploy: string, nowMs: number): void;
  began(condition: Condition): void;
  ended(condition: Condition, untilMs: number): void;
}

/** Tells each in turn. */
export function tellAll(listeners: readonly WorldEvents[]): WorldEvents {
  return {
    commit: (event, nowMs) => listeners.forEach((one) => void one.commit(event, nowMs)),
    tombstones: (group, offsets, nowMs) => listeners.forEach((one) => void one.tombstones(group, offsets, nowMs)),
    group: (group, nowMs) => listeners.forEach((one) => void one.group(group, nowMs)),
    topic: (topic, nowMs) => listeners.forEach((one) => void one.topic(topic, nowMs)),
    deploy: (group, deploy, nowMs) => listeners.forEach((one) => void one.deploy(group, deploy, nowMs)),
    began: (condition) => listeners.forEach((one) => void one.began(condition)),
    ended: (condition, untilMs) => listeners.forEach((one) => void one.ended(condition, untilMs)),
  };
}

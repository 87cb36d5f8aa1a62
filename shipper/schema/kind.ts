/**
 * # The kinds of points, and what identifies one
 *
 *     point identity := kind, dimensions in the order below, grid time
 *
 * Fields come from the one table of the collector, those of events and of the shipper itself from own-fields.ts, and are
 * never listed again here. A store type is a function of the field's type, so that a new field needs no second entry.
 */

import {
  type Field,
  GROUP_FIELDS,
  GROUP_TOPIC_FIELDS,
  PARTITION_FIELDS,
  TOPIC_FIELDS,
} from "../../collector/model/fields.ts";
import type { EventName } from "./event.ts";
import { EVENT_FIELDS, SELF_FIELDS } from "./own-fields.ts";

export const KINDS = {
  group: { dimensions: ["cluster", "group"], fields: GROUP_FIELDS },
  group_topic: { dimensions: ["cluster", "group", "topic"], fields: GROUP_TOPIC_FIELDS },
  partition: { dimensions: ["cluster", "group", "topic", "partition"], fields: PARTITION_FIELDS },
  topic: { dimensions: ["cluster", "topic", "partition"], fields: TOPIC_FIELDS },
  event: { dimensions: ["cluster", "group", "event", "id"], fields: EVENT_FIELDS },
  self: { dimensions: ["instance", "sink"], fields: SELF_FIELDS },
} as const;

export type Kind = keyof typeof KINDS;
export const KIND_NAMES: readonly Kind[] = ["group", "group_topic", "partition", "topic", "event", "self"];

/** `partition` is a number; every other dimension is a name, byte for byte as Kafka has it. Stores write an empty one as `_none_`. */
export type Dimension = "cluster" | "group" | "topic" | "partition" | "event" | "id" | "instance" | "sink";
export type DimensionValue<D extends Dimension> = D extends "partition"
  ? number
  : D extends "event"
    ? EventName
    : string;

export type FieldName<K extends Kind = Kind> = K extends Kind ? keyof (typeof KINDS)[K]["fields"] & string : never;

/** The fields of a kind with their table entries, in the table's order. */
export const FIELDS: { readonly [K in Kind]: readonly (readonly [FieldName<K>, Field])[] } = {
  group: entriesOf(GROUP_FIELDS),
  group_topic: entriesOf(GROUP_TOPIC_FIELDS),
  partition: entriesOf(PARTITION_FIELDS),
  topic: entriesOf(TOPIC_FIELDS),
  event: entriesOf(EVENT_FIELDS),
  self: entriesOf(SELF_FIELDS),
};

function entriesOf<Table extends Readonly<Record<string, Field>>>(
  table: Table,
): readonly (readonly [keyof Table & string, Field])[] {
  return Object.entries(table);
}

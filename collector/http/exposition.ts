/**
 * # Prometheus text, byte by byte
 *
 *     family := "# HELP " name " " help "\n" "# TYPE " name " " type "\n" [ "# UNIT " name " " unit "\n" ] line*
 *     line   := name "{" labels "}" " " number "\n"        text format 0.0.4; `\`, `"` and newline are escaped in values
 *
 * The same bytes are OpenMetrics 1.0 but for the end (open-metrics.ts): `# UNIT` is a comment to the text format, and a gauge
 * is written alike in both.
 * A registry of 600,000 series would be built anew at every scrape; so the lag series are written straight from columns.
 * Names are encoded once, numbers digit by digit: 100,000 rows are tens of milliseconds.
 */

import { unitOf } from "./open-metrics.ts";

const CHUNK_BYTES = 262_144;
const DIGITS_FAST_MAX = 2 ** 31;
const NUMBER_BYTES_MAX = 32;
const NEWLINE = 10;
const ZERO = 48;

export interface Exposition {
  /** Starts a family: its help, type, and the name of the lines that follow. */
  family(family: { readonly name: string; readonly help: string; readonly type: "gauge" | "counter" }): void;
  /** One series; `labels` come from `labelBytes`, in order. A value of NaN is not known, and is not written. */
  series(labels: readonly Uint8Array[], value: number): void;
  /** One series of a partition: the number is a label too, after the others. */
  partitionSeries(labels: readonly Uint8Array[], partition: number, value: number): void;
  /** Bytes so far, in chunks; the writer starts anew. */
  take(): readonly Uint8Array[];
  /** True where a chunk is full: a good moment to let others run. */
  isChunkFull(): boolean;
  /** Series written so far. */
  count(): number;
}

/** `name="value"`, with a comma before it where it is not the first label. */
export function labelBytes(name: string, value: string, position: "first" | "next"): Uint8Array {
  const escaped = value.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
  return Buffer.from(`${position === "next" ? "," : ""}${name}="${escaped}"`);
}

const PARTITION_LABEL = Buffer.from(',partition="');
const AFTER_PARTITION = Buffer.from('"} ');
const AFTER_LABELS = Buffer.from("} ");

export function createExposition(): Exposition {
  let full: Uint8Array[] = [];
  let chunk = Buffer.allocUnsafe(CHUNK_BYTES);
  let at = 0;
  let name: Uint8Array = Buffer.alloc(0);
  let count = 0;

  const room = (bytes: number): void => {
    if (at + bytes <= chunk.length) return;
    full.push(chunk.subarray(0, at));
    chunk = Buffer.allocUnsafe(Math.max(CHUNK_BYTES, bytes));
    at = 0;
  };
  const put = (bytes: Uint8Array): void => {
    chunk.set(bytes, at);
    at += bytes.length;
  };
  const number = (value: number): void => {
    if (Number.isInteger(value) && value >= 0 && value < DIGITS_FAST_MAX) at = putDigits(chunk, at, value);
    else at += chunk.write(String(value), at, "latin1");
  };
  const end = (value: number): void => {
    number(value);
    chunk[at] = NEWLINE;
    at += 1;
    count += 1;
  };

  return {
    family: (family) => {
      const head = Buffer.from(headOf(family));
      room(head.length);
      put(head);
      name = Buffer.from(`${family.name}{`);
    },
    series: (labels, value) => {
      if (Number.isNaN(value)) return;
      room(name.length + bytesOf(labels) + AFTER_LABELS.length + NUMBER_BYTES_MAX);
      put(name);
      for (const label of labels) put(label);
      put(AFTER_LABELS);
      end(value);
    },
    partitionSeries: (labels, partition, value) => {
      if (Number.isNaN(value)) return;
      room(name.length + bytesOf(labels) + PARTITION_LABEL.length + AFTER_PARTITION.length + 2 * NUMBER_BYTES_MAX);
      put(name);
      for (const label of labels) put(label);
      put(PARTITION_LABEL);
      number(partition);
      put(AFTER_PARTITION);
      end(value);
    },
    take: () => {
      // A copy of what has begun, which is mostly little: a view would keep the whole chunk as long as what was taken.
      const taken = [...full, new Uint8Array(chunk.subarray(0, at))];
      full = [];
      at = 0;
      return taken;
    },
    isChunkFull: () => full.length > 0,
    count: () => count,
  };
}

function headOf({ name, help, type }: Parameters<Exposition["family"]>[0]): string {
  const unit = unitOf(name);
  const unitLine = unit === undefined ? "" : `# UNIT ${name} ${unit}\n`;
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${unitLine}`;
}

function bytesOf(labels: readonly Uint8Array[]): number {
  let bytes = 0;
  for (const label of labels) bytes += label.length;
  return bytes;
}

function putDigits(bytes: Buffer, start: number, value: number): number {
  let digits = 1;
  for (let limit = 10; value >= limit; limit *= 10) digits += 1;
  let rest = value;
  for (let i = start + digits - 1; i >= start; i -= 1) {
    const tenth = (rest / 10) | 0;
    bytes[i] = ZERO + (rest - tenth * 10);
    rest = tenth;
  }
  return start + digits;
}

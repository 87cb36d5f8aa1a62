/**
 * # Prometheus text, byte by byte
 *
 *     line := name "{" labels "}" " " number "\n"          text format 0.0.4; `\`, `"` and newline are escaped in values
 *
 * A registry of 600,000 series would be built anew at every scrape; so the lag series are written straight from columns.
 * Names are encoded once, numbers digit by digit: 100,000 rows are tens of milliseconds.
 */

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
  /** One series of a partition: the number is a label too. */
  partitionSeries(labels: Uint8Array, partition: number, value: number): void;
  /** Bytes so far, in chunks; the writer starts anew. */
  take(): readonly Uint8Array[];
  /** True where a chunk is full: a good moment to let others run. */
  isChunkFull(): boolean;
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
  };

  return {
    family: (family) => {
      const head = Buffer.from(`# HELP ${family.name} ${family.help}\n# TYPE ${family.name} ${family.type}\n`);
      room(head.length);
      put(head);
      name = Buffer.from(`${family.name}{`);
    },
    series: (labels, value) => {
      if (Number.isNaN(value)) return;
      room(name.length + labels.reduce((sum, one) => sum + one.length, 0) + AFTER_LABELS.length + NUMBER_BYTES_MAX);
      put(name);
      for (const label of labels) put(label);
      put(AFTER_LABELS);
      end(value);
    },
    partitionSeries: (labels, partition, value) => {
      if (Number.isNaN(value)) return;
      room(name.length + labels.length + PARTITION_LABEL.length + AFTER_PARTITION.length + 2 * NUMBER_BYTES_MAX);
      put(name);
      put(labels);
      put(PARTITION_LABEL);
      number(partition);
      put(AFTER_PARTITION);
      end(value);
    },
    take: () => {
      const taken = [...full, chunk.subarray(0, at)];
      full = [];
      chunk = Buffer.allocUnsafe(CHUNK_BYTES);
      at = 0;
      return taken;
    },
    isChunkFull: () => full.length > 0,
  };
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

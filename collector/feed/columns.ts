/**
 * # A snapshot as bytes
 *
 *     tick := zstd( length:token head:JSON column* )
 *     head := { cluster, at, readAtMs, groups, rowCounts, topics, owners, shareLags, openTransactions, isPolled }
 *     column := one token (varint.ts) a row: the difference to the last known value of the same column
 *
 * Differences make the columns of a group nearly constant (one commit stamps all its partitions with one time), which is
 * what lets 20,000 rows take a few hundred kilobytes before compression. `complete` is a float32 of at least 1/255: scaled
 * by 2^32 it is an integer, exactly.
 */

import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import type { GroupSummary } from "../model/evaluation.ts";
import type { Rows, RowTransaction, Snapshot } from "../model/snapshot.ts";
import type { ByteCursor } from "./varint.ts";
import { readToken, TOKEN_BYTES_MAX, writeToken } from "./varint.ts";

const SNAPSHOT_BYTES_MAX = 1_073_741_824;
const COMPLETE_SCALE = 2 ** 32;
/** Rates are thousandths of a record per second. */
const RATE_SCALE = 1_000;

interface Head extends Pick<Rows, "topics" | "owners"> {
  readonly cluster: string;
  readonly at: number;
  readonly readAtMs: number;
  readonly groups: readonly GroupSummary[];
  readonly rowCounts: readonly number[];
  /** NaN is null in JSON. */
  readonly shareLags: readonly (readonly [row: number, lag: number | null])[];
  readonly openTransactions: readonly (readonly [row: number, open: RowTransaction])[];
  /** There is a column of the times after which commits were made. */
  readonly isPolled: boolean;
}

export function encodeSnapshot({ cluster, at, readAtMs, groups, rowStart, rows }: Snapshot): Buffer {
  const rowCounts = groups.map((_, index) => (rowStart[index + 1] ?? 0) - (rowStart[index] ?? 0));
  const { topics } = rows;
  const owners = rows.owners.map(({ owner, clientId }) => ({ owner, clientId }));
  const sparse = { shareLags: [...rows.shareLags], openTransactions: [...rows.openTransactions] };
  const isPolled = rows.committedAfterMs !== undefined;
  const head: Head = { cluster, at, readAtMs, groups, rowCounts, topics, owners, ...sparse, isPolled };
  const json = Buffer.from(JSON.stringify(head));
  const columns = columnsOf(rows);
  const bytes = Buffer.allocUnsafe(TOKEN_BYTES_MAX + json.length + rows.count * columns.length * TOKEN_BYTES_MAX);
  const writer: ByteCursor = { bytes, at: 0 };
  writeToken(writer, json.length);
  writer.at += json.copy(bytes, writer.at);
  for (const column of columns) writeColumn(writer, column, rows.count);
  return zstdCompressSync(bytes.subarray(0, writer.at));
}

export function decodeSnapshot(compressed: Buffer): Snapshot {
  const bytes = zstdDecompressSync(compressed, { maxOutputLength: SNAPSHOT_BYTES_MAX });
  const reader: ByteCursor = { bytes, at: 0 };
  const headLength = readToken(reader);
  // Our own bytes, never another's: they are typed without checking each group again.
  const head = JSON.parse(bytes.toString("utf8", reader.at, reader.at + headLength)) as Head;
  reader.at += headLength;
  const rowStart = startsOf(head.rowCounts);
  const rows = emptyRows(rowStart.at(-1) ?? 0, head);
  for (const column of columnsOf(rows)) readColumn(reader, column, rows.count);
  return { cluster: head.cluster, at: head.at, readAtMs: head.readAtMs, groups: head.groups, rowStart, rows };
}

function startsOf(rowCounts: readonly number[]): Int32Array {
  const starts = new Int32Array(rowCounts.length + 1);
  rowCounts.forEach((count, index) => {
    starts[index + 1] = (starts[index] ?? 0) + count;
  });
  return starts;
}

interface ScaledColumn {
  readonly values: Int32Array | Uint8Array | Float64Array;
  readonly scale: number;
}

function columnsOf(rows: Rows): readonly ScaledColumn[] {
  const asTheyAre = [
    rows.topicIndex,
    rows.partition,
    rows.status,
    rows.burrowStatus,
    rows.reason,
    rows.reasonSinceMs,
    rows.timeLag,
    rows.readableAfterMs,
    rows.readableAtMs,
    rows.readableByMs,
    rows.lossAtMs,
    rows.committedOffset,
    rows.endOffset,
    rows.startOffset,
    rows.committedAtMs,
    rows.commitIntervalMs,
    rows.commitIntervalP95Ms,
    rows.endOffsetAgeMs,
    rows.ownerIndex,
    ...(rows.committedAfterMs === undefined ? [] : [rows.committedAfterMs]),
  ];
  return [
    ...asTheyAre.map((values) => ({ values, scale: 1 })),
    { values: rows.committedPerSecond, scale: RATE_SCALE },
    { values: rows.producedPerSecond, scale: RATE_SCALE },
    { values: rows.complete, scale: COMPLETE_SCALE },
  ];
}

function emptyRows(count: number, { topics, owners, shareLags, openTransactions, isPolled }: Head): Rows {
  return {
    count,
    topics,
    owners,
    topicIndex: new Int32Array(count),
    partition: new Int32Array(count),
    status: new Uint8Array(count),
    burrowStatus: new Uint8Array(count),
    reason: new Uint8Array(count),
    reasonSinceMs: new Float64Array(count),
    committedOffset: new Float64Array(count),
    endOffset: new Float64Array(count),
    startOffset: new Float64Array(count),
    committedAtMs: new Float64Array(count),
    committedAfterMs: isPolled ? new Float64Array(count) : undefined,
    endOffsetAgeMs: new Float64Array(count),
    timeLag: new Uint8Array(count),
    readableAfterMs: new Float64Array(count),
    readableAtMs: new Float64Array(count),
    readableByMs: new Float64Array(count),
    lossAtMs: new Float64Array(count),
    committedPerSecond: new Float64Array(count),
    producedPerSecond: new Float64Array(count),
    commitIntervalMs: new Float64Array(count),
    commitIntervalP95Ms: new Float64Array(count),
    complete: new Float64Array(count),
    ownerIndex: new Int32Array(count),
    shareLags: new Map(shareLags.map(([row, lag]) => [row, lag ?? Number.NaN])),
    openTransactions: new Map(openTransactions),
  };
}

function writeColumn(writer: ByteCursor, { values, scale }: ScaledColumn, count: number): void {
  let before = 0;
  for (let row = 0; row < count; row += 1) {
    const value = Math.round((values[row] ?? Number.NaN) * scale);
    writeToken(writer, value - before);
    if (!Number.isNaN(value)) before = value;
  }
}

function readColumn(reader: ByteCursor, { values, scale }: ScaledColumn, count: number): void {
  let before = 0;
  for (let row = 0; row < count; row += 1) {
    const value = before + readToken(reader);
    values[row] = value / scale;
    if (!Number.isNaN(value)) before = value;
  }
}

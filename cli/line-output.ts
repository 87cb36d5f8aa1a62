/**
 * # Lines to a stream that may be slow, or go away
 *
 * Lines are gathered, so that each is not a system call. A reader that has closed its end is no error of ours: from then on
 * nothing is written, and the writer may look and stop.
 */

import { once } from "node:events";
import type { Writable } from "node:stream";

const GATHERED_CHARS_MAX = 65_536;

export interface LineOutput {
  write(line: string): void;
  /** Resolves when the stream takes more: awaited now and then, it bounds what is held. */
  drained(): Promise<void>;
  /** Writes what is gathered, and resolves when the stream has it. */
  flush(): Promise<void>;
  isClosed(): boolean;
}

export function createLineOutput(stream: Writable): LineOutput {
  let gathered = "";
  let isClosed = false;
  let isFull = false;
  stream.on("error", () => {
    isClosed = true;
  });
  const send = (): void => {
    if (!isClosed && gathered !== "") isFull = !stream.write(gathered);
    gathered = "";
  };
  const drained = async (): Promise<void> => {
    if (!isFull || isClosed) return;
    const settled = new AbortController();
    const { signal } = settled;
    await Promise.race([once(stream, "drain", { signal }), once(stream, "close", { signal })]).catch(() => undefined);
    settled.abort();
    isFull = false;
  };
  return {
    write: (line) => {
      gathered += `${line}\n`;
      if (gathered.length > GATHERED_CHARS_MAX) send();
    },
    drained,
    flush: async () => {
      send();
      await drained();
    },
    isClosed: () => isClosed,
  };
}

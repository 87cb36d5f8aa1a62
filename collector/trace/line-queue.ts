/**
 * # Lines that wait to be written
 *
 * What observes must never wait for a disk: a line is taken or, where too much waits already, dropped and counted.
 */

export interface LineQueue {
  /** One line or several, the ends of all but the last included. */
  push(text: string, lines?: number): void;
  /** Everything that waits, with its last line end, and empties the queue. */
  drain(): { readonly text: string; readonly lines: number };
  readonly waiting: number;
  readonly dropped: number;
}

export function createLineQueue(bytesMax: number): LineQueue {
  let texts: string[] = [];
  let [bytes, waiting, dropped] = [0, 0, 0];
  return {
    push: (text, lines = 1) => {
      const added = Buffer.byteLength(text) + 1;
      if (bytes + added > bytesMax) {
        dropped += lines;
        return;
      }
      texts.push(text);
      bytes += added;
      waiting += lines;
    },
    drain: () => {
      const drained = { text: texts.length === 0 ? "" : `${texts.join("\n")}\n`, lines: waiting };
      [texts, bytes, waiting] = [[], 0, 0];
      return drained;
    },
    get waiting() {
      return waiting;
    },
    get dropped() {
      return dropped;
    },
  };
}

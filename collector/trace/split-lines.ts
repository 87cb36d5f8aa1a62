/**
 * # Text in chunks, as lines
 *
 * A line may be cut anywhere by the end of a chunk. One that grows beyond `lineCharsMax` is given up, not kept: what is read
 * has no bound, so what is held must have one.
 */

export interface LineSplitter {
  /** The lines that end in this chunk; undefined for one that was too long. */
  push(chunk: string): readonly (string | undefined)[];
  /** What stands behind the last line end; nothing where that is empty. */
  end(): readonly (string | undefined)[];
}

export function createLineSplitter(lineCharsMax: number): LineSplitter {
  /** Of the line that is not yet ended; undefined: it is too long already. */
  let pending: string | undefined = "";
  const extended = (text: string): string | undefined =>
    pending === undefined || pending.length + text.length > lineCharsMax ? undefined : pending + text;
  return {
    push: (chunk) => {
      const lines: (string | undefined)[] = chunk.split("\n");
      const rest = lines.pop() ?? "";
      if (lines.length === 0) {
        pending = extended(rest);
        return [];
      }
      lines[0] = extended(lines[0] ?? "");
      pending = "";
      pending = extended(rest);
      for (const [index, line] of lines.entries())
        if (line !== undefined && line.length > lineCharsMax) lines[index] = undefined;
      return lines;
    },
    end: () => {
      const last = pending;
      pending = "";
      return last === "" ? [] : [last];
    },
  };
}

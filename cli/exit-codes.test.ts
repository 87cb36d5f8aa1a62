/** The codes of the table, from real processes: a row that no command ends with would be a promise to nobody. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { suite, test } from "node:test";
import { EXIT, EXIT_MEANINGS } from "./exit-codes.ts";

const MAIN = resolve(import.meta.dirname, "main.ts");
const AWAY = { es: { type: "elasticsearch", url: "http://127.0.0.1:1" } };

interface Row {
  readonly words: readonly string[];
  /** The configuration; `wrong` for one that is none. */
  readonly config?: object | "wrong";
  /** What lies in `trace`. */
  readonly trace?: string;
  readonly want: number;
}

const rows: Readonly<Record<string, Row>> = {
  "a word that is no command": { words: ["colector"], want: EXIT.usage },
  "a flag of another command": { words: ["provision", "--seed", "1"], want: EXIT.usage },
  "the version": { words: ["--version"], want: EXIT.ok },
  "a wrong configuration": { words: ["collector"], config: "wrong", want: EXIT.config },
  "a collector without a cluster": { words: ["collector"], want: EXIT.config },
  "a check of a wrong configuration": { words: ["check"], config: "wrong", want: EXIT.checkConfig },
  "a check that fails": { words: ["check"], config: { sinks: AWAY }, want: EXIT.failing },
  "a store that is away": { words: ["provision"], config: { sinks: AWAY }, want: EXIT.unavailable },
  "nothing to provision": { words: ["provision"], want: EXIT.ok },
  "no dead letters": { words: ["dlq", "list"], want: EXIT.ok },
  "dead letters of a time that is none": { words: ["dlq", "list", "--since", "lately"], want: EXIT.usage },
  "a tool that nobody can come from": { words: ["migrate", "zabbix", "--from", "f"], want: EXIT.usage },
  "another tool's configuration that is not there": { words: ["migrate", "burrow", "--from", "f"], want: EXIT.config },
  "a deploy without a name": { words: ["deploy", "--group", "g"], want: EXIT.usage },
  "a deploy without a collector": { words: ["deploy", "--group", "g", "--name", "n"], want: EXIT.unavailable },
  "offsets without a verb": { words: ["offsets", "--group", "g"], want: EXIT.usage },
  "offsets of no group": { words: ["offsets", "diff"], want: EXIT.usage },
  "a trace that is not there": { words: ["replay", "--trace", "nowhere.ndjson"], want: EXIT.unavailable },
  "a trace that is none": { words: ["replay", "--trace", "trace"], trace: "no trace\n", want: EXIT.data },
  "a collector that is away": { words: ["shipper", "--test", "--wait", "200ms"], want: EXIT.unavailable },
};

suite("exit codes", { concurrency: 2 }, () => {
  for (const [name, { words, config = {}, trace, want }] of Object.entries(rows)) {
    test(`${name}: ${want}`, async () => {
      const folder = await mkdtemp(join(tmpdir(), "tidemark-exit-"));
      try {
        const shipper = { from: "http://127.0.0.1:1", data_dir: folder };
        const tree = config === "wrong" ? { shiper: {} } : { shipper, log: { level: "error" }, ...config };
        await writeFile(join(folder, "tidemark.yaml"), JSON.stringify(tree));
        if (trace !== undefined) await writeFile(join(folder, "trace"), trace);
        const flags = ["--disable-warning=ExperimentalWarning", MAIN, ...words];
        const child = spawn(process.execPath, flags, { cwd: folder, stdio: "ignore" });
        const [code] = await once(child, "exit");
        assert.equal(code, want);
      } finally {
        await rm(folder, { recursive: true });
      }
    });
  }
});

test("every code but that of a bug is in a row, and every code of a row is told", () => {
  const told = new Set(EXIT_MEANINGS.map(({ code }) => code));
  const shown = new Set(Object.values(rows).map(({ want }) => want));
  assert.deepEqual(
    [...told].filter((code) => !shown.has(code)),
    [EXIT.bug],
  );
  assert.deepEqual(
    [...shown].filter((code) => !told.has(code)),
    [],
  );
});

/** The command as people run it: it says where to look, the page is there with a past, and Ctrl-C leaves nothing behind. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readdirSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { test } from "node:test";

const MAIN = resolve(import.meta.dirname, "../main.ts");

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  server.close();
  await once(server, "close");
  return typeof address === "object" && address !== null ? address.port : 0;
}

test("the demonstration shows twenty groups with six hours of history, and ends cleanly", async () => {
  const temporary = mkdtempSync(join(tmpdir(), "tidemark-demo-test-"));
  const port = await freePort();
  const env = { ...process.env, TMPDIR: temporary };
  const child = spawn(process.execPath, [MAIN, "demo", "--port", String(port)], {
    env,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const ended = once(child, "exit");
  try {
    let said = "";
    const errors: Buffer[] = [];
    child.stderr.on("data", (chunk: Buffer) => errors.push(chunk));
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.includes("Ctrl-C")) break;
    }
    assert.match(said, new RegExp(`http://127\\.0\\.0\\.1:${port}/`));
    const page = await pageWith(`http://127.0.0.1:${port}/`, /All 20 groups|groups? needs? attention/);
    assert.match(page, /This is a simulated cluster/);
    const group = `http://127.0.0.1:${port}/groups/demo/stock-sync?range=6h`;
    await pageWith(group, /Trouble in this range.*STALL/s);
    child.kill("SIGINT");
    const [code] = await ended;
    assert.equal(code, 0, Buffer.concat(errors).toString());
    assert.deepEqual(readdirSync(temporary), []);
  } finally {
    child.kill("SIGKILL");
    await ended;
    rmSync(temporary, { recursive: true, force: true });
  }
});

/** It warms up, and ships its past, for a moment; the test's own time limit is the end of patience. */
async function pageWith(address: string, words: RegExp): Promise<string> {
  for (;;) {
    const text = await (await fetch(address).catch(() => undefined))?.text();
    if (text !== undefined && words.test(text)) return text;
    await new Promise((settle) => setTimeout(settle, 100));
  }
}

/**
 * # The healthcheck of a container
 *
 *     node deploy/healthcheck.ts URL [TOKEN_FILE]     0 where it answers 200, else 1 and why
 *
 * The image has no curl. Without a token "say who you are" is an answer, too: it lives.
 */

import { readFileSync } from "node:fs";

const TIMEOUT_MS = 4_000;

async function isHealthy(url: string, tokenFile: string | undefined): Promise<boolean> {
  const headers = tokenFile === undefined ? {} : { authorization: `Bearer ${readFileSync(tokenFile, "utf8").trim()}` };
  const answer = await fetch(url, { headers, redirect: "error", signal: AbortSignal.timeout(TIMEOUT_MS) });
  process.stdout.write(`${answer.status} ${(await answer.text()).slice(0, 500)}\n`);
  return answer.status === 200 || (answer.status === 401 && tokenFile === undefined);
}

const [url = "", tokenFile] = process.argv.slice(2);
try {
  process.exitCode = (await isHealthy(url, tokenFile)) ? 0 : 1;
} catch (caught) {
  process.stdout.write(`${url}: ${String(caught)}\n`);
  process.exitCode = 1;
}

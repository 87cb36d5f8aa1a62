/** What `tidemark check` says of a Burrow. */

import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { examineBurrow } from "../../collector/burrow/examine-burrow.ts";
import { ClusterConfig } from "../../collector/config.ts";
import { createLogger } from "../../runtime/logger.ts";
import { selfSigned } from "../stores/certificate.ts";
import { startBurrowStandIn } from "./burrow-stand-in.ts";

async function examined(url: string, { cluster = "Prod", intervals = 10, tls = {} } = {}): Promise<readonly string[]> {
  const config = ClusterConfig.parse({ source: "burrow", burrow: { url }, tls });
  const asked = { cluster, config, intervals, timeoutMs: 2_000, logger: createLogger("silent") };
  return (await examineBurrow(asked)).map(({ level, what, detail }) => `${level} ${what}: ${detail}`);
}

test("a Burrow that knows the cluster is well; windows of another length and names without a route are told", async () => {
  await using burrow = await startBurrowStandIn();
  burrow.setEnds("t", [10]);
  burrow.commit({ group: "g", topic: "t", partition: 0, offset: 5, atMs: 1_795_188_000_000 });
  assert.deepEqual(await examined(burrow.url), ["ok burrow: cluster prod: 1 groups, 1 topics"]);
  burrow.commit({ group: "a/b", topic: "t", partition: 0, offset: 5, atMs: 1_795_188_000_000 });
  const [, ...rest] = await examined(burrow.url, { intervals: 7 });
  assert.deepEqual(rest, [
    'warn names: no route of Burrow leads to 1 groups, such as "a/b"',
    "warn window: Burrow keeps 10 commits, evaluate.window is 7: verdicts will differ from its own",
  ]);
});

test("one that does not know the cluster, is something else, or does not answer is a failure", async () => {
  await using burrow = await startBurrowStandIn();
  assert.deepEqual(await examined(burrow.url, { cluster: "other" }), [
    "fail burrow: it knows no cluster other; it knows: prod",
  ]);
  burrow.fault = () => ({ status: 404, body: "nothing here" });
  assert.match((await examined(burrow.url))[0] ?? "", /^fail .* has no such route: it is no Burrow$/);
  burrow.fault = () => "drop";
  assert.match((await examined(burrow.url))[0] ?? "", /^fail .* does not answer: /);
});

test("behind TLS it is asked with the authority of `tls`, and not without", async () => {
  const dir = await mkdtemp(join(tmpdir(), "burrow-"));
  const pair = selfSigned();
  const ca_file = join(dir, "ca.pem");
  await writeFile(ca_file, pair.cert);
  await using burrow = await startBurrowStandIn({ tls: pair });
  assert.deepEqual(await examined(burrow.url, { tls: { ca_file } }), ["ok burrow: cluster prod: 0 groups, 0 topics"]);
  assert.match((await examined(burrow.url))[0] ?? "", /^fail .* does not answer: /);
  await rm(dir, { recursive: true });
});

test("an IPv6 address is asked as one, and a URL with a password in it is refused", async () => {
  const [said = ""] = await examined("http://[::1]:1");
  assert.match(said, /^fail .* does not answer: /);
  assert.doesNotMatch(said, /getaddrinfo/);
  await assert.rejects(examined("http://me:word@127.0.0.1:1"), /must be without a user and a password/);
});

/** Both commands over a socket, beside the handler that a collector serves: what is recorded comes out as it went in. */

import assert from "node:assert/strict";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type TestContext, test } from "node:test";
import { openDeploys } from "../../collector/deploys/deploy-file.ts";
import { createDeploysHandler } from "../../collector/http/deploys.ts";
import { createV4Handler } from "../../collector/http/v4.ts";
import { AT, commitTo, NOW_MS, ownBy, setTopics, watchedCluster } from "../../collector/http/watched.fixture.ts";
import { startHttpServer } from "../../runtime/http/server.ts";
import { createLogger } from "../../runtime/logger.ts";
import { secretOf } from "../../runtime/secret.ts";
import { runDeploy } from "./run-deploy.ts";
import { runOffsets } from "./run-offsets.ts";

const GROUP = "a/b 100% é";
const token = secretOf("canary");
const signal = new AbortController().signal;

async function serving(t: TestContext, names: readonly string[] = ["c"]) {
  const folder = await mkdtemp(join(tmpdir(), "tidemark-deploys-"));
  const logger = createLogger("silent");
  const deploys = openDeploys(join(folder, "deploys.json"), { logger, untoldSinceMs: 0 });
  const watched = names.map((name) => watchedCluster(name));
  for (const { state, view } of watched) {
    setTopics(state, { t: [100, 100, 100] });
    view.verdicts.judge(AT, NOW_MS);
  }
  const clusters = watched.map(({ view }) => view);
  const feed = { read: async () => ({ kind: "gone", oldest: "", ticksGone: 0 }) as const };
  const handlers = [createDeploysHandler({ clusters, deploys, hasToken: true }), createV4Handler({ clusters, feed })];
  const listen = { host: "127.0.0.1", port: 0 };
  const server = await startHttpServer({ listen, access: { token, insecure: false }, handlers, logger });
  t.after(async () => {
    await server[Symbol.asyncDispose]();
    await rm(folder, { recursive: true });
  });
  const [first] = watched;
  assert.ok(first !== undefined);
  const said: string[] = [];
  const complained: string[] = [];
  return {
    state: first.state,
    url: `http://127.0.0.1:${server.address.port}`,
    said,
    complained,
    io: { say: (text: string) => void said.push(text), complain: (text: string) => void complained.push(text) },
  };
}

test("a deploy is recorded, exported as Kafka takes it, and compared with what was read since", async (t) => {
  const { state, url, said, complained, io } = await serving(t);
  commitTo(state, { group: GROUP, topic: "t", partition: 0, offset: 40 });
  commitTo(state, { group: GROUP, topic: "t", partition: 1, offset: 7 });
  ownBy(state, GROUP, { topic: "t", partition: 2 });
  const asked = { url, token, cluster: undefined, group: GROUP };
  await runDeploy({ ...asked, name: "checkout", version: "1.4.2", ...io }, signal);
  assert.match(said.splice(0).join(""), /committed offsets of 2 partitions are kept; of 1 more none was known/);

  commitTo(state, { group: GROUP, topic: "t", partition: 0, offset: 65, order: 2, ageMs: 100 });
  const offsets = { ...asked, deploy: undefined, asJson: false, ...io };
  await runOffsets({ ...offsets, verb: "export" }, signal);
  assert.equal(said.splice(0).join(""), "t,0,40\nt,1,7\n");
  assert.match(complained.join(""), /1 partitions had no known offset at the deploy, and are left out: t\/2/);

  await runOffsets({ ...offsets, verb: "diff" }, signal);
  const [head, ...lines] = said.splice(0).join("").trimEnd().split("\n");
  assert.match(head ?? "", /^back to checkout 1\.4\.2 of 2026-/);
  assert.deepEqual(lines, [
    "t 0: 65 -> 40, 25 read again, all of them still there",
    "in all: 25 read again, of them 0 deleted by retention; 0 never read",
    "1 partitions that the deploy does not have stay as they are",
  ]);
  await runOffsets({ ...offsets, verb: "diff", asJson: true }, signal);
  assert.equal(JSON.parse(said.join("")).partitions[0].again, 25);
});

test("of several deploys the newest, or the one that is named, by name or id", async (t) => {
  const { state, url, said, io } = await serving(t);
  const asked = { url, token, cluster: "c", group: GROUP };
  for (const [offset, name] of ["blue", "green", "blue"].entries()) {
    commitTo(state, { group: GROUP, topic: "t", offset, order: offset + 1, ageMs: 100 - offset });
    await runDeploy({ ...asked, name, version: undefined, ...io }, signal);
  }
  const exported = async (deploy: string | undefined) => {
    said.splice(0);
    await runOffsets({ ...asked, deploy, asJson: false, verb: "export", ...io }, signal);
    return said.join("").trim();
  };
  assert.equal(await exported(undefined), "t,0,2");
  assert.equal(await exported("blue"), "t,0,2");
  assert.equal(await exported("green"), "t,0,1");
  assert.equal(await exported(String(NOW_MS)), "t,0,0");
  await assert.rejects(exported("red"), /no deploy "red" of "a\/b 100% é" is kept; there are: \d+ \(blue\), /);
});

test("a group with a name that is a step up in a path", async (t) => {
  const { state, url, said, io } = await serving(t);
  commitTo(state, { group: "..", topic: "t", offset: 3 });
  const asked = { url: `${url}/`, token, cluster: "c", group: ".." };
  await runDeploy({ ...asked, name: "n", version: undefined, ...io }, signal);
  await runOffsets({ ...asked, deploy: "n", asJson: false, verb: "export", ...io }, signal);
  assert.equal(said.at(-1), "t,0,3\n");
});

test("what cannot be is said in the collector's words", async (t) => {
  const { url, io } = await serving(t, ["c", "d"]);
  const asked = { url, token, cluster: "c", group: "none", name: "n", version: undefined, ...io };
  await assert.rejects(runDeploy(asked, signal), {
    name: "CollectorError",
    message: `${url} answers 404: no group "none"`,
  });
  await assert.rejects(
    runDeploy({ ...asked, cluster: undefined }, signal),
    /--cluster is needed: the collector watches c, d$/,
  );
  await assert.rejects(runDeploy({ ...asked, token: undefined }, signal), /answers 401: a token is needed$/);
  await assert.rejects(runDeploy({ ...asked, token: secretOf("wrong") }, signal), /answers 401/);
  await assert.rejects(
    runDeploy({ ...asked, name: "n".repeat(9_000) }, signal),
    /answers 413: the body has more than 4096/,
  );
  await assert.rejects(
    runDeploy({ ...asked, url: "http://127.0.0.1:1" }, signal),
    /gives no answer of use: .*ECONNREFUSED/,
  );
});

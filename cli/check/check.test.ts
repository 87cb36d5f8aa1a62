/** A configuration looked at beside stand-ins: all well, each thing that is not, what hangs, and no secret in any of it. */

import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { chmod, readdir, writeFile } from "node:fs/promises";
import { createServer as createTcpServer } from "node:net";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { test } from "node:test";
import { provisionSink } from "../../shipper/provision/provision.ts";
import type { Config } from "../config.ts";
import type { Around, Tree } from "./around.fixture.ts";
import { around, CANARIES } from "./around.fixture.ts";
import { freeDisk } from "./data-dir.ts";
import type { PlacedFinding } from "./run-check.ts";
import { runCheck } from "./run-check.ts";

interface Checked {
  readonly passed: boolean;
  readonly findings: readonly PlacedFinding[];
  /** `FAIL sinks.es: …`, those that are not ok. */
  readonly bad: readonly string[];
}

async function check(config: Config, limits: { request?: number; part?: number } = {}): Promise<Checked> {
  let said = "";
  const options = { config, requestTimeoutMs: limits.request ?? 2_000, partTimeoutMs: limits.part ?? 15_000 };
  const say = (text: string): void => {
    said += text;
  };
  const passed = await runCheck({ ...options, asJson: true, say });
  const { findings }: { readonly findings: readonly PlacedFinding[] } = JSON.parse(said);
  for (const secret of Object.values(CANARIES)) assert.ok(!said.includes(secret), "no secret is said");
  const bad = findings.flatMap(({ level, where, what, detail, remedy }) =>
    level === "ok" ? [] : [`${level} ${where}: ${what}: ${detail} -> ${remedy}`],
  );
  return { passed, findings, bad };
}

async function provisioned(one: Around): Promise<void> {
  const { es } = one.config().sinks;
  assert.ok(es !== undefined);
  await provisionSink(es, { dryRun: false, force: false });
}

test("where all is well nothing is said but ok, nothing is written, and it passes", async () => {
  await using one = await around();
  await provisioned(one);
  const [requests, files] = [one.es.requests.length, (await readdir(one.dir)).toSorted()];
  const { passed, bad, findings } = await check(one.config());
  assert.deepEqual(bad, []);
  assert.equal(passed, true);
  const places = new Set(findings.map(({ where }) => where));
  const all = ["configuration", "clusters.prod", "collector", "shipper", "shipper.from"];
  assert.deepEqual([...places].toSorted(), [...all, "sinks.es", "sinks.influx", "sinks.local"].toSorted());
  assert.deepEqual([one.es.documents.size, one.influx.points.size], [0, 0]);
  const methods = one.es.requests.slice(requests).map(({ method, path }) => `${method} ${path}`);
  assert.deepEqual(
    methods.filter((asked) => /^(PUT|DELETE)|_bulk/.test(asked)),
    [],
  );
  assert.deepEqual((await readdir(one.dir)).toSorted(), files);
});

type Change = (one: Around, tree: Tree) => void;

const rows: readonly (readonly [name: string, change: Change, says: RegExp])[] = [
  [
    "no cluster and no collector",
    (_, tree) => void Object.assign(tree, { clusters: {}, shipper: { data_dir: tree.shipper.data_dir } }),
    /^fail clusters: clusters: none is named/,
  ],
  [
    "a broker that is not there",
    (_, tree) => {
      tree.clusters = { prod: { brokers: ["127.0.0.1:1"] } };
    },
    /^fail clusters\.prod: broker 127\.0\.0\.1:1: .* -> mend its address/,
  ],
  [
    "a secret that is not there",
    (_, tree) => {
      tree.shipper.from_token_file = "/nowhere/secret";
    },
    /^fail configuration: shipper\.from_token_file: \/nowhere\/secret cannot be read/,
  ],
  [
    "an address that is open to others",
    (_, tree) => {
      tree.collector.listen = "0.0.0.0:8000";
    },
    /^fail collector: listen: 0\.0\.0\.0:8000 is reachable .* -> set `token_file`/,
  ],
  [
    "a data folder that is a file",
    (one, tree) => {
      tree.shipper.data_dir = join(one.dir, "es");
    },
    /^fail shipper: data_dir: .* cannot be written to/,
  ],
  [
    "a collector that does not know the token",
    (_, tree) => {
      tree.shipper.from_token_file = tree.shipper.from_token_file.replace(/feed$/, "es");
    },
    /^fail shipper\.from: .* answers 401 -> the token in `shipper\.from_token_file` is not that of/,
  ],
  [
    "what is no collector",
    (one) => {
      one.feed = (_request, response) => response.end("<html>");
    },
    /^fail shipper\.from: .* answers 200, which no collector does/,
  ],
  [
    "a collector that is not there",
    (_, tree) => {
      tree.shipper.from = "http://127.0.0.1:1";
    },
    /^fail shipper\.from: .* does not answer: .* -> start the collector/,
  ],
  [
    "a store that is not there",
    (_, tree) => {
      tree.sinks["es"] = { ...tree.sinks["es"], url: "http://127.0.0.1:1" };
    },
    /^fail sinks\.es: store: .* does not answer: .* -> mend `url`/,
  ],
  [
    "a wrong key",
    (_, tree) => {
      tree.sinks["es"] = { ...tree.sinks["es"], api_key_file: tree.shipper.from_token_file };
    },
    /^fail sinks\.es: store: .*401.* -> mend the credentials/,
  ],
  [
    "a wrong token",
    (_, tree) => {
      tree.sinks["influx"] = { ...tree.sinks["influx"], token_file: tree.shipper.from_token_file };
    },
    /^fail sinks\.influx: store: .*401.* -> mend the credentials/,
  ],
  [
    "no template",
    (one) => void one.es.resources.clear(),
    /^fail sinks\.es: index template: .*there is none.* -> tidemark provision$/,
  ],
  [
    "a template of a newer program",
    (one) => newer(one),
    /^warn sinks\.es: index template tidemark: it is of a newer program: version 99/,
  ],
  [
    "a key that may not write",
    (one) => {
      one.hasRights = false;
    },
    /^fail sinks\.es: right to write: it lacks create_doc/,
  ],
  [
    "no bucket",
    (one) => void one.influx.databases.clear(),
    /^fail sinks\.influx: database tidemark: .*404.* -> tidemark provision$/,
  ],
];

function newer(one: Around): void {
  const path = "/_index_template/tidemark";
  const template = structuredClone(one.es.resources.get(path)) as { _meta: { version: number } };
  template._meta.version = 99;
  one.es.resources.set(path, template);
}

for (const [name, change, says] of rows) {
  test(`${name} is said, with what to do`, async () => {
    await using one = await around();
    await provisioned(one);
    const { passed, bad } = await check(one.config((tree) => change(one, tree)));
    assert.match(bad.join("\n"), new RegExp(says.source, "m"));
    assert.equal(passed, !bad.some((line) => line.startsWith("fail")));
  });
}

test("a secret that everybody can read is said, and what a server gives back of it is not", async () => {
  await using one = await around();
  await provisioned(one);
  await chmod(join(one.dir, "influx"), 0o644);
  one.influx.rest({ kind: "answer", status: 400, body: `no such token: ${CANARIES.influx}` });
  const { bad } = await check(one.config());
  assert.match(bad.join("\n"), /^warn configuration: sinks\.influx\.token_file: .* every user .* -> chmod o-rwx/m);
  assert.match(bad.join("\n"), /^fail sinks\.influx: store: .*no such token: \[redacted\]/m);
});

test("where nothing ever answers it ends in time, and says of each that it does not", async () => {
  await using one = await around();
  const mute = createTcpServer(() => {}).listen(0, "127.0.0.1");
  await once(mute, "listening");
  const address = mute.address();
  assert.ok(typeof address === "object" && address !== null);
  const [host, url] = [`127.0.0.1:${address.port}`, `http://127.0.0.1:${address.port}`];
  const config = one.config((tree) => {
    tree.clusters = { prod: { brokers: [host] } };
    tree.shipper.from = url;
    for (const sink of ["es", "influx"]) tree.sinks[sink] = { ...tree.sinks[sink], url };
  });
  const { passed, bad } = await check(config, { request: 60_000, part: 300 });
  mute.close();
  assert.equal(passed, false);
  const late = bad.filter((line) => line.includes("no end after 0.3 s")).map((line) => line.split(":", 1)[0]);
  assert.deepEqual(late, ["fail clusters.prod", "fail shipper.from", "fail sinks.es", "fail sinks.influx"]);
});

test("a disk that is nearly full fails, one that is smaller than the caps is to be looked at", () => {
  const GIB = 2 ** 30;
  const level = (freeBytes: number) =>
    freeDisk({ freeBytes, diskBytes: 100 * GIB, bytesWanted: 12 * GIB, freeShareMin: 0.05 }).level;
  assert.deepEqual([5 * GIB - 1, 5 * GIB, 12 * GIB - 1, 12 * GIB].map(level), ["fail", "warn", "warn", "ok"]);
});

const MAIN = resolve(import.meta.dirname, "../main.ts");

test("as a command: 0 where it passes, 1 where something fails, 2 where the configuration is wrong", async () => {
  await using one = await around();
  const run = async (tree: object, ...flags: readonly string[]) => {
    const file = join(one.dir, "tidemark.yaml");
    await writeFile(file, JSON.stringify(tree));
    const child = spawn(process.execPath, [MAIN, "check", "--config", file, ...flags], {
      stdio: ["ignore", "pipe", 2],
    });
    const [stdout, [code]] = await Promise.all([text(child.stdout ?? assert.fail()), once(child, "exit")]);
    return { code, stdout };
  };
  const { from, from_token_file } = one.config().shipper;
  const shipper = { from, from_token_file, data_dir: one.dir, spool: { bytes_max: "16MiB" } };
  const sinks = { local: { type: "sqlite", bytes_max: "1MiB" } };
  const passing = await run({ shipper, sinks });
  assert.deepEqual([passing.code, /\n\d+ ok, \d+ to look at, 0 to mend\n$/.test(passing.stdout)], [0, true]);
  const failing = await run({ sinks, shipper: { ...shipper, from: "http://127.0.0.1:1" } });
  assert.equal(failing.code, 1);
  assert.match(failing.stdout, /^FAIL {2}shipper\.from: the collector's feed: .* -> start the collector/m);
  const asJson = await run({ sinks, shipper: { ...shipper, from: "http://127.0.0.1:1" } }, "--json");
  const { fail, findings } = JSON.parse(asJson.stdout);
  assert.deepEqual([asJson.code, fail, typeof findings[0].detail], [1, 1, "string"]);
  assert.equal((await run({ shiper: {} })).code, 2);
});

/** What becomes of each key of a Burrow's configuration: taken over, not needed, or said. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { migrateBurrow } from "./burrow-config.ts";
import { migratedBurrow } from "./run-migrate.ts";

const folder = mkdtempSync(join(tmpdir(), "tidemark-migrate-"));
after(() => rmSync(folder, { recursive: true }));

function migrated(toml: string): string {
  const file = join(folder, "burrow.toml");
  writeFileSync(file, toml);
  return migratedBurrow(file);
}

test("all that is usual, whatever its case, and no secret", () => {
  const text = migrated(`[general]
pidfile="burrow.pid"
access-control-allow-origin="*"
[logging]
level="warn"
filename="burrow.log"
[zookeeper]
servers=["zk:2181"]
[client-profile.p]
kafka-version="2.8.0"
tls="T"
sasl="s"
[tls.t]
cafile="ca.pem"
noverify=true
[sasl.s]
username="u"
password="canary"
mechanism="SCRAM-SHA-512"
[cluster.ProdEU]
class-name="kafka"
servers=["b1:9093", "b2:9093"]
client-profile="p"
topic-refresh=120
offset-refresh=30
[consumer.x]
class-name="kafka"
cluster="ProdEU"
servers=["b1:9093"]
group-denylist="^(console-consumer-|python-).*$"
start-latest=true
[consumer.zk]
class-name="kafka_zk"
cluster="ProdEU"
[storage.default]
class-name="inmemory"
intervals=15
min-distance=1
expire-group=604800
[evaluator.default]
class-name="caching"
minimum-complete=0.5
[httpserver.default]
address=":8000"
tls="Own"
[tls.own]
certfile="own.pem"
keyfile="own.key"
[notifier.mail]
class-name="email"
to="a@b"
`);
  assert.equal(
    text,
    `# Made of the configuration of a Burrow by \`tidemark migrate\`.
# tls.t.noverify: certificates are always verified; tls.ca_file names their authority
# sasl.s.password: write it into prodeu.secret; it is not repeated here
# consumer.zk: offsets in ZooKeeper are not read
# httpserver.default.address: other machines need the token that you write into ./token
# general.access-control-allow-origin: there is no such option here
# notifier.mail: alerts are rules of Grafana or Prometheus (docs/alerts.md)
clusters:
  prodeu:
    brokers:
      - b1:9093
      - b2:9093
    tls:
      ca_file: ca.pem
    sasl:
      mechanism: scram-sha-512
      username: u
      password_file: prodeu.secret
    groups:
      - "!/^(console-consumer-|python-).*$/"
evaluate:
  window: 15
  burrow:
    offset_refresh: 30s
    min_distance: 1s
    expire_group: 604800s
    minimum_complete: 0.5
collector:
  listen: 0.0.0.0:8000
  token_file: token
  tls:
    cert_file: own.pem
    key_file: own.key
  data_dir: ./data
  compat:
    - burrow
shipper:
  data_dir: ./data
log:
  level: warn
`,
  );
});

test("the least there can be needs nothing said", () => {
  assert.deepEqual(migrateBurrow({ cluster: { c: { "class-name": "kafka", servers: ["b:9092"] } } }), {
    config: {
      clusters: { c: { brokers: ["b:9092"] } },
      collector: { data_dir: "./data", compat: ["burrow"] },
      shipper: { data_dir: "./data" },
    },
    remarks: [],
  });
});

test("lists of a consumer and of the storage, two refreshes, and AWS", () => {
  const { config, remarks } = migrateBurrow({
    "client-profile": { p: { iam: "i", tls: "t" } },
    iam: { i: { region: "eu-central-1", "role-arn": "r" } },
    tls: { t: {} },
    cluster: {
      a: { servers: ["a:1"], "client-profile": "p", "offset-refresh": 10 },
      b: { servers: ["b:1"], "offset-refresh": 20 },
    },
    consumer: { x: { "class-name": "kafka", cluster: "a", "group-allowlist": "^pay", "offsets-topic": "other" } },
    storage: { s: { "group-allowlist": "^ship" } },
  });
  assert.deepEqual(config["clusters"], {
    a: {
      brokers: ["a:1"],
      tls: {},
      sasl: { mechanism: "aws-msk-iam", region: "eu-central-1", role_arn: "r" },
      groups: ["/^pay/", "/^ship/"],
    },
    b: { brokers: ["b:1"], groups: ["/^ship/"] },
  });
  assert.deepEqual(config["evaluate"], { burrow: { offset_refresh: "10s" } });
  assert.deepEqual(
    remarks.map((remark) => remark.split(": ")[0]),
    ["consumer.x.offsets-topic", "storage.s.group-allowlist", "cluster.*.offset-refresh"],
  );
});

test("what a start would refuse is said above it", () => {
  const text = migrated('[cluster.c]\nclass-name="kafka"\nservers=["without-a-port"]\n');
  assert.match(text, /^# .*is not a valid configuration:\n# .*brokers.*must be host:port/m);
});

test("a file that is no TOML, or has no cluster, is refused in words", () => {
  assert.throws(
    () => migrated("[cluster"),
    /burrow\.toml is not a valid configuration:\n.*cannot be read: Invalid TOML/,
  );
  assert.throws(() => migrated("[general]\n"), /there is no \[cluster\.NAME\]/);
});

/** Stores whose certificate, or whose TLS, we do not accept: refused by either client, held, told, and never asked without. */

import assert from "node:assert/strict";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { AUTHORITY, expired, otherHost, selfSigned } from "../../test/stores/certificate.ts";
import { startFakeElasticsearch } from "../../test/stores/elasticsearch.ts";
import { startFakeInflux } from "../../test/stores/influxdb.ts";
import { SinksConfig } from "../config.ts";
import { openSink } from "../open-sink.ts";
import type { Point } from "../schema/point.ts";

const POINT: Point = {
  kind: "group",
  atMs: Date.UTC(2026, 10, 21),
  dimensions: { cluster: "c", group: "g" },
  fields: { lag: 1 },
};
const OLD = { ...selfSigned(), minVersion: "TLSv1", maxVersion: "TLSv1.1", ciphers: "ALL:@SECLEVEL=0" } as const;
const NEVER = new AbortController().signal;

const rows = [
  { name: "signed by itself", tls: selfSigned(), authority: AUTHORITY, says: /self.signed/i },
  { name: "of another host", tls: otherHost(), authority: AUTHORITY, says: /altnames/i },
  { name: "that has expired", tls: expired(), authority: AUTHORITY, says: /expired/i },
  { name: "behind a TLS of 2006", tls: OLD, authority: selfSigned().cert, says: /version|protocol|SSL|EPROTO/i },
] as const;

test("S13: a certificate signed by itself, of another host or expired, and an old TLS, are refused and held, unasked", async () => {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-certificates-"));
  try {
    for (const { name, tls, authority, says } of rows) {
      const ca = join(folder, "ca.pem");
      writeFileSync(ca, authority);
      await using es = await startFakeElasticsearch({ flavour: "elasticsearch", tls });
      await using influx = await startFakeInflux({ dialect: "v2", databases: ["tidemark"], tls });
      const sinks = SinksConfig.parse({
        es: { type: "elasticsearch", url: es.url, ca_file: ca },
        influx: { type: "influxdb", url: influx.url, ca_file: ca },
      });
      for (const [sinkName, config] of Object.entries(sinks)) {
        await using opened = await openSink({ name: sinkName, config }, folder);
        const outcome = await opened.sink.write([POINT], NEVER);
        assert.equal(outcome.kind, "held", `${sinkName}, ${name}`);
        assert.match(outcome.kind === "held" ? outcome.cause.message : "", says, `${sinkName}, ${name}`);
      }
      assert.deepEqual([es.requests, influx.requests], [[], []], name);
    }
    // So that none of them was refused for a reason of its own.
    const trusted = join(folder, "trusted.pem");
    writeFileSync(trusted, selfSigned().cert);
    await using store = await startFakeInflux({ dialect: "v2", databases: ["tidemark"], tls: selfSigned() });
    const { influx } = SinksConfig.parse({ influx: { type: "influxdb", url: store.url, ca_file: trusted } });
    assert.ok(influx !== undefined);
    await using opened = await openSink({ name: "influx", config: influx }, folder);
    assert.equal((await opened.sink.write([POINT], NEVER)).kind, "written");
  } finally {
    rmSync(folder, { recursive: true });
  }
});

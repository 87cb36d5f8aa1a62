/** TLS to simulated brokers: the authority is checked, a client without it is not served, and one with SASL on top is. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { Kafka, logLevel } from "kafkajs";
import { startBrokers } from "../../simulator/wire/brokers.ts";
import { randomOf } from "../../simulator/world/random.ts";
import { noteSkipped } from "../notices.ts";
import { furnishedCluster } from "./collector.fixture.ts";

/** A certificate for 127.0.0.1 that is its own authority; undefined where there is no openssl to make it. */
function selfSigned(): { readonly key: string; readonly cert: string } | undefined {
  const folder = mkdtempSync(join(tmpdir(), "tidemark-tls-"));
  const [key, cert] = [join(folder, "key.pem"), join(folder, "cert.pem")];
  const subject = ["-subj", "/CN=simulated", "-addext", "subjectAltName=IP:127.0.0.1"];
  const curve = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  try {
    execFileSync("openssl", ["req", "-x509", ...curve, "-keyout", key, "-out", cert, "-days", "2", ...subject], {
      stdio: "ignore",
    });
    return { key: readFileSync(key, "utf8"), cert: readFileSync(cert, "utf8") };
  } catch {
    return undefined;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

async function topicsOf(brokers: readonly string[], ca: string | undefined, password: string): Promise<number> {
  const kafka = new Kafka({
    brokers: [...brokers],
    ssl: ca === undefined ? true : { ca: [ca] },
    sasl: { mechanism: "scram-sha-256", username: "user", password },
    logLevel: logLevel.NOTHING,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    return (await admin.listTopics()).length;
  } finally {
    await admin.disconnect();
  }
}

const pair = selfSigned();
if (pair === undefined)
  await noteSkipped({ server: "TLS to simulated brokers", reason: "no openssl makes a certificate" });

test("TLS and SCRAM: who trusts the authority and knows the password is served, nobody else", {
  skip: pair === undefined,
}, async () => {
  assert.ok(pair !== undefined);
  const sasl = { mechanisms: ["SCRAM-SHA-256"], users: new Map([["user", "secret"]]) } as const;
  const view = furnishedCluster();
  await using brokers = await startBrokers({ view, random: randomOf(1, "brokers"), tls: pair, sasl });
  assert.equal(await topicsOf(brokers.bootstrap, pair.cert, "secret"), 2);
  await assert.rejects(topicsOf(brokers.bootstrap, undefined, "secret"), /self.signed/i);
  await assert.rejects(topicsOf(brokers.bootstrap, pair.cert, "wrong"), /Authentication failed/);
});

/**
 * # A second listener with SASL, TLS or both
 *
 * The plain listener stays for the broker itself and for Kafka's tools, so the oracle needs no secrets; the product under
 * test is pointed at this one. Certificates are made by openssl for one run and live in the broker's data folder.
 */

import { execFile } from "node:child_process";
import { readFile, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);

export interface Sasl {
  readonly mechanism: "PLAIN" | "SCRAM-SHA-256" | "SCRAM-SHA-512";
  readonly username: string;
  readonly password: string;
}

export interface Security {
  readonly sasl?: Sasl;
  readonly tls?: boolean;
}

type Properties = Readonly<Record<string, string>>;

/** The listener's protocol, as `listener.security.protocol.map` wants it. */
export function protocolOf(security: Security): string {
  if (security.sasl !== undefined) return security.tls === true ? "SASL_SSL" : "SASL_PLAINTEXT";
  return security.tls === true ? "SSL" : "PLAINTEXT";
}

/** The file a client trusts the broker by. */
export function caFileOf(dataDir: string): string {
  return resolve(dataDir, "ca.pem");
}

export async function securityProperties(security: Security, dataDir: string): Promise<Properties> {
  return { ...saslProperties(security.sasl), ...(security.tls === true ? await tlsProperties(dataDir) : {}) };
}

/** SCRAM users exist only in the cluster's metadata: they are made when the log folder is formatted. */
export function formatArguments(sasl: Sasl | undefined): readonly string[] {
  if (sasl === undefined || sasl.mechanism === "PLAIN") return [];
  return ["--add-scram", `${sasl.mechanism}=[name=${sasl.username},password=${sasl.password}]`];
}

function saslProperties(sasl: Sasl | undefined): Properties {
  if (sasl === undefined) return {};
  const plain = sasl.mechanism === "PLAIN";
  const login = plain
    ? `org.apache.kafka.common.security.plain.PlainLoginModule required user_${sasl.username}="${sasl.password}";`
    : "org.apache.kafka.common.security.scram.ScramLoginModule required;";
  return {
    "sasl.enabled.mechanisms": sasl.mechanism,
    [`listener.name.secure.${sasl.mechanism.toLowerCase()}.sasl.jaas.config`]: login,
  };
}

async function tlsProperties(dataDir: string): Promise<Properties> {
  const file = (name: string) => resolve(dataDir, name);
  const subject = ["-subj", "/CN=localhost", "-days", "2", "-nodes", "-newkey", "rsa:2048"];
  await run("openssl", ["req", "-x509", ...subject, "-keyout", file("ca.key"), "-out", caFileOf(dataDir)]);
  await run("openssl", ["req", ...subject, "-keyout", file("broker.key"), "-out", file("broker.csr")]);
  await writeFile(file("names.txt"), "subjectAltName=DNS:localhost,IP:127.0.0.1\n");
  const sign = ["-CA", caFileOf(dataDir), "-CAkey", file("ca.key"), "-CAcreateserial", "-days", "2"];
  const names = ["-extfile", file("names.txt")];
  await run("openssl", ["x509", "-req", "-in", file("broker.csr"), ...sign, ...names, "-out", file("broker.pem")]);
  const parts = await Promise.all(["broker.key", "broker.pem", "ca.pem"].map((name) => readFile(file(name), "utf8")));
  await writeFile(file("keystore.pem"), parts.join(""));
  return {
    "listener.name.secure.ssl.keystore.type": "PEM",
    "listener.name.secure.ssl.keystore.location": file("keystore.pem"),
    "listener.name.secure.ssl.truststore.type": "PEM",
    "listener.name.secure.ssl.truststore.location": caFileOf(dataDir),
  };
}

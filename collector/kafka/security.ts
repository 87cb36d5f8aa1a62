/**
 * # Security: from the configuration to what kafkajs takes
 *
 * PLAINTEXT, TLS, SASL PLAIN and SCRAM. The password is read from its file at each authentication, so that a rotated
 * secret counts at the next connection; certificates are read when the link is made.
 */

import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { secretFromFile, secretOf } from "../../runtime/secret.ts";
import type { ClusterConfig } from "../config.ts";

export interface Security {
  readonly tls: ConnectionOptions | undefined;
  readonly sasl: { readonly mechanism: string; readonly username: string; readonly password: string } | undefined;
}

export function securityOf(config: Pick<ClusterConfig, "tls" | "sasl">): Security {
  return { tls: tlsOf(config.tls), sasl: saslOf(config.sasl) };
}

function tlsOf(tls: ClusterConfig["tls"]): ConnectionOptions | undefined {
  if (tls === undefined) return undefined;
  return {
    minVersion: "TLSv1.2",
    ...(tls.ca_file === undefined ? {} : { ca: readFileSync(tls.ca_file) }),
    ...(tls.cert_file === undefined ? {} : { cert: readFileSync(tls.cert_file) }),
    ...(tls.key_file === undefined ? {} : { key: readFileSync(tls.key_file) }),
    ...(tls.server_name === undefined ? {} : { servername: tls.server_name }),
  };
}

function saslOf(sasl: ClusterConfig["sasl"]): Security["sasl"] {
  if (sasl === undefined) return undefined;
  const secret = sasl.password_file === undefined ? secretOf(sasl.password ?? "") : secretFromFile(sasl.password_file);
  return {
    mechanism: sasl.mechanism,
    username: sasl.username,
    get password() {
      return secret.reveal();
    },
  };
}

/**
 * # Our own TLS
 *
 * TLS 1.2 or newer, with a certificate and a key from files that are looked at every few seconds: renewed, they count for the next
 * connection. What is no pair of both is said once, and the pair before stays.
 */

import { readFileSync } from "node:fs";
import { createSecureContext, type SecureContextOptions } from "node:tls";
import { z } from "zod";
import { asError } from "../error.ts";
import type { Logger } from "../logger.ts";

export const ServerTls = z
  .strictObject({
    cert_file: z
      .string()
      .meta({ description: "PEM file of our certificate, and of those that lead to its authority." }),
    key_file: z.string().meta({ description: "PEM file of its private key." }),
  })
  .meta({ description: "HTTPS instead of HTTP; both files are read anew when they change." });
export type ServerTls = z.output<typeof ServerTls>;

type Pair = Required<Pick<SecureContextOptions, "cert" | "key" | "minVersion">>;

/** Throws where a file cannot be read, or the two are no pair. */
export function readPair({ cert_file: certFile, key_file: keyFile }: ServerTls): Pair {
  const pair = {
    cert: readFileSync(certFile, "utf8"),
    key: readFileSync(keyFile, "utf8"),
    minVersion: "TLSv1.2" as const,
  };
  createSecureContext(pair);
  return pair;
}

export interface Renewing {
  readonly files: ServerTls;
  /** What is in use. */
  readonly first: Pair;
  readonly everyMs: number;
  readonly use: (pair: Pair) => void;
  readonly logger: Logger;
}

/** Looks at the files until it is disposed of. */
export function renewPair({ files, first, everyMs, use, logger }: Renewing): Disposable {
  let { cert } = first;
  let saidLast = "";
  const look = (): void => {
    try {
      const pair = readPair(files);
      saidLast = "";
      if (pair.cert === cert) return;
      cert = pair.cert;
      use(pair);
      logger.info({ event: "http.tls_renewed" }, "the certificate was renewed");
    } catch (caught) {
      const err = asError(caught);
      if (err.message === saidLast) return;
      saidLast = err.message;
      logger.error({ event: "http.tls_refused", err }, "the new certificate and key cannot be used; those before stay");
    }
  };
  const timer = setInterval(look, everyMs);
  timer.unref();
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

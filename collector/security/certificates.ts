/**
 * # Certificates that may change while we run
 *
 * The files are read at each connection, so that a renewed certificate counts at the next one. Who renews them writes one file
 * after the other: what does not fit together, or cannot be read, is not taken; the ones before stay in use, and it is said.
 */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import type { ConnectionOptions } from "node:tls";
import { createSecureContext } from "node:tls";
import { asError } from "../../runtime/error.ts";
import type { Logger } from "../../runtime/logger.ts";
import type { TlsConfig } from "./security-config.ts";

export interface Certificates {
  /** For the next connection; throws CertificateError where there never were any that fit. */
  current(): ConnectionOptions;
  /** Until when ours is valid, epoch ms, and whose it is; undefined where we show none, or it cannot be read. */
  own(): { readonly subject: string; readonly validToMs: number } | undefined;
}

export class CertificateError extends Error {
  constructor(what: string, options: ErrorOptions) {
    super(`${what}; mend the files of \`tls\``, options);
    this.name = "CertificateError";
  }
}

interface Pems {
  readonly ca: string | undefined;
  readonly cert: string | undefined;
  readonly key: string | undefined;
}

export function createCertificates(tls: TlsConfig, logger: Pick<Logger, "info" | "warn">): Certificates {
  let inUse: Pems | undefined;
  let refused: string | undefined;
  const take = (): Pems => {
    try {
      const read = readPems(tls);
      if (inUse !== undefined && isSame(inUse, read)) {
        refused = undefined;
        return inUse;
      }
      checkPems(read, tls);
      if (inUse !== undefined)
        logger.info({ event: "kafka.certificates-renewed" }, "changed certificates count from the next connection on");
      refused = undefined;
      inUse = read;
      return read;
    } catch (caught) {
      const error = asError(caught);
      if (inUse === undefined) throw error;
      if (error.message !== refused)
        logger.warn({ event: "kafka.certificates-kept", err: error }, "the certificates before stay in use");
      refused = error.message;
      return inUse;
    }
  };
  return {
    current: () => {
      const { ca, cert, key } = take();
      return {
        minVersion: "TLSv1.2",
        ...(ca === undefined ? {} : { ca }),
        ...(cert === undefined ? {} : { cert }),
        ...(key === undefined ? {} : { key }),
        ...(tls.server_name === undefined ? {} : { servername: tls.server_name }),
      };
    },
    own: () => {
      try {
        const { cert } = take();
        return cert === undefined ? undefined : ownOf(new X509Certificate(cert));
      } catch {
        return undefined;
      }
    },
  };
}

function isSame(one: Pems, other: Pems): boolean {
  return one.ca === other.ca && one.cert === other.cert && one.key === other.key;
}

/** As Kafka names a principal by default: from the most special part to the most general (RFC 2253). */
function ownOf(certificate: X509Certificate): { readonly subject: string; readonly validToMs: number } {
  const subject = certificate.subject.split("\n").toReversed().join(",");
  return { subject, validToMs: certificate.validToDate.getTime() };
}

function readPems(tls: TlsConfig): Pems {
  return { ca: readPem(tls.ca_file), cert: readPem(tls.cert_file), key: readPem(tls.key_file) };
}

/** Throws CertificateError unless all can be used, and certificate and key fit together. */
function checkPems({ ca, cert, key }: Pems, tls: TlsConfig): void {
  if (ca !== undefined) checked(`${tls.ca_file} holds no certificate that can be read`, () => new X509Certificate(ca));
  if (cert !== undefined)
    checked(`${tls.cert_file} holds no certificate that can be read`, () => new X509Certificate(cert));
  if (cert === undefined || key === undefined) return;
  checked(`${tls.key_file} is not the key of ${tls.cert_file}`, () => {
    if (!new X509Certificate(cert).checkPrivateKey(createPrivateKey(key))) throw new Error("of another one");
    createSecureContext({ cert, key });
  });
}

function readPem(file: string | undefined): string | undefined {
  return file === undefined ? undefined : checked(`${file} cannot be read`, () => readFileSync(file, "utf8"));
}

function checked<Value>(what: string, make: () => Value): Value {
  try {
    return make();
  } catch (caught) {
    const cause = asError(caught);
    throw new CertificateError(`${what} (${cause.message})`, { cause });
  }
}

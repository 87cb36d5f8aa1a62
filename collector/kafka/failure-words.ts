/**
 * # Why a request has failed, in words
 *
 * TLS says codes, kafkajs wraps them, and what counts for whoever reads it is which side refuses whom, and what to mend.
 */

import type { Security } from "../security/security.ts";

export interface Failure {
  /** Refused: it answers, but not to us. */
  readonly kind: "unreachable" | "refused";
  readonly cause: Error;
}

export class HandshakeError extends Error {
  constructor(words: string, cause: Error) {
    super(`${words} (${cause.message})`, { cause });
    this.name = "HandshakeError";
  }
}

export function failureOf(cause: Error, ownOf: Security["own"]): Failure {
  if (REFUSALS.has(cause.name)) return { kind: wasCut(cause) ? "unreachable" : "refused", cause };
  const alert = ALERT.exec(cause.message)?.[1];
  if (alert !== undefined) return ofAlert(Number(alert), ownOf(), cause);
  if (CUT_BEFORE_TLS.test(cause.message))
    return { kind: "unreachable", cause: new HandshakeError(`it ends before TLS begins: ${NOT_TLS}`, cause) };
  const words = BROKERS_CERTIFICATE.get(codeOf(cause) ?? "") ?? NO_TLS.get(codeOf(cause) ?? "");
  return { kind: "unreachable", cause: words === undefined ? cause : new HandshakeError(words, cause) };
}

const REFUSALS: ReadonlySet<string> = new Set([
  "KafkaJSSASLAuthenticationError",
  "KafkaJSUnsupportedSaslMechanismError",
  "BearerRefusedError",
  "TokenRefusedError",
  "SignerError",
  "SignerMissingError",
  "SecretError",
]);

/** kafkajs takes whatever ends an authentication for a refusal; of our token the broker has said so before. */
function wasCut({ name, message }: Error): boolean {
  return (
    name !== "BearerRefusedError" &&
    /Closed connection|Connection error|Connection timeout|Not connected|timed out/.test(message)
  );
}

function codeOf(cause: Error): string | undefined {
  return "code" in cause && typeof cause.code === "string" ? cause.code : undefined;
}

const UNKNOWN_AUTHORITY = "the broker's certificate is of an authority that we do not know: give it as `tls.ca_file`";
const BROKERS_CERTIFICATE: ReadonlyMap<string, string> = new Map([
  ["CERT_HAS_EXPIRED", "the broker's certificate has expired: renew it there"],
  ["CERT_NOT_YET_VALID", "the broker's certificate is not valid yet: see both clocks"],
  ["ERR_TLS_CERT_ALTNAME_INVALID", "the broker's certificate is for another name: mend `brokers` or `tls.server_name`"],
  ["DEPTH_ZERO_SELF_SIGNED_CERT", UNKNOWN_AUTHORITY],
  ["SELF_SIGNED_CERT_IN_CHAIN", UNKNOWN_AUTHORITY],
  ["UNABLE_TO_GET_ISSUER_CERT", UNKNOWN_AUTHORITY],
  ["UNABLE_TO_GET_ISSUER_CERT_LOCALLY", UNKNOWN_AUTHORITY],
  ["UNABLE_TO_VERIFY_LEAF_SIGNATURE", UNKNOWN_AUTHORITY],
]);

const NOT_TLS = "mend the port in `brokers`, or leave out `tls`";
const NO_TLS: ReadonlyMap<string, string> = new Map([
  ["ERR_SSL_WRONG_VERSION_NUMBER", `what answers there does not speak TLS: ${NOT_TLS}`],
  ["ERR_SSL_PACKET_LENGTH_TOO_LONG", `what answers there does not speak TLS: ${NOT_TLS}`],
]);
/** The code is that of any connection that was cut. */
const CUT_BEFORE_TLS = /disconnected before secure TLS connection/;

const ALERT = /SSL alert number (\d+)/;
/** RFC 8446 6.2: those by which a broker refuses the certificate that we show. */
const OF_OURS: ReadonlyMap<number, string> = new Map([
  [42, "cannot use our certificate"],
  [43, "cannot use our certificate"],
  [44, "says that our certificate was revoked"],
  [45, "says that our certificate has expired"],
  [46, "does not take our certificate"],
  [48, "does not know the authority of our certificate"],
  [116, "wants a certificate of us"],
]);

function ofAlert(alert: number, own: ReturnType<Security["own"]>, cause: Error): Failure {
  const says = OF_OURS.get(alert);
  // What OpenSSL says of it is addresses and lines of its own source.
  const said = new Error(`TLS alert ${alert}`, { cause });
  if (says === undefined)
    return { kind: "unreachable", cause: new HandshakeError("the broker breaks off the handshake", said) };
  const words =
    own === undefined
      ? "the broker wants a certificate of us; we show none: give `tls.cert_file` and `tls.key_file`"
      : `the broker ${says}; ours is ${own.subject}, valid until ${new Date(own.validToMs).toISOString()}`;
  return { kind: "refused", cause: new HandshakeError(words, said) };
}

/**
 * # SASL as a broker speaks it: PLAIN (RFC 4616), SCRAM (RFC 5802, RFC 7677) and OAUTHBEARER (RFC 7628)
 *
 * One exchange is one conversation: token in, token out, until it is accepted or refused. Passwords of a simulated cluster are
 * known in the clear; salts are made for each exchange.
 */

import { createHash, createHmac, pbkdf2Sync, timingSafeEqual } from "node:crypto";

export const MECHANISMS = ["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER"] as const;
export type Mechanism = (typeof MECHANISMS)[number];

export interface SaslOptions {
  readonly mechanisms: readonly Mechanism[];
  /** Passwords by user. */
  readonly users: ReadonlyMap<string, string>;
  /** Tokens that are taken; the caller may change them. */
  readonly tokens?: ReadonlySet<string>;
}

export type SaslStep =
  | { readonly kind: "continue"; readonly token: Buffer }
  | { readonly kind: "accepted"; readonly token: Buffer }
  | { readonly kind: "refused"; readonly why: string };

export type SaslExchange = (token: Buffer) => SaslStep;

/** `random`: bytes that nobody can guess are not needed here, only such that differ. */
export function beginExchange(
  mechanism: Mechanism,
  { users, tokens }: SaslOptions,
  random: () => number,
): SaslExchange {
  switch (mechanism) {
    case "PLAIN":
      return (token) => plain(token, users);
    case "SCRAM-SHA-256":
      return scram({ hash: "sha256", keyBytes: 32 }, users, random);
    case "SCRAM-SHA-512":
      return scram({ hash: "sha512", keyBytes: 64 }, users, random);
    case "OAUTHBEARER":
      return bearer(tokens ?? new Set());
  }
}

const REFUSED: SaslStep = {
  kind: "refused",
  why: "Authentication failed during authentication due to invalid credentials",
};

/** authzid NUL user NUL password */
function plain(token: Buffer, users: ReadonlyMap<string, string>): SaslStep {
  const [, user = "", password] = token.toString("utf8").split("\0");
  const known = users.get(user);
  if (known === undefined || known !== password) return REFUSED;
  return { kind: "accepted", token: Buffer.alloc(0) };
}

interface Digest {
  readonly hash: "sha256" | "sha512";
  readonly keyBytes: number;
}

const ITERATIONS = 4_096;
const NONCE_BYTES = 18;

/**
 * client-first := "n,," "n=" user ",r=" nonce      server-first := "r=" nonce server-nonce ",s=" salt ",i=" iterations
 * client-final := "c=" gs2 ",r=" nonce ",p=" proof  server-final := "v=" signature
 */
function scram({ hash, keyBytes }: Digest, users: ReadonlyMap<string, string>, random: () => number): SaslExchange {
  const hmac = (key: Buffer, text: string | Buffer): Buffer => createHmac(hash, key).update(text).digest();
  let first: { readonly bare: string; readonly reply: string; readonly salted: Buffer } | undefined;
  return (token) => {
    const text = token.toString("utf8");
    if (first === undefined) {
      const bare = text.slice(text.indexOf("n="));
      const fields = fieldsOf(bare);
      const password = users.get(unescaped(fields.get("n") ?? ""));
      if (password === undefined) return REFUSED;
      const salt = randomBytes(random);
      const reply = `r=${fields.get("r")}${randomBytes(random).toString("base64url")},s=${salt.toString("base64")},i=${ITERATIONS}`;
      first = { bare, reply, salted: pbkdf2Sync(password, salt, ITERATIONS, keyBytes, hash) };
      return { kind: "continue", token: Buffer.from(reply) };
    }
    const proof = Buffer.from(fieldsOf(text).get("p") ?? "", "base64");
    const withoutProof = text.slice(0, text.lastIndexOf(",p="));
    const said = `${first.bare},${first.reply},${withoutProof}`;
    const clientKey = hmac(first.salted, "Client Key");
    const signature = hmac(createHash(hash).update(clientKey).digest(), said);
    const expected = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] ?? 0)));
    if (proof.length !== expected.length || !timingSafeEqual(proof, expected)) return REFUSED;
    const verifier = hmac(hmac(first.salted, "Server Key"), said);
    return { kind: "accepted", token: Buffer.from(`v=${verifier.toString("base64")}`) };
  };
}

function fieldsOf(message: string): ReadonlyMap<string, string> {
  return new Map(message.split(",").map((field) => [field.slice(0, 1), field.slice(2)]));
}

function unescaped(name: string): string {
  return name.replaceAll("=2C", ",").replaceAll("=3D", "=");
}

function randomBytes(random: () => number): Buffer {
  return Buffer.from(Array.from({ length: NONCE_BYTES }, () => Math.floor(random() * 256)));
}

/** A token that is not taken is told in an answer of its own, and refused after that. */
function bearer(tokens: ReadonlySet<string>): SaslExchange {
  let isRefused = false;
  return (message) => {
    if (isRefused) return { kind: "refused", why: '{"status":"invalid_token"}' };
    const token = fieldOf(message.toString("utf8").split("\u0001"), "auth=Bearer ");
    if (tokens.has(token)) return { kind: "accepted", token: Buffer.alloc(0) };
    isRefused = true;
    return { kind: "continue", token: Buffer.from('{"status":"invalid_token"}') };
  };
}

function fieldOf(fields: readonly string[], name: string): string {
  return fields.find((field) => field.startsWith(name))?.slice(name.length) ?? "";
}

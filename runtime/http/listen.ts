/**
 * # Where a process listens, and who may ask
 *
 * Loopback needs no token. Any other address needs `token_file`, or an explicit `insecure: true`: closed by default.
 * The token is a Bearer token, or the password of Basic (RFC 6750, RFC 7617): each client knows one of the two.
 */

import { createHash, timingSafeEqual } from "node:crypto";
import { isIPv4 } from "node:net";
import { z } from "zod";
import type { Secret } from "../secret.ts";

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

const PORT_MAX = 65_535;

export const ListenAddress = z
  .string()
  .transform((text, context): ListenAddress => {
    const match = /^(?<host>\[[0-9a-fA-F:.]+\]|[^:]*):(?<port>\d{1,5})$/.exec(text);
    const port = Number(match?.groups?.["port"]);
    if (match !== null && port <= PORT_MAX) return { host: hostOf(match.groups?.["host"] ?? ""), port };
    context.addIssue({ code: "custom", message: `"${text}" is not host:port, such as 127.0.0.1:8000` });
    return z.NEVER;
  })
  .meta({ description: "host:port to listen on." });

function hostOf(written: string): string {
  if (written === "") return "0.0.0.0";
  return written.startsWith("[") ? written.slice(1, -1) : written;
}

/** Of an IPv6 address with or without the brackets that it has before a port. */
export function isLoopback(host: string): boolean {
  if (isIPv4(host)) return host.startsWith("127.");
  return ["localhost", "::1", "[::1]"].includes(host);
}

export interface Access {
  readonly token: Secret | undefined;
  readonly insecure: boolean;
}

export type AccessProblem = string;

/** Why this address must not be opened with this access; undefined where it may. */
export function accessProblem(listen: ListenAddress, access: Access): AccessProblem | undefined {
  if (isLoopback(listen.host) || access.token !== undefined || access.insecure) return undefined;
  return `${listen.host}:${listen.port} is reachable from other machines; set token_file, or insecure: true to serve without one`;
}

/** True where the request carries the token, or none is asked for. */
export function isAuthorised(authorization: string | undefined, access: Access): boolean {
  if (access.token === undefined) return true;
  const given = givenToken(authorization);
  return given !== undefined && timingSafeEqual(digest(given), digest(access.token.reveal()));
}

/** Hashed, so that the comparison takes the same time for any length. */
function digest(text: string): Buffer {
  return createHash("sha256").update(text).digest();
}

function givenToken(authorization: string | undefined): string | undefined {
  const [scheme, value] = (authorization ?? "").split(" ", 2);
  if (value === undefined) return undefined;
  if (scheme?.toLowerCase() === "bearer") return value;
  if (scheme?.toLowerCase() !== "basic") return undefined;
  const [, password] = /^[^:]*:(.*)$/s.exec(Buffer.from(value, "base64").toString("utf8")) ?? [];
  return password;
}

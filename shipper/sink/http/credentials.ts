/**
 * # Who we are to a store
 *
 * Secrets are read for each request, so that a rotated file counts at the next one.
 */

import type { Secret } from "../../../runtime/secret.ts";

export type Credentials =
  | { readonly kind: "none" }
  /** Elasticsearch's, as it is shown once: base64 of id and key. */
  | { readonly kind: "api-key"; readonly key: Secret }
  /** InfluxDB's. */
  | { readonly kind: "token"; readonly token: Secret }
  | { readonly kind: "basic"; readonly username: string; readonly password: Secret };

/** The headers that say so; throws SecretError where a file cannot be read. */
export function authorizationOf(credentials: Credentials): Readonly<Record<string, string>> {
  switch (credentials.kind) {
    case "none":
      return {};
    case "api-key":
      return { authorization: `ApiKey ${credentials.key.reveal()}` };
    case "token":
      return { authorization: `Token ${credentials.token.reveal()}` };
    case "basic": {
      const pair = `${credentials.username}:${credentials.password.reveal()}`;
      return { authorization: `Basic ${Buffer.from(pair).toString("base64")}` };
    }
  }
}

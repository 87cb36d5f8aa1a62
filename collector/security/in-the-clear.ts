/**
 * # Does a secret of ours go over a network as it is?
 *
 * SCRAM proves that it knows the password and does not send it; PLAIN sends it, and a token is as good as one.
 */

import { isLoopback } from "../../runtime/http/listen.ts";
import type { SaslConfig, TlsConfig } from "./security-config.ts";

export interface Connecting {
  readonly brokers: readonly string[];
  readonly tls?: TlsConfig | undefined;
  readonly sasl?: SaslConfig | undefined;
}

export function isInTheClear({ brokers, tls, sasl }: Connecting): boolean {
  if (sasl === undefined || tls !== undefined || brokers.every(isOurs)) return false;
  switch (sasl.mechanism) {
    case "plain":
    case "oauthbearer":
    case "aws-msk-iam":
      return true;
    case "scram-sha-256":
    case "scram-sha-512":
      return false;
  }
}

function isOurs(broker: string): boolean {
  return isLoopback(broker.replace(/:\d+$/, ""));
}

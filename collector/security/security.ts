/**
 * # Security: from the configuration to what a connection takes
 *
 * Nothing of it is read at a start, and nothing fails then: passwords, certificates and tokens are taken when a connection or a
 * session begins, so that what was rotated counts at the next one, and what is missing is that cluster's trouble alone.
 */

import type { ConnectionOptions } from "node:tls";
import type { Clock } from "../../runtime/clock.ts";
import type { Logger } from "../../runtime/logger.ts";
import { secretFromFile, secretOf } from "../../runtime/secret.ts";
import type { Certificates } from "./certificates.ts";
import { createCertificates } from "./certificates.ts";
import { mskIamToken } from "./msk-iam.ts";
import type { AuthenticationProvider } from "./oauth-bearer.ts";
import { oauthBearer } from "./oauth-bearer.ts";
import type { SaslConfig, TlsConfig } from "./security-config.ts";
import { fetchToken } from "./token-endpoint.ts";
import type { BearerToken, TokenKeeper } from "./token-keeper.ts";
import { createTokenKeeper } from "./token-keeper.ts";

export type Sasl =
  | { readonly mechanism: string; readonly username: string; readonly password: string }
  | { readonly mechanism: "oauthbearer"; readonly authenticationProvider: AuthenticationProvider };

export interface Security {
  /** For the next connection; may throw CertificateError. */
  readonly tls: (() => ConnectionOptions) | undefined;
  readonly sasl: Sasl | undefined;
  /** Somebody sends a request: what grows old is renewed. */
  readonly touch: () => void;
  /** Our certificate, where we show one. */
  readonly own: Certificates["own"];
}

export const NO_SECURITY: Security = { tls: undefined, sasl: undefined, touch: () => {}, own: () => undefined };

export interface SecurityOptions {
  readonly tls?: TlsConfig | undefined;
  readonly sasl?: SaslConfig | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
}

export function securityOf({ tls, sasl, clock, logger }: SecurityOptions): Security {
  const certificates = tls === undefined ? undefined : createCertificates(tls, logger);
  return {
    tls: certificates?.current,
    own: certificates?.own ?? NO_SECURITY.own,
    ...saslOf(sasl, { clock, logger }),
  };
}

type SaslParts = Pick<Security, "sasl" | "touch">;

function saslOf(sasl: SaslConfig | undefined, around: Pick<SecurityOptions, "clock" | "logger">): SaslParts {
  if (sasl === undefined) return { sasl: undefined, touch: NO_SECURITY.touch };
  switch (sasl.mechanism) {
    case "plain":
    case "scram-sha-256":
    case "scram-sha-512": {
      const { mechanism, username, password, password_file: file } = sasl;
      const secret = file === undefined ? secretOf(password ?? "") : secretFromFile(file);
      const login = {
        mechanism,
        username,
        get password() {
          return secret.reveal();
        },
      };
      return { sasl: login, touch: NO_SECURITY.touch };
    }
    case "oauthbearer":
      return bearing(
        keeperOf(() => fetchToken(sasl), around),
        sasl.extensions,
      );
    case "aws-msk-iam":
      return bearing(
        keeperOf(() => mskIamToken({ config: sasl, nowMs: around.clock.nowMs }), around),
        {},
      );
  }
}

function bearing(keeper: TokenKeeper, extensions: Readonly<Record<string, string>>): SaslParts {
  const sasl = { mechanism: "oauthbearer", authenticationProvider: oauthBearer({ keeper, extensions }) } as const;
  return { sasl, touch: keeper.touch };
}

function keeperOf(
  fetched: () => Promise<BearerToken>,
  { clock, logger }: Pick<SecurityOptions, "clock" | "logger">,
): TokenKeeper {
  return createTokenKeeper({
    fetchToken: fetched,
    monotonicMs: clock.monotonicMs,
    onFailed: (err) => logger.warn({ event: "kafka.token-not-renewed", err }, "the token before stays in use"),
  });
}

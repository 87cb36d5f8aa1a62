/**
 * # SASL OAUTHBEARER (RFC 7628, KIP-255), as the client speaks it
 *
 *     client  "n,," SOH "auth=Bearer " token *(SOH name "=" value) SOH SOH
 *     broker  nothing: accepted · {"status": …}: refused, and it waits for
 *     client  SOH
 *     broker  an error with its words
 * kafkajs takes the answer before the last for an acceptance, and learns of the refusal by a closed connection.
 */

import { asError } from "../../runtime/error.ts";
import type { TokenKeeper } from "./token-keeper.ts";

/** The part of kafkajs' authenticators that is ours to give. */
export type AuthenticationProvider = (exchange: { readonly saslAuthenticate: SaslAuthenticate }) => {
  authenticate(): Promise<void>;
};

type SaslAuthenticate = (step: {
  readonly request: { encode(): Promise<Buffer> };
  readonly response: { decode(answer: Buffer): Promise<Buffer>; parse(answer: Buffer): Promise<Buffer> };
}) => Promise<Buffer>;

/** The broker does not take our token. */
export class BearerRefusedError extends Error {
  constructor(why: string, options?: ErrorOptions) {
    super(`the broker refuses our token: ${why}; see its issuer, audience, lifetime and signing key`, options);
    this.name = "BearerRefusedError";
  }
}

export interface OauthBearerOptions {
  readonly keeper: Pick<TokenKeeper, "token" | "accepted" | "refused">;
  readonly extensions: Readonly<Record<string, string>>;
}

const SOH = "\u0001";
/** What kafkajs hands over begins with its size. */
const SIZE_BYTES = 4;
const SAID_CHARS_MAX = 200;

export function oauthBearer({ keeper, extensions }: OauthBearerOptions): AuthenticationProvider {
  return ({ saslAuthenticate }) => ({
    authenticate: async () => {
      const say = async (text: string): Promise<string> => {
        const answer = await saslAuthenticate({ request: { encode: async () => sized(text) }, response: AS_IT_IS });
        return answer.subarray(SIZE_BYTES).toString("utf8");
      };
      const token = await keeper.token();
      const challenge = await say(firstMessage(token, extensions));
      if (challenge === "") return keeper.accepted();
      const refused = await refusal(challenge, () => say(SOH));
      keeper.refused(token, refused);
      throw refused;
    },
  });
}

export function firstMessage(token: string, extensions: OauthBearerOptions["extensions"]): string {
  const pairs = Object.entries(extensions).map(([name, value]) => `${SOH}${name}=${value}`);
  return `n,,${SOH}auth=Bearer ${token}${pairs.join("")}${SOH}${SOH}`;
}

const AS_IT_IS = { decode: async (answer: Buffer) => answer, parse: async (answer: Buffer) => answer };

function sized(text: string): Buffer {
  const body = Buffer.from(text);
  const head = Buffer.alloc(SIZE_BYTES);
  head.writeInt32BE(body.length);
  return Buffer.concat([head, body]);
}

/** In the broker's own words where it gives any. */
async function refusal(challenge: string, end: () => Promise<string>): Promise<BearerRefusedError> {
  const code = challenge.replaceAll(/[^\x20-\x7e]+/g, " ").slice(0, SAID_CHARS_MAX);
  try {
    await end();
    return new BearerRefusedError(code);
  } catch (caught) {
    const cause = asError(caught);
    return new BearerRefusedError(`${code} ${cause.message}`.slice(0, 2 * SAID_CHARS_MAX), { cause });
  }
}

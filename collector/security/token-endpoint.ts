/**
 * # A token for client credentials (RFC 6749 4.4)
 *
 *     POST token_url    grant_type=client_credentials [scope] [audience] [client_id client_secret]
 *     200 {"access_token": …, "expires_in": seconds}    400, 401 {"error": …, "error_description": …}
 * - id and secret go in a Basic header, each form-encoded first (2.3.1), or in the body.
 * - No redirect is followed: it would take the secret elsewhere.
 * One request and one answer need no library; of Node's own, `https` and not `fetch`, which takes no authority of ours.
 */

import { readFileSync } from "node:fs";
import { request as requestHttp } from "node:http";
import { request as requestHttps } from "node:https";
import { z } from "zod";
import { asError } from "../../runtime/error.ts";
import type { Secret } from "../../runtime/secret.ts";
import { secretFromFile, secretOf } from "../../runtime/secret.ts";
import type { OauthBearerConfig } from "./security-config.ts";
import type { BearerToken } from "./token-keeper.ts";
import { TOKEN_LIFETIME_MS_MIN } from "./token-keeper.ts";

/** It gives no token now, and may give one later. */
export class TokenEndpointError extends Error {
  constructor(url: string, why: string, options?: ErrorOptions) {
    super(`no token from ${url}: ${why}`, options);
    this.name = "TokenEndpointError";
  }
}

/** It refuses us, or what we ask for. */
export class TokenRefusedError extends Error {
  constructor(url: string, why: string) {
    super(`${url} gives us no token: ${why}; mend \`client_id\`, the client's secret, \`scope\` or \`audience\``);
    this.name = "TokenRefusedError";
  }
}

const TIMEOUT_MS = 10_000;
const ANSWER_BYTES_MAX = 65_536;
const SAID_CHARS_MAX = 200;
/** Where the endpoint does not say. */
const LIFETIME_S = 300;

const Granted = z.object({
  access_token: z.string().regex(/^[\x21-\x7e]{1,32768}$/),
  expires_in: z.coerce.number().min(0).max(315_360_000).default(LIFETIME_S),
});
const Refused = z.object({ error: z.string(), error_description: z.string().optional() });

export async function fetchToken(config: OauthBearerConfig): Promise<BearerToken> {
  const { token_url: url } = config;
  const secret = secretOfClient(config);
  const { status, text } = await answerOf(config, secret);
  if (status === 200) return granted(url, text);
  const told = Refused.safeParse(jsonOf(text));
  const why = told.success ? said(wordsOf(told.data), secret) : `it answers ${status}`;
  throw REFUSALS.has(status) ? new TokenRefusedError(url, why) : new TokenEndpointError(url, `${why}, and no token`);
}

/** Another status is trouble of its own, or of something before it. */
const REFUSALS: ReadonlySet<number> = new Set([400, 401, 403]);

function wordsOf({ error, error_description: more }: z.output<typeof Refused>): string {
  return more === undefined ? error : `${error} (${more})`;
}

function secretOfClient({ client_secret: secret, client_secret_file: file }: OauthBearerConfig): Secret {
  return file === undefined ? secretOf(secret ?? "") : secretFromFile(file);
}

/** Words of another, for our log: short, one line, and without what we had sent. */
function said(text: string, secret: Secret): string {
  const sent = secret.reveal();
  const bare = (sent === "" ? text : text.replaceAll(sent, "[redacted]")).replaceAll(/[^\x20-\x7e]+/g, " ");
  return bare.slice(0, SAID_CHARS_MAX);
}

function granted(url: string, text: string): BearerToken {
  const parsed = Granted.safeParse(jsonOf(text));
  if (!parsed.success) throw new TokenEndpointError(url, "its answer holds no access_token that can be used");
  const lifetimeMs = parsed.data.expires_in * 1_000;
  if (lifetimeMs > TOKEN_LIFETIME_MS_MIN) return { value: parsed.data.access_token, lifetimeMs };
  const why = `it lives for ${lifetimeMs / 1_000} s; it has to be more than ${TOKEN_LIFETIME_MS_MIN / 1_000} s`;
  throw new TokenEndpointError(url, why);
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

interface Answer {
  readonly status: number;
  readonly text: string;
}

async function answerOf(config: OauthBearerConfig, secret: Secret): Promise<Answer> {
  const { token_url: url, token_ca_file: caFile } = config;
  const { headers, body } = questionOf(config, secret);
  const { promise, resolve, reject } = Promise.withResolvers<Answer>();
  try {
    const isPlain = new URL(url).protocol === "http:";
    const options = { method: "POST", headers, signal: AbortSignal.timeout(TIMEOUT_MS) } as const;
    const sent = isPlain
      ? requestHttp(url, options)
      : requestHttps(url, {
          ...options,
          minVersion: "TLSv1.2",
          ...(caFile === undefined ? {} : { ca: readFileSync(caFile) }),
        });
    sent.on("error", reject);
    sent.on("response", async (response) => {
      const chunks: Buffer[] = [];
      let bytes = 0;
      try {
        for await (const chunk of response) {
          chunks.push(chunk);
          bytes += chunk.length;
          if (bytes > ANSWER_BYTES_MAX) throw new Error(`its answer is longer than ${ANSWER_BYTES_MAX} bytes`);
        }
        resolve({ status: response.statusCode ?? 0, text: Buffer.concat(chunks).toString("utf8") });
      } catch (caught) {
        reject(caught);
      }
    });
    sent.end(body);
    return await promise;
  } catch (caught) {
    const cause = asError(caught);
    throw new TokenEndpointError(url, cause.name === "AbortError" ? "it does not answer in time" : cause.message, {
      cause,
    });
  }
}

function questionOf({ client_id: id, client_auth: place, scope, audience }: OauthBearerConfig, secret: Secret) {
  const isInBody = place === "body";
  const body = new URLSearchParams({
    grant_type: "client_credentials",
    ...(scope === undefined ? {} : { scope }),
    ...(audience === undefined ? {} : { audience }),
    ...(isInBody ? { client_id: id, client_secret: secret.reveal() } : {}),
  }).toString();
  const basic = Buffer.from(`${formEncoded(id)}:${formEncoded(secret.reveal())}`).toString("base64");
  const headers = {
    accept: "application/json",
    "content-type": "application/x-www-form-urlencoded",
    "content-length": Buffer.byteLength(body),
    ...(isInBody ? {} : { authorization: `Basic ${basic}` }),
  };
  return { headers, body };
}

function formEncoded(text: string): string {
  return new URLSearchParams({ x: text }).toString().slice(2);
}

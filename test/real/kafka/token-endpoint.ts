/**
 * # A token endpoint and its keys, on loopback
 *
 *     POST /token   client credentials, in a Basic header, for a signed token (RFC 7519) of the client's kind
 *     GET  /jwks    the key that a broker checks them by (RFC 7517); it knows one of two
 */

import type { KeyObject } from "node:crypto";
import { generateKeyPairSync, sign } from "node:crypto";
import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer } from "node:http";

export interface TokenEndpoint extends AsyncDisposable {
  readonly url: string;
  readonly jwksUrl: string;
  /** Tokens that were given to a client. */
  given(client: string): number;
  /** From now on it is refused. */
  withdraw(client: string): void;
}

export interface Client {
  readonly secret: string;
  /** Counted from now; negative for one that is over. */
  readonly lifetimeS: number;
  readonly audience: string;
  /** Signed by a key that nobody publishes. */
  readonly forged?: boolean;
}

const KEY_ID = "k1";

export async function startTokenEndpoint(clients: Readonly<Record<string, Client>>): Promise<TokenEndpoint> {
  const [known, unknown] = [keyPair(), keyPair()];
  const given = new Map<string, number>();
  const withdrawn = new Set<string>();
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (request.url === "/jwks") {
      const key = { ...known.publicKey.export({ format: "jwk" }), kid: KEY_ID, alg: "RS256", use: "sig" };
      response.end(JSON.stringify({ keys: [key] }));
      return;
    }
    const [id = "", secret] = credentialsOf(request);
    const client = clients[id];
    if (client === undefined || client.secret !== secret || withdrawn.has(id)) {
      response.writeHead(401).end('{"error":"invalid_client","error_description":"no such client, or another secret"}');
      return;
    }
    given.set(id, (given.get(id) ?? 0) + 1);
    const token = signed(id, client, (client.forged === true ? unknown : known).privateKey);
    const toldS = client.lifetimeS > 0 ? client.lifetimeS : 300;
    response.end(JSON.stringify({ access_token: token, expires_in: toldS }));
  };
  const server = createServer(answer).listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the token endpoint has no port");
  const base = `http://127.0.0.1:${address.port}`;
  return {
    url: `${base}/token`,
    jwksUrl: `${base}/jwks`,
    given: (client) => given.get(client) ?? 0,
    withdraw: (client) => void withdrawn.add(client),
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      server.close();
    },
  };
}

function keyPair() {
  return generateKeyPairSync("rsa", { modulusLength: 2048 });
}

function credentialsOf({ headers }: IncomingMessage): readonly string[] {
  const text = Buffer.from((headers.authorization ?? "").replace(/^Basic /, ""), "base64").toString("utf8");
  return text.split(":").map(decodeURIComponent);
}

function signed(subject: string, { lifetimeS, audience }: Client, key: KeyObject): string {
  const nowS = Math.floor(Date.now() / 1_000);
  const claims = { sub: subject, aud: audience, iss: "tests", iat: nowS - 600, exp: nowS + lifetimeS };
  const text = [{ alg: "RS256", typ: "JWT", kid: KEY_ID }, claims]
    .map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"))
    .join(".");
  return `${text}.${sign("RSA-SHA256", Buffer.from(text), key).toString("base64url")}`;
}

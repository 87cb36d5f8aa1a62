/** # One request of provisioning to Elasticsearch or OpenSearch */

import type { Client } from "@elastic/elasticsearch";
import { answerOf, textOf } from "../sink/elasticsearch/client.ts";
import type { Credentials } from "../sink/http/credentials.ts";
import { authorizationOf } from "../sink/http/credentials.ts";

/** A server, and what the names of everything of ours on it begin with. */
export interface Store {
  readonly client: Client;
  readonly credentials: Credentials;
  readonly prefix: string;
}

export type Json = { readonly [key: string]: unknown };

export interface Asked {
  readonly status: number;
  readonly body: unknown;
}

interface AskedOf {
  readonly method: "GET" | "POST" | "PUT" | "DELETE";
  readonly path: string;
  readonly body?: Json;
}

/** One request; any status is an answer. Throws where none came. */
export async function ask(
  { client, credentials }: Pick<Store, "client" | "credentials">,
  { method, path, body }: AskedOf,
): Promise<Asked> {
  const headers = authorizationOf(credentials);
  try {
    const request = body === undefined ? { method, path } : { method, path, body };
    const { statusCode: status = 0, body: answer } = await client.transport.request(request, { headers, meta: true });
    return { status, body: answer };
  } catch (caught) {
    const answer = answerOf(caught);
    if (answer === undefined) throw caught;
    return { status: answer.status, body: answer.body };
  }
}

export class ProvisionError extends Error {
  constructor(what: string, { status, body }: Asked) {
    super(`${what}: it answered ${status}: ${textOf(body)}`);
    this.name = "ProvisionError";
  }
}

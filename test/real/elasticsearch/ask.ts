/** # One request to a real Elasticsearch, outside of the product; throws where it is refused */

export interface ElasticsearchRequest {
  readonly method: "GET" | "PUT" | "POST" | "DELETE";
  readonly path: string;
  /** A text goes as it is. */
  readonly body?: object | string;
}

export async function askElasticsearch(url: string, { method, path, body }: ElasticsearchRequest): Promise<unknown> {
  const headers = { "content-type": "application/json" };
  const sent = body === undefined ? {} : { body: typeof body === "string" ? body : JSON.stringify(body) };
  const answer = await fetch(url + path, { method, headers, ...sent });
  if (!answer.ok) throw new Error(`${method} ${path}: Elasticsearch answers ${answer.status}: ${await answer.text()}`);
  return await answer.json();
}

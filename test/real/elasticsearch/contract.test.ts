/** One list of requests on a real Elasticsearch and on the fake: the class of every answer is equal, item by item. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { SinksConfig } from "../../../shipper/config.ts";
import { provisionSink } from "../../../shipper/provision/provision.ts";
import { outcomeOfBulk } from "../../../shipper/sink/elasticsearch/bulk-answer.ts";
import { answerClass } from "../../../shipper/sink/http/answer-class.ts";
import type { FakeElasticsearch } from "../../stores/elasticsearch.ts";
import { startFakeElasticsearch } from "../../stores/elasticsearch.ts";
import type { CorpusRequest, CorpusStep } from "../../stores/elasticsearch-corpus.ts";
import { CORPUS_BODY_BYTES_MAX, CORPUS_INDEX, ELASTICSEARCH_CORPUS } from "../../stores/elasticsearch-corpus.ts";
import { ELASTICSEARCH_VERSION } from "./distribution.ts";
import { startElasticsearch } from "./server.ts";

test(`the fake Elasticsearch answers as a real ${ELASTICSEARCH_VERSION}`, async (t) => {
  await using real = await startElasticsearch({ "http.max_content_length": `${CORPUS_BODY_BYTES_MAX}b` });
  await using fake = await startFakeElasticsearch({ flavour: "minimal", bodyBytesMax: CORPUS_BODY_BYTES_MAX });
  const made = [await provisioned(real.url), await provisioned(fake.url)];
  assert.deepEqual(made[0], made[1]);
  for (const step of ELASTICSEARCH_CORPUS) {
    if (step.kind === "block") {
      await block(real.url, step.how);
      fake.block(CORPUS_INDEX, step.how);
    } else await t.test(step.name, () => compare(step, { real: real.url, fake }));
  }
});

async function provisioned(url: string) {
  const { es } = SinksConfig.parse({ es: { type: "elasticsearch", url } });
  assert.ok(es !== undefined);
  return await provisionSink(es, { dryRun: false, force: false });
}

interface Both {
  readonly real: string;
  readonly fake: FakeElasticsearch;
}

async function compare({ request }: Extract<CorpusStep, { kind: "request" }>, { real, fake }: Both): Promise<void> {
  const [ofReal, ofFake] = [await asked(real, request), await asked(fake.url, request)];
  assert.deepEqual(ofFake.class, ofReal.class, `real: ${ofReal.text}\nfake: ${ofFake.text}`);
}

async function asked(url: string, { method, path, body, contentType = "application/json" }: CorpusRequest) {
  const headers = { "content-type": contentType };
  const answer = await fetch(url + path, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await answer.text();
  const items = path === "/_bulk" && answer.status === 200 ? itemsClass(text) : undefined;
  return { class: { status: answerClass(answer.status), items }, text: `${answer.status} ${text.slice(0, 2_000)}` };
}

/** What the sink makes of the items, without the words. */
function itemsClass(text: string) {
  const body: { readonly items: readonly unknown[] } = JSON.parse(text);
  const outcome = outcomeOfBulk(body, body.items.length);
  if (outcome.kind !== "written") return outcome.kind;
  const { duplicates, rejected, kept, hindrance } = outcome;
  return { duplicates, rejected: rejected.map(({ index }) => index), kept, hindrance: hindrance?.kind };
}

async function block(url: string, how: Extract<CorpusStep, { kind: "block" }>["how"]): Promise<void> {
  const put = async (path: string, body?: object): Promise<void> => {
    const method = body === undefined ? "POST" : "PUT";
    const headers = { "content-type": "application/json" };
    const answer = await fetch(url + path, { method, headers, body: JSON.stringify(body) ?? null });
    assert.equal(answer.status, 200, await answer.text());
  };
  const blocks = {
    write: how === "write",
    read_only: how === "read-only",
    read_only_allow_delete: how === "flood-stage",
  };
  await put(`/${CORPUS_INDEX}/_settings`, { index: { blocks } });
  if (how !== "read-only") await put(`/${CORPUS_INDEX}/_open`);
  if (how === "closed") await put(`/${CORPUS_INDEX}/_close`);
}

/** What Grafana is told when it starts: read as YAML, without a secret in it, and fitting to the boards. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parse } from "yaml";
import { z } from "zod";
import { BACKENDS, outputs } from "../output.ts";

/** Keys that Grafana does not know are dropped by it without a word. */
const Datasources = z.strictObject({
  apiVersion: z.literal(1),
  datasources: z.tuple([
    z.strictObject({
      name: z.string(),
      uid: z.string().regex(/^[a-zA-Z0-9_-]{1,40}$/),
      orgId: z.literal(1),
      type: z.string(),
      access: z.literal("proxy"),
      url: z.string().regex(/^\$TIDEMARK_[A-Z]+_URL$/),
      editable: z.literal(false),
      jsonData: z.looseObject({ timeInterval: z.string() }),
      secureJsonData: z.record(z.string(), z.string().regex(/^\$__file\{\/run\/secrets\/\w+\}$/)).optional(),
    }),
  ]),
});

const Providers = z.strictObject({
  apiVersion: z.literal(1),
  providers: z.tuple([
    z.strictObject({
      name: z.string(),
      orgId: z.literal(1),
      type: z.literal("file"),
      folder: z.literal("Tidemark"),
      disableDeletion: z.literal(false),
      updateIntervalSeconds: z.int().positive(),
      allowUiUpdates: z.literal(false),
      options: z.strictObject({ path: z.string(), foldersFromFilesStructure: z.literal(false) }),
    }),
  ]),
});

function read(path: string): unknown {
  return parse(outputs().get(path) ?? "");
}

for (const { name, datasourceUid } of BACKENDS) {
  test(`the data source of ${name} has the uid that boards choose, and its secrets come from files`, () => {
    const { datasources } = Datasources.parse(read(`provisioning/datasources/tidemark-${name}.yaml`));
    assert.deepEqual([datasources[0].uid, datasources[0].type], [datasourceUid, name]);
    const [chosen] = JSON.parse(outputs().get(`${name}/overview.json`) ?? "").templating.list;
    assert.equal(chosen.current.value, datasourceUid);
    assert.equal(chosen.current.text, datasources[0].name);
  });

  test(`the boards on ${name} are found where they are to be copied`, () => {
    const { providers } = Providers.parse(read(`provisioning/dashboards/tidemark-${name}.yaml`));
    assert.equal(providers[0].options.path.split("/").at(-1), name);
    assert.ok([...outputs().keys()].some((path) => path.startsWith(`${name}/`)));
  });
}

test("a secret that stands in a file is refused", () => {
  const text = outputs().get("provisioning/datasources/tidemark-elasticsearch.yaml") ?? "";
  const given = parse(text.replace(/\$__file\{[^}]+\}/, "ApiKey abc"));
  assert.equal(Datasources.safeParse(given).success, false);
});

/** Rules as they are committed: every trap of Grafana's files, PromQL by its grammar, and links that lead somewhere. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parser } from "@prometheus-io/lezer-promql";
import { parse } from "yaml";
import { z } from "zod";
import { ALERTS } from "../alerts/all-alerts.ts";
import { outputs } from "../output.ts";
import { ClassicBoard, panelsOf } from "./classic-board.ts";
import { Rule, RuleFile, ruleBreaches } from "./rule-file.ts";

const files = outputs();
const panelIds = new Map(
  [...files]
    .filter(([path]) => path.endsWith(".json"))
    .map(([, text]) => ClassicBoard.parse(JSON.parse(text)))
    .map((board) => [board.uid, panelsOf(board).map(({ id }) => id)]),
);
const STORES = ["elasticsearch", "influxdb"] as const;
const NAMES = ALERTS.map(({ name }) => name);

function rulesOf(store: string): readonly Rule[] {
  return RuleFile.parse(parse(files.get(`provisioning/alerting/tidemark-${store}.yaml`) ?? "")).groups[0].rules;
}

test("sixteen alerts, each once in each store, in a folder that is not the boards'", () => {
  assert.equal(new Set(NAMES).size, 16);
  const all = STORES.flatMap(rulesOf);
  assert.deepEqual(
    STORES.map((store) => rulesOf(store).map(({ labels }) => labels.alert)),
    [NAMES, NAMES],
  );
  assert.equal(new Set(all.map(({ uid }) => uid)).size, all.length);
  assert.equal(new Set(all.map(({ title }) => title)).size, all.length);
  const folders = STORES.map(
    (store) => parse(files.get(`provisioning/alerting/tidemark-${store}.yaml`) ?? "").groups[0].folder,
  );
  const boards = parse(files.get("provisioning/dashboards/tidemark-elasticsearch.yaml") ?? "").providers[0].folder;
  assert.ok(!folders.includes(boards));
});

for (const store of STORES)
  for (const rule of rulesOf(store))
    test(`${rule.title} keeps the rules`, () => {
      assert.deepEqual(ruleBreaches(rule, panelIds), []);
      assert.equal(rule.noDataState === "Alerting", rule.labels.alert === "HeartbeatMissing", "silence fires once");
    });

const good = rulesOf("elasticsearch").find(({ labels }) => labels.alert === "GroupErr");

/** A text of the file, changed; and what is said of it. */
const BROKEN: readonly { readonly from: string | RegExp; readonly to: string; readonly says: RegExp }[] = [
  { from: '"keepFiringFor"', to: '"keep_firing_for"', says: /Unrecognized key/ },
  { from: /"noDataState":"OK",/, to: "", says: /noDataState/ },
  { from: "tidemark-es-grouperr", to: "tidemark-es-a-name-that-is-too-long-for-a-uid", says: /uid/ },
  { from: '"timeField"', to: '"alias":"{{group}}","timeField"', says: /alias/ },
  { from: '"mode":"dropNN"', to: '"mode":""', says: /dropNN/ },
  { from: '"interval":"60s"', to: '"interval":"auto"', says: /its interval is not its own/ },
  { from: '"min_doc_count":"1"', to: '"min_doc_count":"0"', says: /empty buckets/ },
  { from: "kind:group", to: "kind:group AND cluster:$cluster", says: /no variables: \$cluster/ },
  { from: '"__panelId__":"7"', to: '"__panelId__":"8"', says: /links to its panel differ/ },
  { from: /"panelId":7/, to: '"panelId":700', says: /no panel 700/ },
  { from: "$labels.group", to: "$labels.topic", says: /no series has the label topic/ },
  { from: "$labels.group", to: "$$labels.group", says: /doubled dollar/ },
  { from: "$values.V", to: "$values.B", says: /no node gives the value B/ },
  { from: '"expression":"A"', to: '"expression":"B"', says: /no node is called B/ },
  { from: /"refId":"V"/g, to: '"refId":"A"', says: /two nodes are called A/ },
  { from: '"alert":"GroupErr"', to: '"alert":"$GroupErr"', says: /environment/ },
];

for (const { from, to, says } of BROKEN)
  test(`a rule with ${to === "" ? "a key left out" : to} is refused`, () => {
    const text = JSON.stringify(good).replace(from, () => to);
    assert.notEqual(text, JSON.stringify(good));
    const read = Rule.safeParse(JSON.parse(text));
    const said = read.success ? ruleBreaches(read.data, panelIds).join("\n") : z.prettifyError(read.error);
    assert.match(said, says);
  });

const PrometheusRules = z.strictObject({
  groups: z.tuple([
    z.strictObject({
      name: z.string(),
      interval: z.string(),
      rules: z.array(
        z.strictObject({
          alert: z.string(),
          expr: z.string(),
          for: z.string().optional(),
          keep_firing_for: z.string().optional(),
          labels: z.record(z.string(), z.string()),
          annotations: z.record(z.string(), z.string()),
        }),
      ),
    }),
  ]),
});

const ofPrometheus = PrometheusRules.parse(parse(files.get("rules/tidemark.yaml") ?? "")).groups[0].rules;

test("Prometheus has the same alerts", () => {
  assert.deepEqual(
    ofPrometheus.map(({ alert }) => alert),
    NAMES,
  );
});

for (const { alert, expr, annotations } of ofPrometheus)
  test(`${alert}: Prometheus can parse it, and its panel is there`, () => {
    let errors = 0;
    parser.parse(expr).iterate({
      enter: ({ type }) => {
        if (type.isError) errors += 1;
      },
    });
    assert.equal(errors, 0, expr);
    const [, uid = "", id = ""] = /^d\/([\w-]+)\?viewPanel=(\d+)/.exec(annotations["panel"] ?? "") ?? [];
    assert.ok(panelIds.get(uid)?.includes(Number(id)), `${uid} has no panel ${id}`);
  });

test("a contact point names no address, but the variable that its file is named by", () => {
  const ways = [...files].filter(([path]) => /contact-points\/TIDEMARK_/.test(path));
  assert.equal(ways.length, 3);
  for (const [path, text] of ways) {
    const [variable = ""] = /TIDEMARK_\w+/.exec(path) ?? [];
    const { settings } = parse(text).contactPoints[0].receivers[0];
    assert.equal(settings.url ?? settings.addresses, `$${variable}`);
    assert.doesNotMatch(text, /https?:/);
  }
});

/** The rules of Prometheus, and what Alertmanager sends, held by their own tools. */

import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { cp, rm, writeFile } from "node:fs/promises";
import { resolve } from "node:path";
import { after, before, test } from "node:test";
import { promisify } from "node:util";
import { parse, stringify } from "yaml";
import { programsOf } from "../debian-package.ts";
import { REPOSITORY, scratchDir } from "../places.ts";
import { prometheusHome } from "../prometheus/server.ts";
import { RULE_CASES, type RuleCase } from "./rule-cases.ts";

const run = promisify(execFile);
const RULES = resolve(REPOSITORY, "dashboards/out/rules");

interface PrometheusRule {
  readonly alert: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

const rules = (
  parse(readFileSync(resolve(RULES, "tidemark.yaml"), "utf8")) as { groups: { rules: PrometheusRule[] }[] }
).groups[0]?.rules;

let promtool = "";
let amtool = "";
let dir = "";

before(async () => {
  promtool = resolve(await prometheusHome(), "promtool");
  const alertmanager = { name: "prometheus-alertmanager", program: "amtool", folder: "alertmanager-0" };
  amtool = resolve(await programsOf(alertmanager), "amtool");
  dir = await scratchDir("rules");
  await cp(RULES, dir, { recursive: true });
});
after(() => rm(dir, { recursive: true, force: true }));

test("promtool takes the rules", async () => {
  const { stdout } = await run(promtool, ["check", "rules", resolve(dir, "tidemark.yaml")]);
  assert.match(stdout, /SUCCESS: 16 rules found/);
});

test("every alert has a case in which it fires, and one in which it is silent", () => {
  const names = rules?.map(({ alert }) => alert) ?? [];
  const named = (fires: boolean) =>
    new Set(RULE_CASES.filter((one) => (one.fires !== undefined) === fires).map(({ alert }) => alert));
  assert.deepEqual([...named(true)].toSorted(), names.toSorted());
  assert.deepEqual([...named(false)].toSorted(), names.toSorted());
});

/** A template with these labels and this value. */
function rendered(text: string, { labels, value }: NonNullable<RuleCase["fires"]>): string {
  return text
    .replaceAll(/\{\{ urlquery \$labels\.(\w+) \}\}/g, (_, name: string) => encodeURIComponent(labels[name] ?? ""))
    .replaceAll(/\{\{ \$labels\.(\w+) \}\}/g, (_, name: string) => labels[name] ?? "")
    .replaceAll(/\{\{ \w+ \$value \}\}/g, value);
}

function unitTest({ alert, series, minute, fires }: RuleCase): object {
  const rule = rules?.find((one) => one.alert === alert);
  if (rule === undefined) throw new Error(`no rule ${alert}`);
  const expected = (one: NonNullable<RuleCase["fires"]>) => ({
    exp_labels: { ...one.labels, ...rule.labels },
    exp_annotations: Object.fromEntries(
      Object.entries(rule.annotations).map(([name, text]) => [name, rendered(text, one)]),
    ),
  });
  return {
    interval: "30s",
    input_series: Object.entries(series).map(([name, values]) => ({ series: name, values })),
    alert_rule_test: [
      { eval_time: `${minute}m`, alertname: alert, exp_alerts: fires === undefined ? [] : [expected(fires)] },
    ],
  };
}

for (const [alert, cases] of Map.groupBy(RULE_CASES, (one) => one.alert))
  test(`${alert}: ${cases.map(({ name, fires }) => `${fires === undefined ? "silent" : "fires"}, ${name}`).join("; ")}`, async () => {
    const file = resolve(dir, "case.yaml");
    const all = { rule_files: ["tidemark.yaml"], evaluation_interval: "30s", tests: cases.map(unitTest) };
    await writeFile(file, stringify(all));
    const failed = await run(promtool, ["test", "rules", file]).then(
      () => "",
      ({ stdout, stderr }: { readonly stdout: string; readonly stderr: string }) => stdout + stderr,
    );
    assert.equal(failed, "");
  });

test("a case that expects what does not fire is seen", async () => {
  const [first] = RULE_CASES;
  assert.ok(first !== undefined);
  const file = resolve(dir, "wrong.yaml");
  await writeFile(file, stringify({ rule_files: ["tidemark.yaml"], tests: [unitTest({ ...first, minute: 1 })] }));
  await assert.rejects(run(promtool, ["test", "rules", file]));
});

test("Alertmanager takes the example", async () => {
  const { stdout } = await run(amtool, ["check-config", resolve(dir, "alertmanager.yaml")]);
  assert.match(stdout, /SUCCESS/);
  assert.match(stdout, /1 templates/);
});

const DATA = {
  receiver: "tidemark",
  status: "firing",
  alerts: [
    {
      status: "firing",
      labels: { alertname: "GroupStopped", severity: "critical", cluster: "prod", group: "orders" },
      annotations: {
        summary: "orders of prod has committed nothing for over a minute, 7k records unread",
        description: "Nobody reads.",
        panel: "d/tidemark-prom-group?viewPanel=11",
        runbook_url: "docs/runbooks/GroupStopped.md",
      },
      startsAt: "2026-03-01T03:04:05Z",
      endsAt: "0001-01-01T00:00:00Z",
    },
  ],
  groupLabels: { cluster: "prod", group: "orders" },
  commonLabels: { alertname: "GroupStopped", cluster: "prod", group: "orders" },
  commonAnnotations: {},
  externalURL: "http://alertmanager/",
};

test("a message names the alert, the group, its size and since when, and leads to panel and runbook", async () => {
  const data = resolve(dir, "data.json");
  await writeFile(data, JSON.stringify(DATA));
  const text = (name: string) =>
    run(amtool, [
      "template",
      "render",
      `--template.glob=${resolve(dir, "tidemark.tmpl")}`,
      `--template.text={{ template "${name}" . }}`,
      `--template.data=${data}`,
    ]).then(({ stdout }) => stdout.trim());
  assert.equal(await text("tidemark.title"), "[FIRING:1] GroupStopped orders of prod");
  assert.deepEqual((await text("tidemark.body")).split("\n"), [
    "FIRING, critical: orders of prod has committed nothing for over a minute, 7k records unread",
    "  Since 2026-03-01 03:04:05 UTC. Nobody reads.",
    "  Panel: http://localhost:3000/d/tidemark-prom-group?viewPanel=11",
    "  Runbook: docs/runbooks/GroupStopped.md",
  ]);
});

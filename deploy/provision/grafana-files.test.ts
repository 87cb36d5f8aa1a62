/** Which files Grafana is told by, for each store and each set of variables. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { filesOf, variablesOf } from "./grafana-files.ts";

const contact = (name: string): string =>
  `apiVersion: 1\ncontactPoints:\n  - name: x\n    receivers: [{ settings: { url: $${name} } }]\n`;
const files = [
  { path: "datasources/tidemark-elasticsearch.yaml", text: "datasources: [{ url: $TIDEMARK_ELASTICSEARCH_URL }]" },
  { path: "datasources/tidemark-prometheus.yaml", text: "datasources: []" },
  { path: "datasources/tidemark-influxdb.yaml", text: "datasources: []" },
  { path: "alerting/rules-influxdb.yaml", text: "groups: [{ title: '$A' }]" },
  { path: "contact-points/webhook.yaml", text: contact("WEBHOOK_URL") },
  { path: "contact-points/slack.yaml", text: contact("SLACK_URL") },
  { path: "contact-points/policies.yaml", text: "policies: [{ receiver: tidemark }]" },
];

const rows = [
  {
    name: "before Grafana starts come the stores that always run, the contact points whose variable is set, and the policies",
    store: "elasticsearch",
    environment: { WEBHOOK_URL: "http://sink:9000/", SLACK_URL: "" },
    want: [
      "datasources/tidemark-elasticsearch.yaml",
      "datasources/tidemark-prometheus.yaml",
      "alerting/webhook.yaml",
      "alerting/policies.yaml",
    ],
  },
  {
    name: "without a variable no contact point comes, and no policy",
    store: "elasticsearch",
    environment: {},
    want: ["datasources/tidemark-elasticsearch.yaml", "datasources/tidemark-prometheus.yaml"],
  },
  {
    name: "InfluxDB brings its own alone, and a dollar in a rule is no variable",
    store: "influxdb",
    environment: {},
    want: ["datasources/tidemark-influxdb.yaml", "alerting/rules-influxdb.yaml"],
  },
] as const;
for (const { name, store, environment, want } of rows)
  test(name, () => {
    const paths = filesOf(store, files, environment).map(({ path }) => path);
    assert.deepEqual(paths, want);
  });

test("a doubled dollar, an expander and a comment name no variable", () => {
  assert.deepEqual(variablesOf("a: $$NOT\nb: $__file{/x}\n# $NOT\nc: $ONE\nd: $TWO$ONE\n"), ["ONE", "TWO"]);
});

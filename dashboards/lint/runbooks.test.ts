/** Every alert has its runbook, every runbook its alert, in one form; what a page tells to run or to look at exists. */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { KINDS } from "../../shipper/schema/kind.ts";
import { sourceTree } from "../../test/source-tree.ts";
import { runbookPath } from "../alerts/alert-text.ts";
import { ALERTS } from "../alerts/all-alerts.ts";

const ROOT = join(import.meta.dirname, "../..");
const FOLDER = join(ROOT, "docs/runbooks");
const HEADINGS = ["## Meaning", "## First look", "## Likely causes", "## What to do"];
const tree = sourceTree();
const text = (path: string) => tree.get(path) ?? readFileSync(join(ROOT, path), "utf8");

test("every alert has its page, and every page its alert", () => {
  const pages = readdirSync(FOLDER).filter((name) => name !== "README.md");
  const wanted = ALERTS.map(({ name }) => runbookPath(name).replace("docs/runbooks/", ""));
  assert.deepEqual(pages.toSorted(), wanted.toSorted());
});

/** Programs of Kafka that pages name; each was run as it stands there. */
const KAFKA_TOOLS = [
  "kafka-configs.sh",
  "kafka-console-consumer.sh",
  "kafka-consumer-groups.sh",
  "kafka-delete-records.sh",
  "kafka-topics.sh",
  "kafka-transactions.sh",
];
const PATHS = /^\/(healthz|readyz|metrics|v4\/clusters(\/prod\/groups(\/orders|\?status=\w+)?)?)$/;

/** What a page names that is not there. */
function unknownIn(page: string): readonly string[] {
  const found = (pattern: RegExp) => [...page.matchAll(pattern)].map((match) => match[1] ?? match[0]);
  const help = text("cli/help.ts");
  const metrics = ["cli/own-metrics.ts", "cli/shipper-metrics.ts", "cli/spool-metrics.ts"].map(text).join("\n");
  const config = text("docs/config.md");
  const fields = new Set(Object.values(KINDS).flatMap(({ fields: some }) => Object.keys(some)));
  const names = found(/`([a-z]+(?:_[a-z]+)+)`/g);
  return [
    ...found(/tidemark (check|provision|dlq \w+|[a-z]+ --\w+)/g).filter(
      (one) => !help.includes(one.split(" ")[0] ?? one),
    ),
    ...found(/ (--(?:config|dry-run))/g).filter((one) => !help.includes(one)),
    ...found(/(kafka-[a-z-]+\.sh)/g).filter((one) => !KAFKA_TOOLS.includes(one)),
    ...found(/127\.0\.0\.1:800\d(\/[\w./?=-]*)/g).filter((path) => !PATHS.test(path)),
    ...found(/`(tidemark_\w+)`/g).filter((name) => !metrics.includes(`"${name}"`)),
    ...found(/`((?:collector|shipper)\.[\w.]+)`/g).filter((name) => !config.includes(`\`${name}\``)),
    ...names.filter((name) => !name.startsWith("tidemark_") && !fields.has(name)),
  ];
}

for (const { name } of ALERTS)
  test(`the runbook of ${name} has its four parts, and names what there is`, () => {
    const page = readFileSync(join(ROOT, runbookPath(name)), "utf8");
    assert.equal(page.split("\n")[0], `# ${name}`);
    assert.deepEqual(
      page.split("\n").filter((line) => line.startsWith("## ")),
      HEADINGS,
    );
    assert.deepEqual(unknownIn(page), []);
  });

test("a page that names what is not there is seen", () => {
  const page = "`tidemark_nothing`, `shipper.nothing`, `no_field`, kafka-nothing.sh, http://127.0.0.1:8000/v5";
  assert.deepEqual(unknownIn(page), ["kafka-nothing.sh", "/v5", "tidemark_nothing", "shipper.nothing", "no_field"]);
});

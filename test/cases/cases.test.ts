/**
 * All case files, through the same judge as `npm run cases`, and proof that the judge fails when it should.
 */

import assert from "node:assert/strict";
import { readdirSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { fileURLToPath } from "node:url";
import type { CaseResult } from "./case-result.ts";
import { judgeCases } from "./judge-cases.ts";

const here = fileURLToPath(new URL(".", import.meta.url));

for (const file of readdirSync(here).filter((name) => name.endsWith(".json"))) {
  test(`all cases of ${file} pass`, () => {
    const results = judged(readFileSync(`${here}${file}`, "utf8"));
    assert.ok(results.length > 0);
    assert.deepEqual(
      results.filter(({ failure }) => failure !== undefined),
      [],
    );
  });
}

const hash = { groupId: "orders-svc", javaHashCode: 772774776, partitionOf50: 26, partitionOf16: 8 };
const batch = {
  name: "empty",
  hex: "00000000000001900000003100000005025f295357001000000013ffffffffffffffff0000018bcfe5687b0000000000000fa10003ffffffff00000000",
  decoded: { nextOffset: "420", records: [] },
};
const commit = {
  name: "commit",
  recordType: 1,
  keyHex: "0001000a6f72646572732d73766300066f726465727300000007",
  valueHex: "00000000001cbe991a1400016d0000018bcfe5687b",
  key: { group: "orders-svc", topic: "orders", partition: 7 },
  valueVersion: 0,
  value: { offset: "123456789012", metadata: "m", commitTimestamp: 1700000000123 },
};

const judgements = [
  { name: "a right hash", content: { partitioning: [hash] }, failed: 0 },
  { name: "a wrong hash", content: { partitioning: [{ ...hash, partitionOf50: 25 }] }, failed: 1 },
  { name: "a right batch", content: { recordBatches: [batch] }, failed: 0 },
  {
    name: "a batch that ends elsewhere",
    content: { recordBatches: [{ ...batch, decoded: { nextOffset: "401" } }] },
    failed: 1,
  },
  {
    name: "a batch with a flipped bit",
    content: { recordBatches: [{ ...batch, hex: batch.hex.replace("5357", "5356") }] },
    failed: 1,
  },
  { name: "a right commit", content: { records: [commit] }, failed: 0 },
  { name: "a commit of another group", content: { records: [{ ...commit, key: { group: "other" } }] }, failed: 1 },
  {
    name: "a commit of another offset",
    content: { records: [{ ...commit, value: { ...commit.value, offset: "123456789013" } }] },
    failed: 1,
  },
  {
    name: "a commit that should be out of range and is not",
    content: { records: [{ ...commit, note: "the offset is out of range" }] },
    failed: 1,
  },
];

for (const { name, content, failed } of judgements) {
  test(`${name} has ${failed} failures`, () => {
    const results = judged(JSON.stringify(content));
    assert.equal(results.length, 1);
    assert.equal(results.filter(({ failure }) => failure !== undefined).length, failed);
  });
}

const unreadables = [
  { name: "what is not JSON", text: "{", why: /is not JSON/ },
  { name: "a form that nobody knows", text: `{"a":1}`, why: /no form/ },
  { name: "a file without cases", text: `{"partitioning":[]}`, why: /no case/ },
  { name: "a case with a member missing", text: `{"partitioning":[{}]}`, why: /javaHashCode/ },
];

for (const { name, text, why } of unreadables) {
  test(`${name} is unreadable`, () => {
    const result = judgeCases(text);
    assert.ok(result.kind === "unreadable");
    assert.match(result.why, why);
  });
}

function judged(text: string): readonly CaseResult[] {
  const result = judgeCases(text);
  assert.ok(result.kind === "judged", JSON.stringify(result));
  return result.results;
}

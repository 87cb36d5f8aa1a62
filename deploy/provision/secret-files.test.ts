/** Secrets: made once, never written over, read by those who need them, and refused where they are no good. */

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import { parseStack } from "../lint/stack.ts";
import { readBasicPassword, readPassword, SecretFileError } from "./secret-files.ts";

const ROOT = new URL("../../", import.meta.url);
const scratch = mkdtempSync(join(tmpdir(), "secrets-"));
const folder = join(scratch, "made");
after(() => rmSync(scratch, { recursive: true }));

const make = (): string =>
  execFileSync("sh", [new URL("scripts/make-secrets", ROOT).pathname, folder], { encoding: "utf8" });
const modeOf = (path: string): string => (statSync(path).mode & 0o777).toString(8);

test("the script makes what the stack names, in a folder of its owner alone", () => {
  make();
  const { secrets } = parseStack(readFileSync(new URL("docker-compose.yml", ROOT), "utf8"));
  assert.deepEqual(readdirSync(folder).sort(), Object.keys(secrets).sort());
  assert.equal(modeOf(folder), "700");
  for (const name of readdirSync(folder)) assert.equal(modeOf(join(folder, name)), "444", name);
});

test("each is another, and long; what the provisioning reads of them is good", () => {
  const names = readdirSync(folder);
  assert.equal(new Set(names.map((name) => readFileSync(join(folder, name), "utf8"))).size, names.length);
  for (const name of names)
    assert.equal((name.endsWith("_authorization") ? readBasicPassword : readPassword)(folder, name).length, 64, name);
});

test("run again it keeps what is there, and makes what is not", () => {
  const before = readFileSync(join(folder, "shipper_token"), "utf8");
  rmSync(join(folder, "collector_token"));
  assert.match(make(), /made .*collector_token\n/);
  assert.equal(readFileSync(join(folder, "shipper_token"), "utf8"), before);
  assert.equal(readdirSync(folder).length, new Set(readdirSync(folder)).size);
});

test("an empty one is told, and not kept as if it were good", () => {
  const path = join(folder, "shipper_token");
  chmodSync(path, 0o600);
  writeFileSync(path, "");
  assert.throws(make, /is empty/);
});

test("no secret is in the tree, and none is taken up by git", () => {
  assert.match(readFileSync(new URL(".gitignore", ROOT), "utf8"), /^\/?secrets\/?$/m);
});

const refused: readonly (readonly [string, string | undefined, RegExp])[] = [
  ["one that is missing", undefined, /cannot be read .*run scripts\/make-secrets/],
  ["one that is empty", "", /shorter/],
  ["one that is short", "admin", /shorter/],
  ["one that ends a quote", "' OR 1=1; DROP DATABASE x", /other characters/],
];
for (const [name, content, says] of refused)
  test(`${name} is refused`, () => {
    const place = mkdtempSync(join(scratch, "refused-"));
    if (content !== undefined) writeFileSync(join(place, "it"), content);
    assert.throws(() => readPassword(place, "it"), says);
  });

test("a folder where the file should be is refused", () => {
  mkdirSync(join(scratch, "folder", "it"), { recursive: true });
  assert.throws(() => readPassword(join(scratch, "folder"), "it"), SecretFileError);
});

test("the header of another account is refused", () => {
  writeFileSync(join(scratch, "header"), `Basic ${Buffer.from(`elastic:${"a".repeat(64)}`).toString("base64")}`);
  assert.throws(() => readBasicPassword(scratch, "header"), /tidemark_grafana/);
});

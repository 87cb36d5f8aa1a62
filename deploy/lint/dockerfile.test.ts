/** The image keeps every rule, every rule can fail, and nothing secret or needless can get into it. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { IMAGE_RULES, parseDockerfile } from "./dockerfile.ts";

const ROOT = new URL("../../", import.meta.url);
const text = readFileSync(new URL("Dockerfile", ROOT), "utf8");
const ignored = readFileSync(new URL(".dockerignore", ROOT), "utf8").split("\n");

/** What is replaced in the file, by what, and what is said then. */
const SPOILT: Readonly<Record<string, readonly (readonly [string | RegExp, string, RegExp])[]>> = {
  "both bases are pinned by tag or digest, and may be given": [
    [/ARG BASE_IMAGE=.*/, "ARG BASE_IMAGE=debian", /is not pinned/],
    [/ARG BASE_IMAGE=.*/, "ARG BASE_IMAGE=debian:stable-slim", /is not pinned/],
    [/FROM \S+$/m, "FROM debian:12.12-slim", /no argument/],
  ],
  "it is built in one stage and shipped in another, where nothing is installed": [
    ["USER 10001", "RUN apt-get update\nUSER 10001", /runs commands/],
    [/FROM \S+\n/, "", /one stage/],
  ],
  "it runs as a user of its own, by number": [
    [/^USER .*\n/m, "", /is root$/],
    [/^USER .*/m, "USER node", /node/],
    [/^USER .*/m, "USER 0:0", /0:0/],
  ],
  "files are copied, by name, and never fetched or unpacked": [
    ["COPY web ./web", "ADD web ./web", /fetches/],
    ["COPY web ./web", "COPY . .", /whole tree/],
  ],
  "packages come from the lock file, without their scripts and without those of development": [
    ["--ignore-scripts", "", /ignore-scripts/],
    [/npm ci --omit=dev/, "npm ci", /omit=dev/],
    ["npm ci", "npm install", /npm ci/],
  ],
  "it says whether it is alive, without a tool of another": [
    [/CMD \["node", .*/, "CMD curl -f http://127.0.0.1:8000/healthz", /curl/],
    [/^HEALTHCHECK .*\n.*\n/m, "", /not there/],
  ],
  "no secret is in it": [["ARG VERSION", "ARG NPM_TOKEN=abc\nARG VERSION", /NPM_TOKEN/]],
  "it has a list of what it is made of, and says what it is": [
    ["/app/sbom.cdx.json ", "", /bill of materials/],
    ["org.opencontainers.image.revision", "revision", /no label revision/],
  ],
};

for (const [name, rule] of Object.entries(IMAGE_RULES)) {
  test(`of the image, ${name}`, () => assert.deepEqual(rule(parseDockerfile(text)), []));
  test(`an image that breaks it is seen: ${name}`, () => {
    const rows = SPOILT[name] ?? [];
    assert.ok(rows.length > 0, "the rule has a file that breaks it");
    for (const [from, to, says] of rows) {
      const changed = text.replace(from, to);
      assert.notEqual(changed, text, String(from));
      assert.match(rule(parseDockerfile(changed)).join("; "), says);
    }
  });
}

test("nothing gets into a build but what is named, and what is named is there", () => {
  assert.equal(
    ignored.find((line) => line !== "" && !line.startsWith("#")),
    "*",
  );
  const named = ignored.filter((line) => line.startsWith("!")).map((line) => line.slice(1));
  assert.deepEqual(
    named.filter((path) => !existsSync(new URL(path, ROOT))),
    [],
  );
  assert.ok(!named.some((path) => /secret|data|\.env|\.git|node_modules|test/.test(path)), named.join(", "));
});

test("secrets and tests stay out of the folders that are named", () => {
  for (const line of [
    "**/secrets",
    "**/*.secret",
    "**/.env*",
    "**/*.pem",
    "**/*.key",
    "**/node_modules",
    "**/*.test.ts",
  ])
    assert.ok(ignored.indexOf(line) > ignored.findLastIndex((one) => one.startsWith("!")), line);
});

test("every folder that the commands import is copied", () => {
  const copied = parseDockerfile(text).filter(({ word }) => word === "COPY");
  for (const folder of ["cli", "collector", "deploy", "runtime", "shipper", "simulator", "web"])
    assert.ok(
      copied.some(({ rest }) => rest === `${folder} ./${folder}`),
      folder,
    );
});

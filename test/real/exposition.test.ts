/** The reader of Prometheus text: escapes, missing labels, and refusal of what is no sample. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { parseExposition } from "./exposition.ts";

test("escapes in a label value are undone", () => {
  const [sample] = parseExposition('# HELP x y\nlag{group="a\\"b\\\\c\\nd, {e}=\\"",partition="0"} 12\n');
  assert.deepEqual(
    [...(sample?.labels ?? [])],
    [
      ["group", 'a"b\\c\nd, {e}="'],
      ["partition", "0"],
    ],
  );
  assert.deepEqual([sample?.name, sample?.value], ["lag", 12]);
});

test("a sample without labels, with a timestamp, is read", () => {
  assert.deepEqual(parseExposition("up 1 1700000000000\n"), [{ name: "up", labels: new Map(), value: 1 }]);
});

for (const line of ['lag{group="a"b"} 1', "lag{group=a} 1", "lag", 'lag{group="a} 1']) {
  test(`no sample: ${line}`, () => assert.throws(() => parseExposition(line), /not/));
}

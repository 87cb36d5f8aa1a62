/** A link to a group, taken through a browser's own parsing of addresses, names the same group. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { groupHref, groupOfRequest } from "./group-link.ts";

const names = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.constantFrom("", ".", "..", "a b", "a/b", "%2F", "100%", "?x=1", "#top", "\\", "__proto__", "🌊", "a\u202eb"),
);

test("every name comes back from its link", () => {
  fc.assert(
    fc.property(names, names, (cluster, group) => {
      const url = new URL(groupHref({ cluster, group }), "http://127.0.0.1/");
      const path = url.pathname.slice(1).split("/").map(decodeURIComponent);
      assert.deepEqual(groupOfRequest(path, url.searchParams), { cluster, group });
    }),
  );
});

test("other paths name no group", () => {
  for (const path of [["groups"], ["groups", "a"], ["groups", "a", "b", "c"], ["group", "a", "b"], [""]])
    assert.equal(groupOfRequest(path, new URLSearchParams()), undefined);
});

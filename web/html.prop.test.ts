/** Whatever a name holds, it stays text: it opens no element and leaves no attribute. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { html, textOf } from "./html.ts";
import { visibleName } from "./visible-name.ts";

const hostile = fc.oneof(
  fc.string({ unit: "binary" }),
  fc.string({
    unit: fc.constantFrom("<", ">", '"', "'", "&", "/", "=", " ", "script", "-->", "]]>", "onerror", "🌊", "\u202e"),
  }),
);

function unescaped(text: string): string {
  const entities: Readonly<Record<string, string>> = { lt: "<", gt: ">", quot: '"', "#39": "'", amp: "&" };
  return text.replace(/&(lt|gt|quot|#39|amp);/g, (_, name: string) => entities[name] ?? "");
}

test("a value in text or in an attribute comes back whole and brings no markup", () => {
  fc.assert(
    fc.property(hostile, (name) => {
      const text = textOf(html`<b title="${name}">${name}</b>`);
      const match = /^<b title="([^"<>]*)">([^<>]*)<\/b>$/.exec(text);
      assert.notEqual(match, null);
      assert.equal(unescaped(match?.[1] ?? ""), name);
      assert.equal(unescaped(match?.[2] ?? ""), name);
    }),
  );
});

test("a visible name has no character that reorders what stands beside it", () => {
  fc.assert(
    fc.property(hostile, (name) => {
      assert.doesNotMatch(textOf(visibleName(name)), /[\u200e\u200f\u202a-\u202e\u2066-\u2069]/);
    }),
  );
});

test("lists are joined, markup of the tag goes in as it is, nothing is nothing", () => {
  const items = ["<", "b"].map((one) => html`<i>${one}</i>`);
  assert.equal(textOf(html`${items}${undefined}${false}${0}`), "<i>&lt;</i><i>b</i>0");
});

test("a parsed object cannot pass for markup", () => {
  const forged = JSON.parse('{"html": "<script>", "Symbol(html)": "<script>"}');
  assert.doesNotMatch(textOf(html`${forged}`), /<script>/);
});

/**
 * # A name as a reader must see it
 *
 * Any text is a legal group name. A name keeps its own direction of writing and does not turn what stands beside it; the
 * characters that reorder text or show nothing are spelled out, so that no name can pass for another.
 */

import type { Html, HtmlValue } from "./html.ts";
import { html } from "./html.ts";

/** Controls, and the marks, embeddings, overrides and isolates of Unicode's bidirectional algorithm (UAX 9). */
const UNSEEN = /([\p{Cc}\u061c\u200b\u200e\u200f\u2028-\u202e\u2060\u2066-\u2069\ufeff])/u;

export function visibleName(name: string): Html {
  return html`<bdi>${name === "" ? html`<i>(empty name)</i>` : name.split(UNSEEN).map(spelled)}</bdi>`;
}

function spelled(part: string, index: number): HtmlValue {
  const isUnseen = index % 2 === 1;
  if (!isUnseen) return part;
  const code = part.codePointAt(0) ?? 0;
  return html`<span class="unseen">U+${code.toString(16).toUpperCase().padStart(4, "0")}</span>`;
}

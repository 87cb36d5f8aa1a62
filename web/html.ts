/**
 * # HTML that escapes by default
 *
 *     html`<b title="${name}">${name}</b>`
 *
 * Every string put in is escaped for text and for quoted attributes alike, so attributes are always written in double
 * quotes. Only what this tag itself has made goes in unescaped. Lists are joined; `undefined` and `false` are nothing.
 */

const TRUSTED = Symbol("html");

/** Markup made by the tag. The symbol is private to this file, so no parsed JSON can pretend to be one. */
export interface Html {
  readonly [TRUSTED]: string;
}

export type HtmlValue = Html | string | number | undefined | false | readonly HtmlValue[];

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}

function rendered(value: HtmlValue): string {
  if (value === undefined || value === false) return "";
  if (typeof value === "string") return escaped(value);
  if (typeof value === "number") return String(value);
  if (isList(value)) return value.map(rendered).join("");
  return value[TRUSTED];
}

/** `Array.isArray` alone does not narrow a readonly list. */
function isList(value: Html | readonly HtmlValue[]): value is readonly HtmlValue[] {
  return Array.isArray(value);
}

export function html(parts: TemplateStringsArray, ...values: readonly HtmlValue[]): Html {
  return { [TRUSTED]: parts.reduce((text, part, index) => text + rendered(values[index - 1]) + part) };
}

export function textOf(markup: Html): string {
  return markup[TRUSTED];
}

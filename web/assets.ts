/**
 * # The files a page may load: a fixed list
 *
 * Read once, at creation. An address carries a digest of the content, so a browser keeps a file for good and still gets
 * the new one after an update. A name that is not in the list is no asset, whatever it spells.
 */

import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { HttpAnswer } from "../runtime/http/answer.ts";

const CSS = "text/css; charset=utf-8";
const SCRIPT = "text/javascript; charset=utf-8";

const FILES = [
  { name: "frame.css", from: "./assets/frame.css", contentType: CSS },
  { name: "list.css", from: "./assets/list.css", contentType: CSS },
  { name: "group.css", from: "./assets/group.css", contentType: CSS },
  { name: "cards.css", from: "./assets/cards.css", contentType: CSS },
  { name: "page.js", from: "./assets/page.js", contentType: SCRIPT },
  { name: "chart.js", from: "./assets/chart.js", contentType: SCRIPT },
  { name: "favicon.svg", from: "./assets/favicon.svg", contentType: "image/svg+xml" },
  { name: "uplot.css", from: "../node_modules/uplot/dist/uPlot.min.css", contentType: CSS },
  {
    name: "uplot.js",
    from: "../node_modules/uplot/dist/uPlot.iife.min.js",
    contentType: SCRIPT,
  },
] as const;

export type AssetName = (typeof FILES)[number]["name"];

export interface Assets {
  readonly href: (name: AssetName) => string;
  /** Undefined where no asset has this name. */
  readonly answer: (name: string, query: URLSearchParams) => HttpAnswer | undefined;
}

export function loadAssets(): Assets {
  const files = FILES.map(({ name, from, contentType }) => {
    const body = readFileSync(new URL(from, import.meta.url));
    return { name, contentType, body, href: `/assets/${name}?v=${digestOf(body)}`, digest: digestOf(body) };
  });
  const hrefs = new Map<AssetName, string>(files.map(({ name, href }) => [name, href]));
  return {
    href: (name) => hrefs.get(name) ?? "",
    answer: (name, query) => {
      const file = files.find((one) => one.name === name);
      if (file === undefined) return undefined;
      const lasting = query.get("v") === file.digest;
      const cacheControl = lasting ? "public, max-age=31536000, immutable" : "no-cache";
      return {
        status: 200,
        contentType: file.contentType,
        body: file.body,
        headers: { "cache-control": cacheControl },
      };
    },
  };
}

function digestOf(body: Uint8Array): string {
  return createHash("sha256").update(body).digest("base64url").slice(0, 12);
}

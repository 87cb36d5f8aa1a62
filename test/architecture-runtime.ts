/** # Which folder may import what: the rows of the process and of the page */

/** As in architecture-rows.ts, which these are a part of. */
export const RUNTIME_ROWS: readonly {
  readonly path: string;
  readonly purpose: string;
  readonly imports: readonly string[];
}[] = [
  {
    path: "web/assets.ts",
    purpose: "the fixed list of files a page may load",
    imports: ["node:crypto", "node:fs", "runtime/http/answer.ts"],
  },
  {
    path: "web",
    purpose: "the status page",
    imports: ["collector/model", "runtime/error.ts", "runtime/http/answer.ts", "shipper/schema"],
  },
  { path: "runtime/error.ts", purpose: "whatever was caught, as an Error", imports: [] },
  { path: "runtime/http/answer.ts", purpose: "requests and answers as handlers see them", imports: [] },
  {
    path: "runtime",
    purpose: "process plumbing without one domain word",
    imports: [
      "fastest-levenshtein",
      "node:crypto",
      "node:fs",
      "node:http",
      "node:https",
      "node:net",
      "node:stream",
      "node:stream/promises",
      "node:timers/promises",
      "node:tls",
      "node:zlib",
      "pino",
      "re2js",
      "yaml",
      "zod",
    ],
  },
];

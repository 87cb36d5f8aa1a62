/** # Which folder may import what: the rows of Burrow as a source, and beside us */

/** As in architecture-rows.ts, which these are a part of. */
export const BURROW_ROWS: readonly {
  readonly path: string;
  readonly purpose: string;
  readonly imports: readonly string[];
}[] = [
  {
    path: "collector/burrow",
    purpose: "an existing Burrow as the source",
    imports: [
      "collector/model",
      "collector/config.ts",
      "collector/ingest",
      "collector/security/certificates.ts",
      "node:http",
      "node:https",
      "runtime",
      "zod",
    ],
  },
  { path: "collector/burrow/answers.ts", purpose: "what a Burrow answers, as schemas", imports: ["zod"] },
  {
    path: "collector/burrow/told-windows.ts",
    purpose: "what is new in the windows that a Burrow tells",
    imports: [
      "collector/model",
      "collector/burrow/answers.ts",
      "collector/burrow/remembered-window.ts",
      "collector/burrow/told-owners.ts",
      "collector/ingest",
    ],
  },
  {
    path: "collector/burrow/remembered-window.ts",
    purpose: "a window from one round to the next",
    imports: ["collector/burrow/answers.ts"],
  },
  {
    path: "collector/burrow/told-owners.ts",
    purpose: "owners that a Burrow tells",
    imports: ["collector/model", "collector/burrow/answers.ts"],
  },
  {
    path: "collector/burrow/told-ends.ts",
    purpose: "end offsets from what a Burrow tells",
    imports: ["collector/burrow/answers.ts"],
  },
  {
    path: "collector/burrow/tell-ends.ts",
    purpose: "end offsets to the observer",
    imports: ["collector/model", "collector/burrow/told-ends.ts"],
  },
  {
    path: "collector/burrow/seen.ts",
    purpose: "what of a Burrow's lists was seen before",
    imports: ["collector/burrow/told-windows.ts"],
  },
  {
    path: "test/burrow",
    purpose: "a stand-in for Burrow, and the source on it",
    imports: ["collector", "node:http", "node:https", "runtime", "test/real/until.ts"],
  },
  {
    path: "test/real/shadow",
    purpose: "a real Burrow beside us",
    imports: [
      "collector/evaluate",
      "collector/model",
      "kafkajs",
      "node:fs",
      "node:fs/promises",
      "node:path",
      "node:timers/promises",
      "node:util",
      "simulator/world/random.ts",
      "test/real",
      "zod",
    ],
  },
];

/** # Which folder may import what: the rows of the failures */

/** As in architecture-rows.ts, which these are a part of. */
export const FAILURE_ROWS: readonly {
  readonly path: string;
  readonly purpose: string;
  readonly imports: readonly string[];
}[] = [
  { path: "test/failures/failures.ts", purpose: "what may fail, and which test shows it", imports: ["test/failures"] },
  { path: "test/failures/store-failures.ts", purpose: "what may fail around the shipper", imports: [] },
  {
    path: "test/failures",
    purpose: "each failure of the table, one test each",
    imports: [
      "cli",
      "collector",
      "pino",
      "runtime",
      "shipper",
      "simulator",
      "test/real/until.ts",
      "test/simulated",
      "test/stores",
      "yaml",
    ],
  },
];

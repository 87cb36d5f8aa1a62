/** The level of a logger while it runs. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { createLogger, setLogLevel } from "./logger.ts";

test("a level that is set counts for the logger and for all that were made of it", () => {
  const lines: string[] = [];
  const logger = createLogger("info", { write: (line) => void lines.push(line) });
  const child = logger.child({ cluster: "c" });
  const grandchild = child.child({ path: "p" });
  const say = () => {
    for (const one of [logger, child, grandchild]) one.debug("said");
    return lines.splice(0).length;
  };
  assert.equal(say(), 0);
  setLogLevel(logger, "debug");
  assert.equal(say(), 3);
  setLogLevel(logger, "error");
  assert.equal(say(), 0);
});

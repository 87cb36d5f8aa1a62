/** Two observers side by side: what counts as equal, as settled, and as a difference. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { possibleVerdicts } from "./rules.ts";
import { createTally, type Verdicts } from "./tally.ts";

const window = [
  { offset: 1, timestamp: 1_000, lag: 4 },
  { offset: 1, timestamp: 2_000, lag: 5 },
];

function verdicts(status: "OK" | "STOP", lag = 4): Verdicts {
  const partition = { status, currentLag: 4, complete: 1, window: window.map((one) => ({ ...one, lag })) };
  return new Map([["g", { status: status === "OK" ? "OK" : "ERR", partitions: new Map([["t/0", partition]]) }]]);
}

test("a difference that ends within the grace is settled, one that lasts is told with its reason", () => {
  const tally = createTally({ graceMs: 2_000 });
  tally.look(0, verdicts("OK"), verdicts("STOP"));
  tally.look(2_000, verdicts("OK"), verdicts("STOP"));
  tally.look(3_000, verdicts("STOP"), verdicts("STOP"));
  for (const atMs of [10_000, 11_000, 12_001]) tally.look(atMs, verdicts("STOP", 3), verdicts("OK"));
  const { looks, pairs, equal, settled, lasting } = tally.report();
  assert.deepEqual([looks, pairs, equal, settled], [6, 12, 2, 2]);
  assert.deepEqual(
    lasting.map(({ name, cause, ours, theirs, forMs }) => [name, cause, ours, theirs, forMs]),
    [
      ["g", "of_partitions", "ERR", "OK", 2_001],
      ["g t/0", "lags", "STOP", "OK", 2_001],
    ],
  );
});

test("a group that one alone lists is a difference of the group", () => {
  const tally = createTally({ graceMs: 0 });
  tally.look(0, verdicts("OK"), new Map());
  tally.look(1, verdicts("OK"), new Map());
  assert.deepEqual(
    tally.report().lasting.map(({ name, cause, theirs }) => [name, cause, theirs]),
    [["g", "group", "absent"]],
  );
});

test("on a window without its end offsets a silence is a STOP or what comes behind it", () => {
  assert.deepEqual([...possibleVerdicts({ window, currentLag: 4 }, 60_000)], ["STOP", "STALL"]);
  assert.deepEqual([...possibleVerdicts({ window, currentLag: 4 }, 2_500)], ["STALL"]);
  assert.deepEqual([...possibleVerdicts({ window, currentLag: 0 }, 60_000)], ["OK"]);
  assert.deepEqual([...possibleVerdicts({ window: [], currentLag: 0 }, 60_000)], ["OK"]);
});

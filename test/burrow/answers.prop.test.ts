/** Whatever comes as an answer, it is read or refused, and nothing is thrown. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import {
  ConsumersAnswer,
  DetailAnswer,
  EndsAnswer,
  ModuleAnswer,
  TopicsAnswer,
} from "../../collector/burrow/answers.ts";

const cell = fc.oneof(
  fc.constant(null),
  fc.record({ offset: fc.anything(), timestamp: fc.anything(), observedAt: fc.anything(), lag: fc.anything() }),
  fc.record({
    offset: fc.double(),
    timestamp: fc.double(),
    observedAt: fc.double(),
    lag: fc.option(fc.double(), { nil: null }),
  }),
);
const partition = fc.record({
  offsets: fc.oneof(fc.array(cell), fc.anything()),
  owner: fc.oneof(fc.string(), fc.anything()),
  client_id: fc.string(),
  "current-lag": fc.oneof(fc.nat(), fc.anything()),
});
const detail = fc.record({
  topics: fc.oneof(fc.dictionary(fc.string(), fc.oneof(fc.array(partition), fc.anything())), fc.anything()),
});

test("no answer is thrown at, whatever is in it; what is read is exact or NaN", () => {
  fc.assert(
    fc.property(fc.oneof(detail, fc.anything()), (body) => {
      for (const schema of [ConsumersAnswer, EndsAnswer, ModuleAnswer, TopicsAnswer]) schema.safeParse(body);
      const { data } = DetailAnswer.safeParse(body);
      for (const partitions of data?.topics.values() ?? [])
        for (const { commits, currentLag } of partitions)
          for (const number of [
            currentLag,
            ...commits.flatMap((commit) => [commit.committedOffset, commit.observedAtMs]),
          ])
            assert.ok(Number.isNaN(number) || Number.isSafeInteger(number));
    }),
    { numRuns: 500 },
  );
});

test("one partition that cannot be read is said with its topic", () => {
  const { error } = DetailAnswer.safeParse({ topics: { good: [], bad: [{ offsets: 7 }] } });
  assert.match(error?.issues[0]?.message ?? "", /^topic bad: /);
});

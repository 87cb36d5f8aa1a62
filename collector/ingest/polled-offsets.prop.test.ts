/** Polls of a cluster that goes on between them: after each, what was told adds up to what was answered, and nothing was made up. */

import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import type { Observer } from "../model/observation.ts";
import { createPolledOffsets } from "./polled-offsets.ts";

/** Committed offset by partition; undefined: none. */
const answer = fc.array(fc.option(fc.integer({ min: -1, max: 3 }), { nil: undefined }), { minLength: 4, maxLength: 4 });
const polls = fc.array(fc.record({ group: fc.constantFrom("a", "b"), offsets: answer, ends: fc.boolean() }));

/** What a listener knows that takes every word for true. */
function listener() {
  const known = new Map<string, number>();
  const heard = { commits: 0, boundsMissing: 0 };
  const names: string[] = [];
  const handleOf = (group: string, _: string, partition: number): number => {
    const name = `${group} ${partition}`;
    if (!names.includes(name)) names.push(name);
    return names.indexOf(name);
  };
  const observer: Observer = {
    handlesEpoch: 0,
    handleOf,
    findHandle: handleOf,
    commit: (handle, offset) => {
      known.set(names[handle] ?? "", offset);
      heard.commits += 1;
      heard.boundsMissing += 1;
    },
    observe: (one) => {
      if (one.kind === "baseline")
        for (const { partition, committedOffset } of one.offsets)
          known.set(`${one.group} ${partition}`, committedOffset);
      if (one.kind === "commit-bounds") heard.boundsMissing -= one.handles.length;
      if (one.kind === "offset-tombstone") known.delete(names[one.handle] ?? "");
    },
  };
  return { observer, known, heard };
}

test("what is told adds up to the answers, a commit for each change and none else, each with its bound", () => {
  fc.assert(
    fc.property(polls, (all) => {
      const { observer, known, heard } = listener();
      const polled = createPolledOffsets({ observer, partitionsMax: 1_000 });
      const truth = new Map<string, Map<number, number>>();
      let changes = 0;
      all.forEach(({ group, offsets, ends }, order) => {
        const now = new Map(
          offsets.flatMap((offset, partition) => (offset === undefined || offset < 0 ? [] : [[partition, offset]])),
        );
        const before = truth.get(group);
        if (before !== undefined && !ends)
          for (const [partition, offset] of now) if (before.get(partition) !== offset) changes += 1;
        if (ends) {
          polled.end(group, order);
          truth.delete(group);
        } else {
          const some = offsets.flatMap((committedOffset, partition) =>
            committedOffset === undefined ? [] : [{ topic: "t", partition, committedOffset }],
          );
          polled.take({ group, logPartition: 0, askedAtMs: order, answeredAtMs: order, order, offsets: some });
          truth.set(group, now);
        }
        const held = [...truth].flatMap(([name, one]) =>
          [...one].map(([partition, offset]) => [`${name} ${partition}`, offset]),
        );
        assert.deepEqual(Object.fromEntries(known), Object.fromEntries(held));
      });
      assert.equal(heard.commits, changes);
      assert.equal(heard.boundsMissing, 0);
    }),
  );
});

/**
 * The same population judged by both sources: where they differ, and at how many of 151 ticks, is what docs/sources.md says. Ticks
 * before the first move that polls can see have no polled verdict and are not counted.
 */

import assert from "node:assert/strict";
import { test } from "node:test";
import { judgeBoth } from "./source-differences.fixture.ts";

const all = judgeBoth().filter(({ polled }) => polled !== "none");

/** Ticks by script and pair of verdicts, the topic's first. */
const WANTED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  "keeps up": { "OK OK": 149 },
  "falls behind": { "OK OK": 39, "OK WARN": 110 },
  stops: { "OK OK": 38, "STOP STOP": 111 },
  stalls: { "OK OK": 34, "STALL OK": 4, "STALL STOP": 111 },
  "goes back": { "OK OK": 29, "REWIND OK": 1, "REWIND REWIND": 3, "OK REWIND": 6, "OK WARN": 110 },
  "one record a minute": { "OK OK": 144 },
  "one record a minute, and stops": { "OK OK": 38, "STOP OK": 10, "STOP STOP": 96 },
};

test("both sources judge a scripted population; where they differ is known, and how often", () => {
  const pairs: Record<string, Record<string, number>> = {};
  for (const { group, topic, polled } of all) {
    const pair = `${topic} ${polled}`;
    const own = { ...pairs[group] };
    own[pair] = (own[pair] ?? 0) + 1;
    pairs[group] = own;
  }
  assert.deepEqual(pairs, WANTED);
});

test("who keeps up is never in trouble, and polling never says STALL", () => {
  const well = all.filter(({ group }) => group === "keeps up" || group === "one record a minute");
  assert.ok(well.every(({ polled }) => polled === "OK"));
  assert.ok(all.every(({ polled }) => polled !== "STALL"));
});

test("what the topic calls STOP or STALL, polling calls STOP before two minutes are over", () => {
  for (const group of ["stops", "stalls", "one record a minute, and stops"]) {
    const own = all.filter((one) => one.group === group);
    const told = own.find(({ topic }) => topic === "STOP" || topic === "STALL")?.s ?? Number.NaN;
    const seen = own.find(({ polled }) => polled === "STOP")?.s ?? Number.NaN;
    assert.ok(seen - told <= 120, `${group}: ${told} and ${seen}`);
  }
});

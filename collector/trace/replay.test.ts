/** A trace is judged by its own clock; what cannot be read ends it or is counted; what it answers is what changed. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { TraceError } from "./replay.ts";
import {
  at,
  commitLine,
  endLine,
  GRID_MS,
  groupLine,
  HEADER,
  INTERVAL_MS,
  replayed,
  rounds,
  statusesOf,
  topicLine,
} from "./trace.fixture.ts";

const quiet = [HEADER, topicLine(0), ...rounds(0, 200)];

test("a group that keeps up is OK from its first tick on, and told once", () => {
  const { answers, summary } = replayed(quiet);
  assert.deepEqual(statusesOf(answers), [[10, "OK"]]);
  assert.deepEqual(summary, { ticks: 21, groups: 1, lines: quiet.length, skipped: {} });
});

test("a group that stops is ERR as soon as it is silent for longer than its window spans, and OK when it is back", () => {
  const silent = Array.from({ length: 20 }, (_, i) => endLine(210 + i * 10, 1_000));
  const { answers } = replayed([...quiet, ...silent, ...rounds(410, 600)]);
  assert.deepEqual(statusesOf(answers), [
    [10, "OK"],
    [300, "ERR"],
    [420, "OK"],
  ]);
  const bad = answers[1]?.partitions.map(({ topic, partition, status }) => [topic, partition, status]);
  assert.deepEqual(bad, [["t", 0, "STOP"]]);
});

test("a partition that is committed again and again at the same offset is STALL", () => {
  const { answers } = replayed([HEADER, topicLine(0), ...rounds(0, 100), ...rounds(110, 300, { stuckAt: 150 })]);
  assert.equal(answers.at(-1)?.partitions[0]?.status, "STALL");
});

test("a tick sees every line up to its own time, and none after it", () => {
  const before = [HEADER, topicLine(0), endLine(0, 100), commitLine(5, 100)];
  const lagAt = (line: object) => {
    const { answers } = replayed([...before, line, endLine(11, 500)], { everyTick: true });
    return answers.map((answer) => ("lag" in answer ? answer.lag : undefined));
  };
  assert.deepEqual(lagAt(endLine(10, 140)), [40]);
  assert.deepEqual(lagAt({ ...endLine(10, 140), t: at(10) + 1 }), [0]);
});

test("the last moment of a trace is judged where it is a grid time", () => {
  const lines = [HEADER, topicLine(0), endLine(0, 1), commitLine(1, 1)];
  assert.equal(replayed([...lines, endLine(10, 1)]).summary.ticks, 2);
  assert.equal(replayed([...lines, endLine(9, 1)]).summary.ticks, 1);
});

test("every tick of every group is answered where asked for", () => {
  const { answers } = replayed(quiet, { everyTick: true });
  assert.deepEqual(
    answers.map(({ t }) => (t - GRID_MS) / INTERVAL_MS),
    Array.from({ length: 20 }, (_, i) => i + 1),
  );
});

test("a partition that does not answer is stale, and so is one of which nothing is written for long", () => {
  const noAnswer = { t: at(205), topic: "t", partition: 0, unavailable: "no-leader" };
  const { answers } = replayed([...quiet, noAnswer, ...rounds(220, 240), commitLine(280, 340)]);
  assert.deepEqual(statusesOf(answers), [
    [10, "OK"],
    [210, "stale"],
    [220, "OK"],
    [260, "stale"],
  ]);
});

test("a reason of somebody else's is an error like any other; unauthorised is its own word", () => {
  const lines = (unavailable: string) => [
    ...quiet,
    { t: at(205), topic: "t", partition: 0, unavailable },
    endLine(211, 1),
  ];
  assert.equal(replayed(lines("moon phase")).answers.at(-1)?.status, "stale");
  assert.equal(replayed(lines("unauthorised")).answers.at(-1)?.status, "unauthorised");
});

test("a partition of the offsets topic that does not answer makes its groups stale until it does", () => {
  const logs = { ...HEADER, log_partitions: 1 };
  const [, ...lines] = quiet;
  const away = [
    { t: at(205), log: 0, unavailable: "no-leader" },
    ...rounds(210, 220),
    { t: at(225), log: 0 },
    ...rounds(230, 240),
  ];
  assert.deepEqual(statusesOf(replayed([logs, ...lines, ...away]).answers), [
    [10, "OK"],
    [210, "stale"],
    [230, "OK"],
  ]);
});

test("a group whose offsets are removed is gone, once", () => {
  const tombstone = { t: at(205), group: "g", topic: "t", partition: 0, commit: null, order: 300 };
  const { answers } = replayed([...quiet, tombstone, endLine(220, 500)]);
  assert.deepEqual(statusesOf(answers), [
    [10, "OK"],
    [210, "NOTFOUND"],
  ]);
});

test("a group that is Dead is gone with its offsets, and may come again", () => {
  const dead = { t: at(205), group: "g", state: "Dead", type: "classic", generation: 0, members: [] };
  const { answers } = replayed([...quiet, groupLine(202), dead, endLine(211, 500), ...rounds(220, 240)]);
  assert.deepEqual(statusesOf(answers), [
    [10, "OK"],
    [210, "NOTFOUND"],
    [230, "OK"],
  ]);
});

test("what is committed without a time is the present, and no part of a window", () => {
  const offsets = {
    t: at(1),
    group: "g",
    offsets: [
      ["t", 0, 40],
      ["t", 1, 100],
    ],
  };
  const ends = [endLine(0, 100), endLine(0, 100, { partition: 1 })];
  const { answers } = replayed([
    HEADER,
    topicLine(0, 2),
    ...ends,
    offsets,
    ...ends.map((one) => ({ ...one, t: at(10) })),
  ]);
  assert.deepEqual(
    answers.map(({ status, burrow_status, partitions }) => [
      status,
      burrow_status,
      partitions.map((one) => one.partition),
    ]),
    [["ERR", "NOTFOUND", [0]]],
  );
});

test("members own partitions, and a group without a member list is listed alone", () => {
  const listed = { t: at(202), group: "other", state: "Stable", type: "classic", protocol: "connect" };
  const { answers } = replayed(
    [...quiet, groupLine(201), listed, endLine(211, 311), commitLine(212, 300), endLine(220, 320)],
    {
      everyTick: true,
    },
  );
  assert.deepEqual(new Set(answers.map(({ group }) => group)), new Set(["g"]));
  const last = answers.at(-1);
  assert.ok(last !== undefined && "members" in last && "state" in last);
  assert.deepEqual([last.members, last.state], [1, "Stable"]);
});

test("a topic made again in the same moment starts anew", () => {
  const again = [
    { ...topicLine(205), partitions: 0 },
    { ...topicLine(205), id: "id-2" },
    endLine(206, 3),
    commitLine(207, 3),
  ];
  const { answers } = replayed([...quiet, ...again, endLine(211, 3)], { everyTick: true });
  const last = answers.at(-1);
  assert.ok(last !== undefined && "lag" in last);
  assert.deepEqual([last.status, last.lag], ["OK", 0]);
});

test("a clock that goes back in a trace is held, and no grid time comes twice", () => {
  const { summary } = replayed([...quiet, endLine(150, 1), commitLine(151, 250), endLine(210, 1)]);
  assert.equal(summary.ticks, 22);
});

test("a silence is judged tick by tick, but not for ever", () => {
  const [day, year] = [86_400, 365 * 86_400];
  const silence = (s: number) => replayed([...quiet, endLine(201 + s, 1)]).summary;
  assert.deepEqual([silence(day).ticks, silence(day).skipped], [21 + 8_640, {}]);
  assert.deepEqual([silence(year).ticks, silence(year).skipped], [21 + 8_640, { silent_tick: 364 * 8_640 }]);
});

const header = JSON.stringify(HEADER);
const faults: readonly (readonly [name: string, lines: readonly string[], says: RegExp])[] = [
  ["no header", ['{"t":1,"log":1}'], /t\.ndjson, line 1, member "trace": a trace begins with a header/],
  ["nothing", [], /a trace begins with a header/],
  ["no JSON", [header, "", "{"], /t\.ndjson, line 3: not JSON/],
  ["a wrong member", [header, '{"t":1,"log":-1}'], /t\.ndjson, line 2, member "log": /],
  ["another cluster", [header, '{"trace":1,"cluster":"d","interval_ms":1000}'], /line 2, member "cluster": .* of "c"/],
];
for (const [name, lines, says] of faults)
  test(`refused, with line and member: ${name}`, () => {
    assert.throws(
      () => replayed(lines),
      (thrown) => thrown instanceof TraceError && says.test(thrown.message),
    );
  });

test("what cannot be read is counted where asked to be lenient; what is unknown always", () => {
  const odd = ["{", '{"t":1,"log":-1}', '{"t":1,"future":1}', '{"t":1,"log":1,"a":1,"b":2}'];
  assert.throws(() => replayed([...quiet, ...odd]), TraceError);
  const { summary, answers } = replayed([...quiet, ...odd], { lenient: true });
  assert.deepEqual(summary.skipped, { unreadable: 2, unknown_kind: 1, unknown_member: 2 });
  assert.deepEqual(answers, replayed(quiet).answers);
});

test("files of one cluster may be joined, and lines that come twice change nothing", () => {
  const joined = replayed([...quiet, ...quiet.slice(0, 2), ...rounds(200, 300)]);
  assert.deepEqual(joined.answers, replayed([...quiet, ...rounds(210, 300)]).answers);
});

test("truth and deploys are no part of what is judged", () => {
  const labels = [
    { t: at(0), truth: { group: "g", cause: "stopped", from: at(0) } },
    { t: at(0), group: "g", deploy: "v2" },
  ];
  const [head, topic, ...rest] = quiet;
  assert.ok(head !== undefined && topic !== undefined);
  assert.deepEqual(replayed([head, topic, ...labels, ...rest]).answers, replayed(quiet).answers);
});

/** Configurations of topics: limits and none, topics that are hidden, new ones, and brokers that are away. */

import assert from "node:assert/strict";
import { test } from "node:test";
import type { Observation, TopicConfig } from "../model/observation.ts";
import type { DescribeConfigsRequest, DescribeConfigsResponse } from "../protocol/describe-configs.ts";
import { configOf, createConfigPoll } from "./config-poll.ts";
import type { CallOutcome } from "./link.ts";
import { EMPTY_TOPOLOGY } from "./topology.ts";

const DAY_MS = 86_400_000;

const told: readonly (readonly [
  name: string,
  values: readonly [cleanup: string, ms: string, bytes: string, segmentBytes?: string],
  want: Omit<TopicConfig, "topic">,
])[] = [
  [
    "the defaults of a broker",
    ["delete", "604800000", "-1", "1073741824"],
    { deletes: true, retentionMs: 7 * DAY_MS, retentionBytes: undefined, segmentBytes: 1_073_741_824 },
  ],
  [
    "both limits, compacted as well",
    ["compact,delete", "0", "1000", "500"],
    { deletes: true, retentionMs: 0, retentionBytes: 1_000, segmentBytes: 500 },
  ],
  [
    "a topic that is only compacted",
    ["compact", "604800000", "-1", "500"],
    { deletes: false, retentionMs: 7 * DAY_MS, retentionBytes: undefined, segmentBytes: 500 },
  ],
  [
    "no policy at all",
    ["", "604800000", "-1", "500"],
    { deletes: false, retentionMs: 7 * DAY_MS, retentionBytes: undefined, segmentBytes: 500 },
  ],
  [
    "the largest number instead of none",
    ["delete", "9223372036854775807", "-1"],
    { deletes: true, retentionMs: undefined, retentionBytes: undefined, segmentBytes: undefined },
  ],
];
const KEYS = ["cleanup.policy", "retention.ms", "retention.bytes", "segment.bytes"];
const configsOf = (values: readonly (string | undefined)[]) =>
  new Map(values.flatMap((value, i) => (value === undefined ? [] : [[KEYS[i] ?? "", value] as const])));

for (const [name, values, want] of told) {
  test(`a configuration: ${name}`, () => assert.deepEqual(configOf("t", configsOf(values)), { topic: "t", ...want }));
}

test("a broker that leaves out a limit has not said that there is none", () => {
  assert.equal(configOf("t", new Map([["cleanup.policy", "delete"]])), undefined);
  assert.equal(
    configOf(
      "t",
      new Map([
        ["retention.ms", "1"],
        ["retention.bytes", "-1"],
      ]),
    ),
    undefined,
  );
});

type Answer = (request: DescribeConfigsRequest) => CallOutcome<DescribeConfigsResponse>;

const answering: Answer = ({ topics }) => ({
  kind: "answered",
  sentAtMs: 0,
  response: {
    throttleMs: 0,
    topics: topics.map((topic) => ({
      topic,
      error: topic === "hidden" ? 29 : topic === "gone" ? 3 : 0,
      configs: topic === "hidden" ? new Map() : configsOf(["delete", "1000", "-1", "500"]),
    })),
  },
});

/** Runs the actor for as many rounds as there are topologies and answers, one each. */
async function polled(rounds: readonly { readonly topics: readonly string[]; answer?: Answer; id?: string }[]) {
  const asked: (readonly string[])[] = [];
  const seen: Observation[] = [];
  const stop = new AbortController();
  let round = -1;
  const clock = { nowMs: () => 0, monotonicMs: () => Math.max(0, round) * 400 };
  const poll = createConfigPoll({
    link: {
      callAny: async (api, request) => {
        assert.equal(api.name, "DescribeConfigs");
        const { topics } = request as unknown as DescribeConfigsRequest;
        asked.push(topics);
        return (rounds[round]?.answer ?? answering)({ topics, keys: [] }) as CallOutcome<never>;
      },
    },
    keeper: {
      current: () => {
        round += 1;
        if (round >= rounds.length - 1) stop.abort();
        const { topics = [], id = "id" } = rounds[round] ?? {};
        return { ...EMPTY_TOPOLOGY, topics: topics.map((topic) => ({ topic, topicId: id, partitions: 1 })) };
      },
    },
    observer: { observe: (observation) => void seen.push(observation) },
    clock,
    everyMs: 1_000,
    lookMs: 0,
  });
  await poll.actor(stop.signal);
  const topics = seen.map((one) => (one.kind === "topic-configs" ? one.topics.map(({ topic }) => topic) : []));
  return { asked, told: topics, denied: poll.denied() };
}

test("each topic is asked for once, a new one when it is there, all again when it is time", async () => {
  const { asked } = await polled([
    { topics: ["a", "b"] },
    { topics: ["a", "b"] },
    { topics: ["a", "b", "c"] },
    { topics: ["a", "b", "c"] },
  ]);
  assert.deepEqual(asked, [["a", "b"], ["c"], ["a", "b", "c"]]);
});

test("a topic that was made again is another one", async () => {
  const { asked } = await polled([{ topics: ["a"] }, { topics: ["a"], id: "other" }, { topics: ["a"], id: "other" }]);
  assert.deepEqual(asked, [["a"], ["a"]]);
});

test("what is hidden from us is counted and not asked for again; who has just made a topic may know it later", async () => {
  const {
    asked,
    told: seen,
    denied,
  } = await polled([{ topics: ["a", "hidden", "gone"] }, { topics: ["hidden", "gone"] }]);
  assert.deepEqual(asked, [["a", "hidden", "gone"], ["gone"]]);
  assert.deepEqual([seen, denied], [[["a"]], 1]);
});

test("brokers that are away are asked again, those that do not know the request are not", async () => {
  const answer =
    (kind: "unreachable" | "unsupported"): Answer =>
    () => ({ kind, cause: new Error(kind) });
  const away = await polled([{ topics: ["a"], answer: answer("unreachable") }, { topics: ["a"] }]);
  assert.deepEqual([away.asked, away.told], [[["a"], ["a"]], [["a"]]]);
  const old = await polled([{ topics: ["a"], answer: answer("unsupported") }, { topics: ["a"] }]);
  assert.deepEqual([old.asked, old.told], [[["a"]], []]);
});

test("no more than 2,000 topics go into a request", async () => {
  const { asked } = await polled([{ topics: Array.from({ length: 4_500 }, (_, i) => `t${i}`) }]);
  assert.deepEqual(
    asked.map(({ length }) => length),
    [2_000, 2_000, 500],
  );
});

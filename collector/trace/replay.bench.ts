/**
 * # Benchmark: lines of a trace judged a second
 *
 * Text as it comes from a file, cut into lines, read, told to the state, judged every ten seconds of the trace, the answer
 * written down. Making the text is not part of the time. Commits and watermarks come every ten seconds; a tenth of the
 * group-partitions stands still.
 */

import { BURROW_RULES_DEFAULTS } from "../evaluate/burrow.ts";
import { BURROW_STORE_DEFAULTS } from "../window/burrow-store.ts";
import { createReplay } from "./replay.ts";
import { createLineSplitter } from "./split-lines.ts";

const START_MS = 1_790_000_000_000;
const INTERVAL_MS = 10_000;
const TOPICS = 25;
const CHUNK_CHARS = 1_048_576;

interface Population {
  readonly groups: number;
  readonly partitions: number;
  readonly lines: number;
}

console.table(
  [
    { groups: 20, partitions: 10, lines: 1_000_000 },
    { groups: 500, partitions: 40, lines: 3_000_000 },
    { groups: 5_000, partitions: 40, lines: 3_000_000 },
  ].map(measure),
);

function measure({ groups, partitions, lines }: Population) {
  let answers = 0;
  const strict = { store: BURROW_STORE_DEFAULTS, rules: BURROW_RULES_DEFAULTS, offsetRefreshMs: INTERVAL_MS };
  const write = (): void => {
    answers += 1;
  };
  const replay = createReplay({ source: "bench", strict, everyTick: false, lenient: false, write });
  const splitter = createLineSplitter(CHUNK_CHARS);
  const take = (text: string): number => {
    const beganMs = performance.now();
    for (let at = 0; at < text.length; at += CHUNK_CHARS)
      for (const line of splitter.push(text.slice(at, at + CHUNK_CHARS))) replay.take(line);
    return performance.now() - beganMs;
  };
  let ms = take(headOf(partitions));
  const roundLines = groups * partitions + TOPICS * partitions;
  for (let round = 0; round * roundLines < lines; round += 1) ms += take(roundOf({ groups, partitions }, round));
  const beganMs = performance.now();
  const summary = replay.finish();
  ms += performance.now() - beganMs;
  return {
    "group-partitions": groups * partitions,
    lines: summary.lines,
    ticks: summary.ticks,
    answers,
    "lines/s": Math.round((summary.lines / ms) * 1_000).toLocaleString("en"),
    "memory, MB": Math.round(process.memoryUsage().rss / 1e6),
  };
}

function headOf(partitions: number): string {
  const header = { trace: 1, cluster: "bench", interval_ms: INTERVAL_MS };
  const topics = Array.from({ length: TOPICS }, (_, i) => ({
    t: START_MS,
    topic: topicName(i),
    id: `${i}`,
    partitions,
  }));
  return textOf([header, ...topics]);
}

/** What ten seconds bring. */
function roundOf({ groups, partitions }: Omit<Population, "lines">, round: number): string {
  const t = START_MS + round * INTERVAL_MS;
  const lines: object[] = [];
  for (let topic = 0; topic < TOPICS; topic += 1)
    for (let partition = 0; partition < partitions; partition += 1)
      lines.push({ t, topic: topicName(topic), partition, end: 1_000 * (round + 1), start: 0, leader: 1 });
  for (let group = 0; group < groups; group += 1) {
    const at = t + Math.floor((group / groups) * INTERVAL_MS);
    const name = `payments-service-${group}`;
    const topic = topicName(group % TOPICS);
    for (let partition = 0; partition < partitions; partition += 1) {
      const commit = (partition + group) % 10 === 0 ? 10 : 1_000 * (round + 1);
      const order = round * partitions + partition;
      lines.push({ t: at, group: name, topic, partition, commit, at, order });
    }
  }
  return textOf(lines);
}

function topicName(topic: number): string {
  return `orders-topic-${topic}`;
}

function textOf(lines: readonly object[]): string {
  return lines.map((line) => `${JSON.stringify(line)}\n`).join("");
}

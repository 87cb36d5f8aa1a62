/**
 * # What is claimed of the whole, and what came of it
 *
 * Counts come from counts.ts, so that the table says what the tests do. `last` is what was measured, when, and on how busy a
 * machine; what was not run in full says so.
 */

import type { Counts } from "./counts.ts";
import { COUNTS } from "./counts.ts";
import { DISCARDS } from "./discards.ts";

export interface Claim {
  readonly id: string;
  readonly claim: string;
  readonly everyChange: string;
  readonly long: string;
  readonly last: string;
  /** Paths from the root; the first is what `npm test` runs. */
  readonly shownBy: readonly string[];
}

const NUMBER = new Intl.NumberFormat("en");

/** The two columns of counts, with their unit. */
function tried(counts: Counts, unit: string): Pick<Claim, "everyChange" | "long"> {
  const [everyChange = "", short = "", full = ""] = [counts.everyChange, counts.short, counts.full].map((count) =>
    NUMBER.format(count),
  );
  return { everyChange: `${everyChange} ${unit}`, long: `${short} / ${full} ${unit}` };
}

export const CLAIMS: readonly Claim[] = [
  {
    id: "R1",
    claim: "kill -9 at any moment: no acknowledged point is lost, none is there twice, the spool opens",
    ...tried(COUNTS.kills, "kills"),
    last: "2026-11-21, load 20: 500 kills in 1,119 s, 36,234 points, none lost or twice; 10,000 were not run",
    shownBy: ["shipper/faults/kill-loop.test.ts", "shipper/faults/kill-loop.long.test.ts"],
  },
  {
    id: "R2",
    claim: "killed at each system call that changes the spool's files, nothing acknowledged is lost",
    everyChange: "3 calls, and 3 in each of append, settle, dead letter and drop",
    long: "120 calls, and every call in each of the four",
    last: "2026-11-21, load 7: the short form, and each of the 774 calls of append; the rest of the long form was not run",
    shownBy: [
      "shipper/faults/syscall-faults.test.ts",
      "shipper/faults/store-kills.test.ts",
      "shipper/faults/syscall-faults.long.test.ts",
      "shipper/faults/store-kills.long.test.ts",
    ],
  },
  {
    id: "R3",
    claim: "EIO or ENOSPC at each of these calls: nothing acknowledged is lost, it goes on without a restart",
    everyChange: "6 calls, a disk that is full three times, one that is read-only",
    long: "240 calls, and 6 spells of 20",
    last: "2026-11-21, load 20: the spells, 6 of 6; the calls were not run in full",
    shownBy: [
      "shipper/faults/syscall-faults.test.ts",
      "shipper/faults/disk-full.test.ts",
      "shipper/faults/syscall-faults.long.test.ts",
    ],
  },
  {
    id: "R4",
    claim: "A damaged spool never stops us and never delivers an altered byte; what is lost is counted",
    ...tried(COUNTS.damagedFiles, "files"),
    last: "2026-11-21, load 20: 5,000 files in 224 s, 213,098 of 275,000 rows came through",
    shownBy: ["shipper/spool/damage.test.ts", "shipper/spool/damage.long.test.ts"],
  },
  {
    id: "R5",
    claim:
      "A store away at 5,000 points/s gets all, each point once: 300 MB of memory, 25 B a partition point, out at 200,000 points/s a core",
    ...tried(COUNTS.outageMinutes, "simulated minutes"),
    last: "2026-11-21, 60 minutes (a full day was not run), load 15: 19,080,000 points, 289 MB, 15.9 B, 159,916 points/s a core; 219,685 at load 11",
    shownBy: ["shipper/faults/outage.test.ts", "shipper/faults/outage.long.test.ts"],
  },
  {
    id: "R6",
    claim: "Beyond the cap the oldest is dropped, counted to the point; files stay within the cap and 8 MB",
    everyChange: "64 MB into 16 MB",
    long: "1 GB into 256 MB",
    last: "2026-11-21, load 21: 1 GB into 256 MB in 20 s, exact",
    shownBy: ["shipper/spool/cap.test.ts", "shipper/spool/cap.long.test.ts"],
  },
  {
    id: "R7",
    claim: "No input makes a decoder throw, hang, or allocate more than a multiple of it",
    everyChange: "5,000,000 inputs",
    long: "100,000,000 inputs",
    last: "passes with each change",
    shownBy: ["collector/protocol/fuzz.test.ts", "collector/protocol/fuzz.long.test.ts"],
  },
  {
    id: "R8",
    claim: "The spool does what its model says, crashes and damage included",
    ...tried(COUNTS.commandSequences, "sequences of up to 60 commands"),
    last: "2026-11-21, load 20: 5,000 sequences in 107 s, all agree; 50,000 were not run",
    shownBy: ["shipper/spool/store.prop.test.ts", "shipper/spool/store.long.test.ts"],
  },
  {
    id: "R9",
    claim: "Whatever a store answers, each point ends in one state; poison is found in 2 log2(n) + 1 requests",
    ...tried(COUNTS.answerScripts, "scripts"),
    last: "2026-11-21, load 4: 500,000 scripts in 46 s; each that refuses all was halted, and no other",
    shownBy: [
      "shipper/deliver/answers.prop.test.ts",
      "shipper/deliver/policy.prop.test.ts",
      "shipper/deliver/halt.prop.test.ts",
      "shipper/deliver/answers.long.test.ts",
    ],
  },
  {
    id: "R10",
    claim: "Names and integers come through every way out as they were; integers beyond 2^53 are refused and counted",
    ...tried(COUNTS.hostileNames, "names, 5 ways"),
    last: "2026-11-21, load 20: 1,000,000 in 914 s, all as they were",
    shownBy: ["test/claims/hostile.test.ts", "test/failures/names.test.ts", "test/claims/hostile.long.test.ts"],
  },
  {
    id: "R11",
    claim:
      "Eight things wrong with a network, in either direction, between us and a store or a collector: nothing is lost or there twice",
    everyChange: "16 of them",
    long: "all 48",
    last: "2026-11-21, load 14: 48 of 48, each in less than 2 s",
    shownBy: ["shipper/faults/network.test.ts", "shipper/faults/network.long.test.ts"],
  },
  {
    id: "R12",
    claim:
      "500 slow sockets that come back each second, and 1,000 requests a second: each is answered, the sockets are let go in 15 s, 50 MB of memory more at most, SIGTERM ends it with 0",
    ...tried(COUNTS.attackRequests, "requests"),
    last: "2026-11-21, load 4: 20,000 requests, p99 25 ms, 45 MB (at load 13 all answered, p99 5.2 s: who asks shares two busy cores); 300,000 were not run",
    shownBy: ["test/claims/attack.test.ts", "test/failures/api-slow.test.ts", "test/claims/attack.long.test.ts"],
  },
  {
    id: "R13",
    claim: "Memory does not rise with the hours",
    everyChange: "-",
    long: "10 hours of 50,000 series",
    last: "bench/RESULTS.md has the day of 100,000 series: 0.07 MB an hour",
    shownBy: ["test/soak/soak.long.test.ts"],
  },
  {
    id: "R14",
    claim:
      "Secrets refused on every road are in no log at trace level, metric, answer, spool, dead letter, word of a command or crash",
    everyChange: "14 secrets, two processes",
    long: "-",
    last: "passes with each change",
    shownBy: ["test/claims/secrets.test.ts", "test/failures/access.test.ts"],
  },
  {
    id: "R15",
    claim:
      "A wall clock that jumps by an hour or ten years, a machine that sleeps: one tick a grid time, no burst, none ahead of the clock, no deletion",
    everyChange: "7 jumps of the collector's clock, 5 of the shipper's",
    long: "-",
    last: "passes with each change. More than a day ahead is followed after ten minutes, and gone again only with a restart",
    shownBy: ["test/failures/clock.test.ts", "test/failures/numbers.test.ts", "shipper/faults/waiting.test.ts"],
  },
  {
    id: "R16",
    claim:
      "SIGTERM in each of six states ends with 0 in ten seconds; SIGKILL right after it: nothing acknowledged is lost",
    everyChange: "8 processes",
    long: "120 processes",
    last: "2026-11-21, load 17: 8 of 8; the long form was not run",
    shownBy: ["test/failures/shipper-signals.test.ts", "test/failures/shipper-signals.long.test.ts"],
  },
  {
    id: "R17",
    claim:
      "Three real brokers through restarts, moves and a topic made anew: numbers right soon after, no false verdict",
    everyChange: "-",
    long: "-",
    last: "in `npm run test:real`",
    shownBy: ["test/real/troubles.test.ts"],
  },
  {
    id: "R18",
    claim: "Real stores killed in their work: in the end each holds each point once",
    everyChange: "-",
    long: "-",
    last: "in `npm run test:real`, 60 s away",
    shownBy: ["test/real/elasticsearch/outage.test.ts"],
  },
  {
    id: "R19",
    claim: "Spool, decoders, answer policy and encoders: every branch is run by a test",
    everyChange: "-",
    long: "-",
    last: "2026-11-21, their own tests alone, as `--experimental-test-coverage` counts: 95.5 % of lines, 92.5 % of branches; no gate",
    shownBy: [],
  },
  {
    id: "R20",
    claim:
      "No silent drop: each statement that lets go of points is counted, and the accounts add up at every commit of every test",
    everyChange: `${DISCARDS.length} statements, every commit`,
    long: "-",
    last: "passes with each change",
    shownBy: ["test/claims/discards.test.ts", "test/conservation.test.ts"],
  },
];
